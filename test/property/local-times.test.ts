import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timesOf } from '../../src/data/ingest/axis-choice.js';
import type { BarChunk } from '../../src/data/ingest/bar-reader.js';
import { INTRADAY_MS } from '../../src/market/bar-axis.js';
import { getCalendar } from '../../src/market/calendars.js';
import { DAY_MS } from '../../src/market/civil-date.js';
import { zoneClock } from '../../src/market/zone-clock.js';

const MINUTE = 60_000;
const ZONES = ['America/New_York', 'Europe/Berlin', 'Australia/Sydney', 'Australia/Lord_Howe', 'Asia/Tehran'];

/** An instant at which the clocks of a zone go back, and by how much. */
interface Change {
  readonly zone: string;
  readonly instant: number;
  readonly back: number;
}

/** The changes of a zone in autumn, from 1990 to 2021. */
function changesOf(zone: string): Change[] {
  const clock = zoneClock(zone);
  const changes: Change[] = [];
  for (let day = Date.UTC(1990, 0); day < Date.UTC(2022, 0); day += DAY_MS) {
    const back = clock.offsetAt(day) - clock.offsetAt(day + DAY_MS);
    if (back <= 0) continue;
    let instant = day;
    while (clock.offsetAt(instant + MINUTE) === clock.offsetAt(day)) instant += MINUTE;
    changes.push({ zone, instant: instant + MINUTE, back });
  }
  return changes;
}

/** Bars of local stamps, each with values of its own. */
function chunkOf(stamps: readonly number[], bars: readonly number[]): BarChunk {
  const fields = ['open', 'high', 'low', 'close', 'volume'];
  return {
    ...{ file: 'A.csv', symbol: 'A', isNamed: false, isQuotes: false, kind: 'local', timezone: undefined },
    ...{ longNumbers: [], events: [], names: fields, fields },
    stamps: Float64Array.from(stamps),
    rows: Float64Array.from(stamps, (_, row) => row + 1),
    values: fields.map(() => Float64Array.from(bars, (bar) => bar + 1)),
  };
}

describe('local times of sorted rows', () => {
  const changes = ZONES.flatMap(changesOf);
  const cases = fc
    .record({
      change: fc.constantFrom(...changes),
      frequency: fc.constantFrom('1m' as const, '5m' as const, '15m' as const, '30m' as const, '1h' as const),
      before: fc.integer({ min: 1, max: 4 }),
      missing: fc.array(fc.nat({ max: 400 }), { maxLength: 30 }),
      again: fc.option(fc.nat(), { nil: undefined }),
      isNewestFirst: fc.boolean(),
    })
    .filter(({ change, frequency }) => INTRADAY_MS[frequency]! <= change.back);

  it('are the instants they were, through the night in which clocks go back, and rows that are there twice stay so', () => {
    expect(changes.length).toBeGreaterThan(120);
    fc.assert(
      fc.property(cases, ({ change, frequency, before, missing, again, isNewestFirst }) => {
        const { zone, instant, back } = change;
        const step = INTRADAY_MS[frequency]!;
        const clock = zoneClock(zone);
        const gone = new Set(missing);
        const instants: number[] = [];
        for (let at = instant - before * back; at < instant + 3 * back; at += step) {
          if (!gone.has((at - instant) / step + 100)) instants.push(at);
        }
        const bars = instants.map((_, bar) => bar);
        const twice = again === undefined ? undefined : again % instants.length;
        if (twice !== undefined) for (const list of [instants, bars]) list.splice(twice, 0, list[twice]!);
        const stamps = instants.map((at) => clock.toWallClock(at));
        // What the rows cannot tell: the clock has to go back between them.
        const next = instants.findIndex((at) => at >= instant);
        fc.pre(next > 0 && next < instants.length);
        fc.pre(stamps[next]! < stamps[next - 1]! || (stamps[next] === stamps[next - 1] && step === back));
        if (isNewestFirst) for (const list of [instants, bars, stamps]) list.reverse();
        const chunk = chunkOf(stamps, bars);
        const { labels, unclear, once } = timesOf(chunk, frequency, getCalendar('24/7'), zone);
        // Where so many bars are missing that rows in another order would have left the same, that is said.
        if (missing.length === 0) expect([unclear.size, once]).toEqual([0, []]);
        if (unclear.size === 0) expect([...labels]).toEqual(instants);
      }),
      { numRuns: 3000 },
    );
  });

  it('are the first occurrence where only one is there between bars on both sides, whichever of these are missing', () => {
    fc.assert(
      fc.property(cases, fc.boolean(), ({ change, frequency, before, missing, isNewestFirst }, isSecond) => {
        const { zone, instant, back } = change;
        const step = INTRADAY_MS[frequency]!;
        const clock = zoneClock(zone);
        const gone = new Set(missing);
        const instants: number[] = [];
        for (let at = instant - (before + 1) * back; at < instant + 3 * back; at += step) {
          const isOther = isSecond ? at >= instant - back && at < instant : at >= instant && at < instant + back;
          if (!isOther && !gone.has((at - instant) / step + 100)) instants.push(at);
        }
        const isInside = (at: number): boolean => at >= instant - back && at < instant + back;
        fc.pre(!isInside(instants[0]!) && !isInside(instants.at(-1)!) && instants.some(isInside));
        if (isNewestFirst) instants.reverse();
        const chunk = chunkOf(
          instants.map((at) => clock.toWallClock(at)),
          [...instants.keys()],
        );
        const { labels, once } = timesOf(chunk, frequency, getCalendar('24/7'), zone);
        expect([...labels]).toEqual(instants.map((at) => (isSecond && isInside(at) ? at - back : at)));
        expect(once.toSorted((a, b) => a - b)).toEqual([...instants.keys()].filter((row) => isInside(instants[row]!)));
      }),
      { numRuns: 1000 },
    );
  });

  it('are the first occurrence where only one is there, and none where clocks skip', () => {
    const one = chunkOf([Date.UTC(2023, 10, 5), Date.UTC(2023, 10, 5, 1), Date.UTC(2023, 10, 5, 2)], [1, 2, 3]);
    const { labels, once } = timesOf(one, '1h', getCalendar('24/7'), 'America/New_York');
    expect([...labels].map((label) => new Date(label).getUTCHours())).toEqual([4, 5, 7]);
    expect(once).toEqual([1]);
    const spring = chunkOf([Date.UTC(2023, 2, 12, 1), Date.UTC(2023, 2, 12, 2), Date.UTC(2023, 2, 12, 3)], [1, 2, 3]);
    const { labels: skipped } = timesOf(spring, '1h', getCalendar('24/7'), 'America/New_York');
    expect([...skipped]).toEqual([Date.UTC(2023, 2, 12, 6), Number.NaN, Date.UTC(2023, 2, 12, 7)]);
  });
});
