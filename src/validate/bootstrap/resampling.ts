import { assertInteger, assertNumber, assertOneOf } from '../../core/assert.js';
import type { SeededRandom } from '../../core/random.js';

/** How rows are drawn again: in blocks of random length (Politis and Romano 1994), in blocks of one length, or one by one. */
export type Resampling = 'stationary' | 'block' | 'independent';

const METHODS: readonly Resampling[] = ['stationary', 'block', 'independent'];

/**
 * Writes the rows of one resample: as many as `into` is long, from 0 to that length, exclusive.
 *
 * `stationary` begins a new block at a random row with probability `1 / blockLength` and goes on with the next row otherwise; `block` begins a
 * new one after every `blockLength` rows. Both go on with the first row after the last (circular), so that every row is equally likely.
 *
 * @param blockLength mean length of a block, at least 1; whole for `block`
 * @throws UsageError `INVALID_OPTION` for another method, `NOT_A_NUMBER`, `NOT_AN_INTEGER`, `OUT_OF_RANGE`
 */
export function resample(random: SeededRandom, method: Resampling, blockLength: number, into: Int32Array): void {
  checkResampling(method, blockLength);
  const { length } = into;
  const last = length - 1;
  const isFixed = method === 'block';
  const fresh = method === 'independent' ? 1 : 1 / blockLength;
  let row = 0;
  for (let i = 0; i < length; i++) {
    const begins = i === 0 || (isFixed ? i % blockLength === 0 : fresh === 1 || random.next() < fresh);
    row = begins ? random.int(0, last) : row === last ? 0 : row + 1;
    into[i] = row;
  }
}

/** Refuses a method, or a length of blocks, that draws nothing sensible. Throws what {@link resample} throws. */
export function checkResampling(method: Resampling, blockLength: number): void {
  assertOneOf('method', method, METHODS);
  if (method === 'block') assertInteger('blockLength', blockLength, { min: 1 });
  else assertNumber('blockLength', blockLength, { min: 1 });
}
