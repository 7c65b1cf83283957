import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asSid } from '../../src/core/brand.js';
import { SeededRandom } from '../../src/core/random.js';
import { type AdjustmentSchedule, adjustmentKind, adjustmentSchedule, restate } from '../../src/data/adjustments.js';
import type { BarGroup, Listing } from '../../src/data/bundle.js';
import { DirectHistory } from '../../src/data/history.js';
import { ClockedBarData } from '../../src/engine/bar-data.js';
import { Clock } from '../../src/engine/clock.js';
import type { AssetView, RunView } from '../../src/engine/market-view.js';
import type { Asset } from '../../src/market/asset.js';
import { compileAxis, INTRADAY_MS } from '../../src/market/bar-axis.js';
import { FIELDS, type Frequency } from '../../src/market/bars.js';
import type { Calendar, SessionTable } from '../../src/market/calendar.js';
import { getCalendar } from '../../src/market/calendars.js';
import { DAY_MS, parseDateLabel } from '../../src/market/civil-date.js';
import { longerThan } from '../../src/market/resampling.js';

const HOUR = 3_600_000;
const day = parseDateLabel;

/** A market of one asset, and the row of it that a strategy stands at. */
interface Case {
  readonly calendar: Calendar;
  readonly frequency: Frequency;
  readonly longer: Frequency;
  readonly from: number;
  readonly days: number;
  readonly seed: number;
  /** Share of bars that are missing, of hours outside sessions that have bars, and of days with a split or dividend. */
  readonly missing: number;
  readonly outside: number;
  readonly events: number;
  readonly at: number;
  readonly count: number;
}

/** Around half days, holidays, changes of clocks and of hours. */
const DATES = [
  '2024-03-08',
  '2024-03-29',
  '2024-07-02',
  '2024-10-31',
  '2024-11-01',
  '2024-11-27',
  '2024-12-20',
  '2025-01-27',
];
const VENUES = ['XNYS', 'XTKS', 'XHKG', 'XLON', 'CMES', 'XASX', '24/7'];

const cases: fc.Arbitrary<Case> = fc
  .record({
    venue: fc.constantFrom(...VENUES),
    frequency: fc.constantFrom<Frequency>('15m', '30m', '1h', '1h', '1d', '1d'),
    date: fc.constantFrom(...DATES),
    shift: fc.integer({ min: -3, max: 3 }),
    days: fc.integer({ min: 3, max: 9 }),
    seed: fc.nat(),
    missing: fc.constantFrom(0, 0.1, 0.6),
    outside: fc.constantFrom(0, 0, 0.3),
    events: fc.constantFrom(0, 0.2),
    count: fc.integer({ min: 1, max: 7 }),
    pick: fc.nat(),
  })
  .map(({ venue, date, shift, days, pick, ...rest }) => {
    const longer = longerThan(rest.frequency);
    return {
      ...rest,
      // Drawn evenly: a prefix of one bar knows little.
      at: SeededRandom.derive(rest.seed, 'row').next(),
      calendar: getCalendar(venue),
      from: day(date) + shift * DAY_MS,
      days: rest.frequency === '1d' ? days * 12 : days,
      longer: longer[pick % longer.length]!,
    };
  });

interface Market {
  readonly group: BarGroup;
  readonly columns: Readonly<Record<string, Float64Array>>;
  readonly view: AssetView;
}

const asset: Asset = Object.freeze({
  sid: asSid(0),
  symbol: 'AAA',
  tick: 0.01,
  lot: 1,
  multiplier: 1,
  priceDecimals: 2,
  volumeDecimals: 0,
  currency: 'USD',
});

/** Bars at the calendar's hours, some missing, some outside hours; some with a split or dividend on their date. */
function marketOf({ calendar, frequency, from, days, seed, missing, outside, events }: Case): Market | undefined {
  const random = SeededRandom.derive(seed, 'resampling');
  const { labels, opens, closes } = calendar.sessions(from, from + days * DAY_MS);
  const length = INTRADAY_MS[frequency];
  const times: number[] = [];
  if (length === undefined) for (const label of labels) times.push(label);
  else {
    const step = (time: number, share: number): void => void (random.next() < share && times.push(time));
    for (let time = from - 8 * HOUR; time < from + (days + 1) * DAY_MS; time += length) {
      const isOpen = opens.some((open, session) => time + length > open && time < closes[session]!);
      step(time, isOpen ? 1 : outside);
    }
  }
  if (times.length === 0) return undefined;
  const walk = Float64Array.from(times, () => Math.round(2_000 + 8_000 * random.next()) / 100);
  const isMissing = walk.map((_, row) => (row > 0 && row < walk.length - 1 && random.next() < missing ? 1 : 0));
  const column = (change: (price: number) => number): Float64Array =>
    walk.map((price, row) => (isMissing[row] === 1 ? Number.NaN : change(price)));
  const columns = {
    open: column((price) => price + 0.25),
    high: column((price) => price + 1),
    low: column((price) => price - 1),
    close: column((price) => price),
    volume: column(() => Math.round(1 + 1_000 * random.next())),
    bid: column((price) => price - 0.01),
  };
  const axis = compileAxis(calendar, frequency, times);
  const listing = {
    asset,
    first: 0,
    end: times.length,
    fields: Object.keys(columns),
    column: (field: string) => columns[field as keyof typeof columns],
    view: (field: string, begin: number, end: number) => columns[field as keyof typeof columns].slice(begin, end),
  } as unknown as Listing;
  const group = {
    calendar: calendar.name,
    frequency,
    length: times.length,
    times: Float64Array.from(times),
    ...axis,
    listings: [listing],
  } as unknown as BarGroup;
  const dates = labels.filter(() => random.next() < events);
  const splits = [...dates].filter((_, i) => i % 2 === 0).map((exDate) => ({ sid: asset.sid, exDate, ratio: '2' }));
  const dividends = [...dates]
    .filter((_, i) => i % 2 === 1)
    .map((exDate) => ({ sid: asset.sid, exDate, amount: '0.50' }));
  const schedule = adjustmentSchedule(listing, group, splits as never, dividends as never);
  const view = { asset, listing, key: 'AAA', marks: columns.close, schedule, events: [] } as unknown as AssetView;
  return { group, columns, view };
}

type Slot = { readonly label: number; readonly close: number } | undefined;

/** The longer bar of each row, found the long way: by trying every session and every slot of it. */
function slotsOf(one: Case, group: BarGroup): Slot[] {
  const midnight = (time: number): number => time - (time % DAY_MS);
  const { times, length } = group;
  const around = one.calendar.sessions(midnight(times[0]!) - 45 * DAY_MS, midnight(times[length - 1]!) + 45 * DAY_MS);
  const labels = [...around.labels];
  const periods = labels.map((label) => periodOf(one.longer, label));
  return Array.from({ length }, (_, row) => slotOf(one, group, { ...around, labels, periods }, row));
}

/** Sessions around a market, and the longer bar that each belongs to where that is whole sessions. */
type Around = Omit<SessionTable, 'labels'> & {
  readonly labels: readonly number[];
  readonly periods: readonly string[];
};

function slotOf({ frequency, longer }: Case, group: BarGroup, around: Around, row: number): Slot {
  const open = group.opens[row]!;
  const session = around.labels.findIndex((label, place) =>
    frequency === '1d' ? label === group.times[row] : around.opens[place]! <= open && open < around.closes[place]!,
  );
  if (session < 0) return undefined;
  const [start, pause, resume, end] = [around.opens, around.breakStarts, around.breakEnds, around.closes].map(
    (column) => column[session]!,
  ) as [number, number, number, number];
  const length = INTRADAY_MS[longer];
  if (frequency !== '1d' && open >= pause && open < resume) return undefined;
  if (length !== undefined) {
    const parts = Number.isNaN(pause)
      ? [[start, end]]
      : [
          [start, pause],
          [resume, end],
        ];
    for (const [begin, stop] of parts as [number, number][]) {
      for (let label = begin; label < stop; label += length) {
        if (open >= label && open < Math.min(label + length, stop))
          return { label, close: Math.min(label + length, stop) };
      }
    }
    return undefined;
  }
  const last = around.periods.lastIndexOf(around.periods[session]!);
  return { label: around.labels[last]!, close: around.closes[last]! };
}

function periodOf(frequency: Frequency, label: number): string {
  const date = new Date(label);
  if (frequency === '1d') return date.toISOString();
  if (frequency === '1mo') return date.toISOString().slice(0, 7);
  // Monday of the week.
  return new Date(label - ((date.getUTCDay() + 6) % 7) * DAY_MS).toISOString();
}

/** The history of longer bars as of a row: made of the rows up to it alone. */
function expected(
  one: Case,
  market: Market,
  slots: readonly Slot[],
  row: number,
  field: string,
): { labels: number[]; values: number[] } {
  const { group, columns, view } = market;
  const now = group.closes[row]!;
  const known = new Float64Array(row + 1);
  restate(
    columns[field] as never,
    view.schedule as AdjustmentSchedule | undefined,
    adjustmentKind(field),
    row,
    0,
    row + 1,
    known,
  );
  const bars = new Map<number, { close: number; values: number[] }>();
  for (let at = 0; at <= row; at++) {
    const slot = slots[at];
    if (slot === undefined) continue;
    const bar = bars.get(slot.label) ?? { close: slot.close, values: [] };
    bar.close = Math.max(bar.close, group.closes[at]!);
    if (!Number.isNaN(known[at]!)) bar.values.push(known[at]!);
    bars.set(slot.label, bar);
  }
  const complete = [...bars].filter(([, { close }]) => close <= now).slice(-one.count);
  return {
    labels: complete.map(([label]) => label),
    values: complete.map(([, { values }]) => {
      if (values.length === 0) return Number.NaN;
      if (field === 'open') return values[0]!;
      if (field === 'high') return Math.max(...values);
      if (field === 'low') return Math.min(...values);
      return field === 'volume' ? values.reduce((sum, value) => sum + value, 0) : values.at(-1)!;
    }),
  };
}

function historyAt(
  one: Case,
  { group, view }: Market,
  row: number,
  field: string,
): { labels: number[]; values: number[] } {
  const clock = new Clock(0);
  clock.moveTo(row);
  const run: RunView = { group, assets: [view], from: 0, to: group.length };
  const frame = new ClockedBarData(clock, run, [view], new DirectHistory()).history(
    asset,
    field as never,
    one.count,
    one.longer,
  );
  const begin = [...frame.times].findIndex((time) => !Number.isNaN(time));
  const cut = (column: Iterable<number>): number[] => (begin < 0 ? [] : [...column].slice(begin));
  return { labels: cut(frame.times), values: cut(frame.column(asset, field as never)) };
}

describe('longer bars', () => {
  it('are those that closed by now, made of the bars so far, adjusted as of now', () => {
    let seen = 0;
    fc.assert(
      fc.property(cases, (one) => {
        const market = marketOf(one);
        if (market === undefined) return;
        const row = Math.floor(one.at * market.group.length);
        const slots = slotsOf(one, market.group);
        for (const field of [...FIELDS, 'bid']) {
          const actual = historyAt(one, market, row, field);
          const wanted = expected(one, market, slots, row, field);
          expect(actual.labels).toEqual(wanted.labels);
          expect(actual.values.length).toBe(wanted.values.length);
          for (const [place, value] of wanted.values.entries()) {
            // The same product of factors in another order, where an event lies within a bar.
            if (market.view.schedule === undefined) expect(actual.values[place]).toBe(value);
            else if (Number.isNaN(value)) expect(actual.values[place]).toBeNaN();
            else expect(Math.abs(actual.values[place]! / value - 1)).toBeLessThan(1e-14);
          }
          seen += wanted.values.length;
        }
      }),
      { numRuns: 1000 },
    );
    expect(seen).toBeGreaterThan(4_000);
  }, 240_000);

  it('do not change with what comes later', () => {
    fc.assert(
      fc.property(cases, fc.nat(), (one, seed) => {
        const market = marketOf(one);
        if (market === undefined) return;
        const row = Math.floor(one.at * market.group.length);
        const before = [...FIELDS].map((field) => historyAt(one, market, row, field));
        const random = SeededRandom.derive(seed, 'another future');
        const other = marketOf(one)!;
        for (const column of Object.values(other.columns)) {
          for (let at = row + 1; at < column.length; at++)
            column[at] = random.next() < 0.3 ? Number.NaN : 100 * random.next();
        }
        // Events that are known by now keep their factors.
        const known = { ...other, view: { ...other.view, schedule: market.view.schedule } as AssetView };
        expect([...FIELDS].map((field) => historyAt(one, known, row, field))).toEqual(before);
      }),
      { numRuns: 1000 },
    );
  }, 240_000);
});
