/** Eigenvalues of a symmetric matrix with the vectors that belong to them. */
export interface Eigen {
  /** In the order of the vectors; not sorted. */
  readonly values: Float64Array;
  /** Row-major; column k is the vector of value k, of length 1. */
  readonly vectors: Float64Array;
}

const SWEEPS = 60;

/**
 * Returns the eigenvalues and vectors of a symmetric matrix by Jacobi's rotations (1846): from + - * / and square roots alone, so with the
 * same bits everywhere, and accurate for small values beside large ones.
 *
 * @param matrix row-major, `size` by `size`; left as it is
 */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  const a = Float64Array.from(matrix);
  const vectors = new Float64Array(size * size);
  for (let row = 0; row < size; row++) vectors[row * size + row] = 1;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < size - 1; p++) {
      for (let q = p + 1; q < size; q++) {
        const off = a[p * size + q]!;
        // What is lost in the product of its diagonal is zero.
        if (Math.abs(off) <= 1e-17 * Math.sqrt(Math.abs(a[p * size + p]! * a[q * size + q]!))) continue;
        rotated = true;
        rotate(a, vectors, size, p, q);
      }
    }
    if (!rotated) break;
  }
  return { values: Float64Array.from({ length: size }, (_, row) => a[row * size + row]!), vectors };
}

/** Turns the plane of axes p and q so that the entry between them vanishes. */
function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const pq = a[p * size + q]!;
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * pq);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  for (let k = 0; k < size; k++) {
    const kp = a[k * size + p]!;
    const kq = a[k * size + q]!;
    a[k * size + p] = cosine * kp - sine * kq;
    a[k * size + q] = sine * kp + cosine * kq;
  }
  for (let k = 0; k < size; k++) {
    const pk = a[p * size + k]!;
    const qk = a[q * size + k]!;
    a[p * size + k] = cosine * pk - sine * qk;
    a[q * size + k] = sine * pk + cosine * qk;
    const vp = vectors[k * size + p]!;
    const vq = vectors[k * size + q]!;
    vectors[k * size + p] = cosine * vp - sine * vq;
    vectors[k * size + q] = sine * vp + cosine * vq;
  }
  a[p * size + q] = 0;
  a[q * size + p] = 0;
}
