/** Slots kept free: a table more than half full is doubled. */
const FULLEST = 0.5;

/**
 * Remembers which trial first had a parameter set, by 128 bits of its key: about 40 bytes a trial, and no two of a million sets
 * confused but once in 10^26 studies.
 */
export class PointIndex {
  #slots = new Uint32Array(5 * 64);
  #size = 0;

  /** Points remembered. */
  get size(): number {
    return this.#size;
  }

  /** Returns the lowest trial number that was added with this key; undefined when none was. */
  get(key: string): number | undefined {
    const at = this.#find(hashOf(key));
    return this.#slots[at + 4] === 0 ? undefined : this.#slots[at + 4]! - 1;
  }

  /** Adds a trial, below 2^32 - 1; the lowest number of a key stays. */
  add(key: string, number: number): void {
    const hash = hashOf(key);
    const at = this.#find(hash);
    const present = this.#slots[at + 4]!;
    if (present !== 0) {
      if (number + 1 < present) this.#slots[at + 4] = number + 1;
      return;
    }
    this.#slots.set(hash, at);
    this.#slots[at + 4] = number + 1;
    if (++this.#size > (this.#slots.length / 5) * FULLEST) this.#grow();
  }

  #find(hash: Hash): number {
    const count = this.#slots.length / 5;
    for (let slot = hash[0] & (count - 1); ; slot = (slot + 1) & (count - 1)) {
      const at = slot * 5;
      if (this.#slots[at + 4] === 0) return at;
      if (this.#slots[at] === hash[0] && this.#slots[at + 1] === hash[1]) {
        if (this.#slots[at + 2] === hash[2] && this.#slots[at + 3] === hash[3]) return at;
      }
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 5) {
      if (old[at + 4] === 0) continue;
      const hash: Hash = [old[at]!, old[at + 1]!, old[at + 2]!, old[at + 3]!];
      this.#slots.set(old.subarray(at, at + 5), this.#find(hash));
    }
  }
}

type Hash = readonly [number, number, number, number];

/** Four lanes of multiply and rotate over the characters, each finished as MurmurHash3 (Appleby) finishes. */
function hashOf(key: string): Hash {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  let c = 0xc2b2ae35;
  let d = 0x27d4eb2f;
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
    c = Math.imul(c ^ code, 0x85ebca77) + a;
    d = Math.imul(d ^ code, 0x1b873593) + b;
    a = (a << 13) | (a >>> 19);
    b = (b << 17) | (b >>> 15);
  }
  return [finished(a ^ c), finished(b ^ d), finished(c + b), finished(d + a)];
}

function finished(lane: number): number {
  let bits = lane ^ (lane >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
