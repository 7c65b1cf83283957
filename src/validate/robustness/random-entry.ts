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
  /** Mean return of a bar of an asset that is held, before costs, in the direction held. */
  readonly recorded: number;
  /** The same of the spells in random order. */
  readonly random: Distribution;
  /** Probability that a random order does as well. */
  readonly p: number;
}

/**
 * Tests whether the times of a rule's entries and exits matter: the spells over which it held something, and over which it held nothing, are put
 * into random orders. Each keeps its length and direction, and what was held together stays together, so that only the timing is lost. On a
 * market whose returns come in no order, p is uniform. A bar of which an asset has no return counts as none: means are over the bars that
 * assets have. Undefined where nothing is ever held on one, or the same all the time.
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
  // Sums of returns and counts of bars before each bar, so that a spell costs four readings.
  const sums = returns.map((series) => runningSums(series, (value) => (Number.isFinite(value) ? value : 0)));
  const counts = returns.map((series) => runningSums(series, (value) => (Number.isFinite(value) ? 1 : 0)));
  const spells = spellsOf(held, bars);
  const meanOf = (order: readonly Spell[]): number | undefined => {
    let sum = 0;
    let count = 0;
    let from = 0;
    for (const { length, directions } of order) {
      const to = from + length;
      for (let asset = 0; asset < directions.length; asset++) {
        const direction = directions[asset]!;
        if (direction === 0) continue;
        sum += direction * (sums[asset]![to]! - sums[asset]![from]!);
        count += counts[asset]![to]! - counts[asset]![from]!;
      }
      from = to;
    }
    return count === 0 ? undefined : sum / count;
  };
  const recorded = meanOf(spells);
  if (recorded === undefined || spells.length < 2) return undefined;
  const random = SeededRandom.derive(seed, 'random entry');
  const order = [...spells];
  const means: number[] = [];
  let reached = 0;
  for (let run = 0; run < runs; run++) {
    // An order that falls on no bar of what it holds earns nothing.
    const mean = meanOf(random.shuffle(order)) ?? 0;
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

/** Sums of what a series counts as before each of its values, and of all of it. */
function runningSums(series: ReadonlyFloat64Array, of: (value: number) => number): Float64Array {
  const sums = new Float64Array(series.length + 1);
  for (let i = 0; i < series.length; i++) sums[i + 1] = sums[i]! + of(series[i]!);
  return sums;
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
