import { assertInteger } from '../../core/assert.js';
import { UsageError } from '../../core/errors.js';
import { SeededRandom } from '../../core/random.js';
import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { type Distribution, distributionOf } from './distribution.js';

/** What {@link randomEntry} returns. */
export interface RandomEntryTest {
  readonly runs: number;
  /** Spells: stretches of bars over which the same is held. */
  readonly spells: number;
  /** Mean return of a bar that something is held on, before costs, in the direction held. */
  readonly recorded: number;
  /** The same of the spells in random order. */
  readonly random: Distribution;
  /** Probability that a random order does as well. */
  readonly p: number;
}

/**
 * Tests whether the times of a rule's entries and exits matter: the spells over which it held something, and over which it held nothing, are put
 * into random orders. Each keeps its length and direction, and what was held together stays together, so that only the timing is lost. On a
 * market whose returns come in no order, p is uniform. Undefined where nothing is ever held, or the same all the time.
 *
 * @param returns of each asset by bar, from one fill price to the next, NaN where there is none
 * @param held direction of each asset's position over the same bars: -1, 0 or 1
 * @param options `runs`, @defaultValue 1000
 * @throws UsageError `UNEQUAL_SERIES` where assets or bars of the two differ, `INVALID_OPTION` for another direction
 */
export function randomEntry(
  returns: readonly ReadonlyFloat64Array[],
  held: readonly Int8Array[],
  options: { readonly seed: number; readonly runs?: number },
): RandomEntryTest | undefined {
  const { seed, runs = 1000 } = options;
  assertInteger('runs', runs, { min: 1 });
  const bars = returns[0]?.length ?? 0;
  checkHeld(returns, held, bars);
  // Sums of returns before each bar, so that a spell costs two readings.
  const before = returns.map((series) => {
    const sums = new Float64Array(bars + 1);
    for (let i = 0; i < bars; i++) sums[i + 1] = sums[i]! + (Number.isFinite(series[i]!) ? series[i]! : 0);
    return sums;
  });
  const spells = spellsOf(held, bars);
  const exposure = spells.reduce(
    (sum, { length, directions }) =>
      sum + length * directions.reduce((count, direction) => count + Math.abs(direction), 0),
    0,
  );
  if (exposure === 0 || spells.length < 2) return undefined;
  const meanOf = (order: readonly Spell[]): number => {
    let sum = 0;
    let from = 0;
    for (const { length, directions } of order) {
      for (let asset = 0; asset < directions.length; asset++) {
        const direction = directions[asset]!;
        if (direction !== 0) sum += direction * (before[asset]![from + length]! - before[asset]![from]!);
      }
      from += length;
    }
    return sum / exposure;
  };
  const recorded = meanOf(spells);
  const random = SeededRandom.derive(seed, 'random entry');
  const order = [...spells];
  const means: number[] = [];
  let reached = 0;
  for (let run = 0; run < runs; run++) {
    const mean = meanOf(random.shuffle(order));
    means.push(mean);
    // The same spells in another order of adding must not count as worse.
    if (mean >= recorded - 1e-15) reached++;
  }
  return {
    runs,
    spells: spells.length,
    recorded,
    random: distributionOf(means)!,
    p: (1 + reached) / (1 + runs),
  };
}

function checkHeld(returns: readonly ReadonlyFloat64Array[], held: readonly Int8Array[], bars: number): void {
  if (returns.length !== held.length) {
    throw new UsageError('UNEQUAL_SERIES', {
      message: `returns and held list the same assets, but have ${returns.length} and ${held.length} of them.`,
      details: { returns: returns.length, held: held.length },
    });
  }
  for (const [asset, directions] of held.entries()) {
    const { length } = returns[asset]!;
    if (length !== bars || directions.length !== bars) {
      throw new UsageError('UNEQUAL_SERIES', {
        message: `All assets have a return and a direction on every one of ${bars} bars, but asset ${asset} has ${length} returns and ${directions.length} directions.`,
        details: { asset, bars, returns: length, held: directions.length },
      });
    }
    const bar = directions.findIndex((direction) => Math.abs(direction) > 1);
    if (bar >= 0) {
      throw new UsageError('INVALID_OPTION', {
        message: `held is a direction, -1, 0 or 1, but ${directions[bar]} for asset ${asset} at bar ${bar}.`,
        details: { asset, bar, direction: directions[bar] },
      });
    }
  }
}

interface Spell {
  readonly length: number;
  /** By asset. */
  readonly directions: readonly number[];
}

function spellsOf(held: readonly Int8Array[], bars: number): Spell[] {
  const spells: Spell[] = [];
  let from = 0;
  for (let bar = 1; bar <= bars; bar++) {
    if (bar < bars && held.every((directions) => directions[bar] === directions[from])) continue;
    spells.push({ length: bar - from, directions: held.map((directions) => directions[from]!) });
    from = bar;
  }
  return spells;
}
