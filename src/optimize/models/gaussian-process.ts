import { exp, log } from '../../core/elementary.js';
import { factor, inverse, logDeterminant, rowStart, solveLower, solveUpper } from './cholesky.js';
import { minimize } from './lbfgs.js';
import { decay, matern52 } from './matern.js';

const ROOT5 = Math.sqrt(5);
/** Points that explain a variance before it is asked whether more need to. */
const ROWS_AT_ONCE = 32;
/** Points that there is room for at first. */
const FIRST_ROOM = 32;

/** Points and their values, as a model learns from them. */
export interface Observations {
  /** Features of point i from `i * kinds.length` on: numbers near [0, 1], or the place of a category. */
  readonly features: Float64Array;
  /** Of each feature: true when its values have no order. */
  readonly categorical: readonly boolean[];
  readonly values: Float64Array;
}

/** Logarithms of the length scales of the features, then that of the noise: its variance as a share of the signal's. */
export type Hyperparameters = Float64Array;

/** What a fit ended with. */
export interface Fitted {
  readonly hyperparameters: Hyperparameters;
  /** Minus the logarithm of likelihood times beliefs, constants left out; infinite where it is nowhere finite. */
  readonly loss: number;
}

/** What is believed of the hyperparameters beforehand: normal laws of their logarithms. */
export interface Beliefs {
  readonly scale: { readonly mean: number; readonly deviation: number };
  readonly noise: { readonly mean: number; readonly deviation: number };
}

/** Bounds of the logarithms. */
const SCALE_BOUNDS = [log(0.03), log(30)] as const;
const NOISE_BOUNDS = [log(1e-6), log(10)] as const;

/** Squared differences of every pair of points, feature by feature. */
function squaredDifferences({ features, categorical, values }: Observations): readonly Float64Array[] {
  const width = categorical.length;
  const pairs = rowStart(values.length);
  return categorical.map((isCategory, feature) => {
    const squares = new Float64Array(pairs);
    for (let i = 0, at = 0; i < values.length; i++) {
      const a = features[i * width + feature]!;
      for (let j = 0; j <= i; j++, at++) {
        const b = features[j * width + feature]!;
        squares[at] = isCategory ? (a === b ? 0 : 1) : (a - b) * (a - b);
      }
    }
    return squares;
  });
}

/**
 * Learns the hyperparameters of a Gaussian process by the likelihood of the values times the beliefs, mean and signal variance
 * profiled out (Rasmussen and Williams 2006, 5.4.1). Every start is climbed from with L-BFGS; the best end is returned.
 */
export class HyperparameterFit {
  readonly #size: number;
  readonly #width: number;
  readonly #values: Float64Array;
  readonly #squares: readonly Float64Array[];
  readonly #beliefs: Beliefs;
  readonly #matrix: Float64Array;
  readonly #slopes: Float64Array;
  readonly #inverse: Float64Array;
  readonly #work: Float64Array;
  readonly #alpha: Float64Array;
  readonly #ones: Float64Array;
  readonly #lower: number[];
  readonly #upper: number[];

  constructor(observations: Observations, beliefs: Beliefs) {
    const size = observations.values.length;
    this.#size = size;
    this.#width = observations.categorical.length;
    this.#values = observations.values;
    this.#squares = squaredDifferences(observations);
    this.#beliefs = beliefs;
    const pairs = rowStart(size);
    this.#matrix = new Float64Array(pairs);
    this.#slopes = new Float64Array(pairs);
    this.#inverse = new Float64Array(pairs);
    this.#work = new Float64Array(pairs);
    this.#alpha = new Float64Array(size);
    this.#ones = new Float64Array(size);
    this.#lower = [...Array(this.#width).fill(SCALE_BOUNDS[0]), NOISE_BOUNDS[0]];
    this.#upper = [...Array(this.#width).fill(SCALE_BOUNDS[1]), NOISE_BOUNDS[1]];
  }

  /** Returns the best hyperparameters found from the starts; the first start where the likelihood is nowhere finite. */
  from(starts: readonly Hyperparameters[], iterations: number): Fitted {
    let best = starts[0]!;
    let loss = Number.POSITIVE_INFINITY;
    for (const start of starts) {
      const x = start.slice();
      const value = minimize((point, gradient) => this.loss(point, gradient), x, {
        lower: this.#lower,
        upper: this.#upper,
        iterations,
        tolerance: 1e-3,
      });
      if (value < loss) {
        loss = value;
        best = x;
      }
    }
    return { hyperparameters: best, loss };
  }

  /** Returns minus the logarithm of likelihood times beliefs, constants left out, and writes its gradient. */
  loss(point: Hyperparameters, gradient: Float64Array): number {
    const size = this.#size;
    const width = this.#width;
    const matrix = this.#matrix;
    const slopes = this.#slopes;
    const noise = exp(point[width]!);
    matrix.fill(0);
    for (let feature = 0; feature < width; feature++) {
      const weight = exp(-2 * point[feature]!);
      const squares = this.#squares[feature]!;
      for (let at = 0; at < matrix.length; at++) matrix[at]! += weight * squares[at]!;
    }
    for (let i = 0, at = 0; i < size; i++, at++) {
      for (let j = 0; j < i; j++, at++) {
        const square = matrix[at]!;
        const r = ROOT5 * Math.sqrt(square);
        const falling = decay(r);
        matrix[at] = (1 + r + (5 / 3) * square) * falling;
        slopes[at] = (5 / 3) * (1 + r) * falling;
      }
      matrix[at] = 1 + noise;
      slopes[at] = 0;
    }
    if (!factor(matrix, size)) return Number.POSITIVE_INFINITY;
    const { variance } = profile(matrix, this.#values, this.#alpha, this.#ones);
    if (!(variance > 0)) return Number.POSITIVE_INFINITY;
    let loss = 0.5 * (size * log(variance) + logDeterminant(matrix, size, log));
    inverse(matrix, size, this.#inverse, this.#work);
    // What the likelihood gains with each entry of the matrix.
    const gains = this.#inverse;
    const alpha = this.#alpha;
    let diagonal = 0;
    for (let i = 0, at = 0; i < size; i++, at++) {
      const scaled = alpha[i]! / variance;
      for (let j = 0; j < i; j++, at++) gains[at] = (scaled * alpha[j]! - gains[at]!) * slopes[at]!;
      diagonal += scaled * alpha[i]! - gains[at]!;
      gains[at] = 0;
    }
    for (let feature = 0; feature < width; feature++) {
      const weight = exp(-2 * point[feature]!);
      const squares = this.#squares[feature]!;
      let sum = 0;
      for (let at = 0; at < gains.length; at++) sum += gains[at]! * squares[at]!;
      gradient[feature] = -weight * sum;
    }
    gradient[width] = -0.5 * noise * diagonal;
    for (let feature = 0; feature <= width; feature++) {
      const { mean, deviation } = feature === width ? this.#beliefs.noise : this.#beliefs.scale;
      const off = (point[feature]! - mean) / deviation;
      loss += 0.5 * off * off;
      gradient[feature]! += off / deviation;
    }
    return loss;
  }
}

/** Writes R^-1 (y - m) into `alpha` and R^-1 1 into `ones`, and returns the mean m and variance that make the values most likely. */
function profile(
  factored: Float64Array,
  values: Float64Array,
  alpha: Float64Array,
  ones: Float64Array,
): { readonly mean: number; readonly variance: number } {
  const { mean, variance } = whiten(factored, values, alpha, ones);
  solveUpper(factored, values.length, alpha);
  return { mean, variance };
}

/** The first half of {@link profile}: writes L^-1 (y - m) into `residuals` and L^-1 1 into `ones`. */
function whiten(
  factored: Float64Array,
  values: Float64Array,
  residuals: Float64Array,
  ones: Float64Array,
): { readonly mean: number; readonly variance: number } {
  const size = values.length;
  ones.fill(1);
  solveLower(factored, size, ones);
  residuals.set(values);
  solveLower(factored, size, residuals);
  let along = 0;
  let square = 0;
  for (let i = 0; i < size; i++) {
    along += ones[i]! * residuals[i]!;
    square += ones[i]! * ones[i]!;
  }
  const mean = along / square;
  let rest = 0;
  for (let i = 0; i < size; i++) {
    residuals[i]! -= mean * ones[i]!;
    rest += residuals[i]! * residuals[i]!;
  }
  return { mean, variance: rest / size };
}

/**
 * A Gaussian process with a Matérn 5/2 kernel: what it expects at a point, and how sure it is. It grows by points, a row of the
 * factor each, and learns the values of the first of them; points beyond those are believed to have the value that is expected there, so that
 * expectations stay and uncertainty around them goes (kriging believer, Ginsbourger, Le Riche and Carraro 2010).
 */
export class GaussianProcess {
  /** Variance of the noise as a share of the signal's. */
  readonly noise: number;
  readonly #width: number;
  readonly #categorical: readonly boolean[];
  readonly #hasCategories: boolean;
  readonly #weights: Float64Array;
  #features: Float64Array;
  #factor: Float64Array;
  #size = 0;
  #mean = 0;
  #variance = 1;
  #alpha = new Float64Array(0);
  #residuals = new Float64Array(0);

  constructor(categorical: readonly boolean[], hyperparameters: Hyperparameters) {
    const width = categorical.length;
    this.#width = width;
    this.#categorical = categorical;
    this.#hasCategories = categorical.includes(true);
    this.#weights = Float64Array.from({ length: width }, (_, feature) => exp(-2 * hyperparameters[feature]!));
    this.noise = exp(hyperparameters[width]!);
    this.#features = new Float64Array(FIRST_ROOM * width);
    this.#factor = new Float64Array(rowStart(FIRST_ROOM));
  }

  /** Number of points, those believed included. */
  get size(): number {
    return this.#size;
  }

  /** Number of features. */
  get width(): number {
    return this.#width;
  }

  /** Constant part of the expectation. */
  get mean(): number {
    return this.#mean;
  }

  /** Variance of the signal; the noise's comes on top. */
  get variance(): number {
    return this.#variance;
  }

  /** The values learned, less the mean, as solved by the factor: what a row of solved correlations is to be multiplied with. */
  get residuals(): Float64Array {
    return this.#residuals;
  }

  /**
   * Adds a point.
   *
   * @throws RangeError when the matrix of the points is no longer positive definite
   */
  add(point: Float64Array, offset = 0): void {
    const size = this.#size;
    const width = this.#width;
    const row = rowStart(size);
    if (row + size >= this.#factor.length) this.#reserve();
    this.#features.set(point.subarray(offset, offset + width), size * width);
    for (let j = 0; j < size; j++) this.#factor[row + j] = matern52(this.#squareBetween(offset, point, j));
    this.#factor[row + size] = 1 + this.noise;
    if (!factor(this.#factor, size + 1, size)) throw new RangeError('the points are too close for their noise');
    this.#size++;
  }

  #reserve(): void {
    const room = 2 * this.#size;
    const features = new Float64Array(room * this.#width);
    const factored = new Float64Array(rowStart(room));
    features.set(this.#features);
    factored.set(this.#factor);
    this.#features = features;
    this.#factor = factored;
  }

  /** Leaves out all points but the first ones. What was learned is to be learned anew where points with values go. */
  truncate(size: number): void {
    this.#size = Math.min(size, this.#size);
  }

  /** Learns the values of the first points. */
  learn(values: Float64Array): void {
    this.#residuals = new Float64Array(values.length);
    const { mean, variance } = whiten(this.#factor, values, this.#residuals, new Float64Array(values.length));
    this.#mean = mean;
    this.#variance = variance;
    this.#alpha = this.#residuals.slice();
    solveUpper(this.#factor, values.length, this.#alpha);
  }

  /**
   * Solves a row of the correlations of many points, the rows before of which are solved: writes into `row` what the process' point `index`
   * adds to what explains each of them. The sum of the squares of all rows is the share of the variance that is explained.
   */
  solveRow(index: number, points: Float64Array, rows: readonly Float64Array[], row: Float64Array): void {
    const width = this.#width;
    const count = row.length;
    for (let at = 0; at < count; at++) row[at] = matern52(this.#squareBetween(at * width, points, index));
    const start = rowStart(index);
    let k = 0;
    for (; k + 3 < index; k += 4) {
      const [a, b, c, d] = [rows[k]!, rows[k + 1]!, rows[k + 2]!, rows[k + 3]!];
      const ofA = this.#factor[start + k]!;
      const ofB = this.#factor[start + k + 1]!;
      const ofC = this.#factor[start + k + 2]!;
      const ofD = this.#factor[start + k + 3]!;
      for (let at = 0; at < count; at++) row[at]! -= ofA * a[at]! + ofB * b[at]! + (ofC * c[at]! + ofD * d[at]!);
    }
    for (; k < index; k++) {
      const a = rows[k]!;
      const ofA = this.#factor[start + k]!;
      for (let at = 0; at < count; at++) row[at]! -= ofA * a[at]!;
    }
    const pivot = this.#factor[start + index]!;
    for (let at = 0; at < count; at++) row[at]! /= pivot;
  }

  /** Returns what is expected at a point, and writes the correlations to the points into `correlations`, of {@link size} entries. */
  expect(point: Float64Array, correlations: Float64Array, offset = 0): number {
    const size = this.#size;
    if (this.#hasCategories) {
      for (let i = 0; i < size; i++) correlations[i] = matern52(this.#squareBetween(offset, point, i));
    } else {
      // The same sums with everything at hand: this loop takes most of a search's time.
      const width = this.#width;
      const features = this.#features;
      const weights = this.#weights;
      for (let i = 0, at = 0; i < size; i++) {
        let square = 0;
        for (let feature = 0; feature < width; feature++, at++) {
          const difference = point[offset + feature]! - features[at]!;
          square += weights[feature]! * difference * difference;
        }
        correlations[i] = matern52(square);
      }
    }
    const alpha = this.#alpha;
    let sum = this.#mean;
    for (let i = 0; i < alpha.length; i++) sum += correlations[i]! * alpha[i]!;
    return sum;
  }

  /**
   * Returns the variance of the signal at a point from what {@link expect} wrote, which is overwritten.
   *
   * @param isTooLittle asked now and then with a variance that the true one is not above: where that is too little already, it is returned.
   * The first points explain most where they fill the space. @defaultValue never
   */
  uncertainty(correlations: Float64Array, isTooLittle?: (most: number) => boolean): number {
    const size = this.#size;
    let explained = 0;
    for (let from = 0; ; ) {
      const to = isTooLittle === undefined ? size : Math.min(size, from + ROWS_AT_ONCE);
      solveLower(this.#factor, to, correlations, 0, from);
      for (let i = from; i < to; i++) explained += correlations[i]! * correlations[i]!;
      const variance = this.#variance * Math.max(1e-12, 1 - explained);
      if (to === size || isTooLittle?.(variance) === true) return variance;
      from = to;
    }
  }

  /**
   * Returns expectation and variance of the signal at a point, and writes how they change with each of its numeric features.
   * Derivatives by a category are 0.
   */
  slopes(point: Float64Array, ofMean: Float64Array, ofVariance: Float64Array): { mean: number; variance: number } {
    const size = this.#size;
    const width = this.#width;
    const correlations = new Float64Array(size);
    const steepness = new Float64Array(size);
    const observed = this.#alpha.length;
    let mean = this.#mean;
    for (let i = 0; i < size; i++) {
      const square = this.#squareBetween(0, point, i);
      const r = ROOT5 * Math.sqrt(square);
      const falling = decay(r);
      const correlation = (1 + r + (5 / 3) * square) * falling;
      correlations[i] = correlation;
      steepness[i] = (5 / 3) * (1 + r) * falling;
      if (i < observed) mean += correlation * this.#alpha[i]!;
    }
    const variance = this.uncertainty(correlations);
    solveUpper(this.#factor, size, correlations);
    ofMean.fill(0);
    ofVariance.fill(0);
    for (let i = 0; i < size; i++) {
      const at = i * width;
      const towardsMean = i < observed ? steepness[i]! * this.#alpha[i]! : 0;
      const towardsVariance = -2 * this.#variance * steepness[i]! * correlations[i]!;
      for (let feature = 0; feature < width; feature++) {
        const change = this.#features[at + feature]! - point[feature]!;
        ofMean[feature]! += towardsMean * change;
        ofVariance[feature]! += towardsVariance * change;
      }
    }
    for (let feature = 0; feature < width; feature++) {
      const weight = this.#categorical[feature] ? 0 : this.#weights[feature]!;
      ofMean[feature]! *= weight;
      ofVariance[feature]! *= weight;
    }
    return { mean, variance };
  }

  #squareBetween(offset: number, point: Float64Array, other: number): number {
    const width = this.#width;
    const at = other * width;
    const features = this.#features;
    const weights = this.#weights;
    let sum = 0;
    if (!this.#hasCategories) {
      for (let feature = 0; feature < width; feature++) {
        const difference = point[offset + feature]! - features[at + feature]!;
        sum += weights[feature]! * difference * difference;
      }
      return sum;
    }
    for (let feature = 0; feature < width; feature++) {
      const difference = point[offset + feature]! - features[at + feature]!;
      if (difference === 0) continue;
      sum += this.#categorical[feature] ? weights[feature]! : weights[feature]! * difference * difference;
    }
    return sum;
  }
}
