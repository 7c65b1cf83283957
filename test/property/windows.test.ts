import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import type { BarTimes } from '../../src/market/bar-axis.js';
import { compileAxis } from '../../src/market/bar-axis.js';
import { getCalendar } from '../../src/market/calendars.js';
import { DAY_MS } from '../../src/market/civil-date.js';
import type { RowRange, Span } from '../../src/validate/span.js';
import { combinatorialWindows, rollingWindows, type Window, type Windowing } from '../../src/validate/windows.js';
import { expectSame, expectWithin } from '../helpers/same.js';

const EXAMPLES = 3_000;

function axisOf(calendar: 'XNYS' | '24/7', frequency: '1d' | '1h', first: number, sessions: number): BarTimes {
  const venue = getCalendar(calendar);
  const table = venue.sessions(first, first + sessions * 2 * DAY_MS);
  const labels = [...table.labels].slice(0, sessions);
  const times =
    frequency === '1d'
      ? labels
      : labels.flatMap((_, session) => {
          const bars: number[] = [];
          for (let time = table.opens[session]!; time < table.closes[session]!; time += 3_600_000) bars.push(time);
          return bars;
        });
  const column = Float64Array.from(times);
  return { calendar, frequency, times: column, length: column.length, ...compileAxis(venue, frequency, column) };
}

const axes = fc
  .record({
    calendar: fc.constantFrom('XNYS' as const, '24/7' as const),
    frequency: fc.constantFrom('1d' as const, '1d' as const, '1h' as const),
    first: fc.integer({ min: 0, max: 400 }).map((days) => Date.UTC(2015, 0, 1) + days * DAY_MS),
    sessions: fc.integer({ min: 5, max: 400 }),
    cut: fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 })),
  })
  .map(({ calendar, frequency, first, sessions, cut: [front, back] }) => {
    const axis = axisOf(calendar, frequency, first, frequency === '1h' ? Math.min(sessions, 60) : sessions);
    const from = Math.min(front, axis.length - 3);
    return { axis, rows: { from, to: Math.max(from + 2, axis.length - back) } };
  });

const span = (most: number): fc.Arbitrary<Span> =>
  fc.oneof(
    fc.integer({ min: 1, max: most }),
    fc.integer({ min: 1, max: most }).map((count): Span => `${count} sessions`),
    fc.integer({ min: 1, max: most }).map((count): Span => `${count}d`),
    fc.integer({ min: 1, max: Math.ceil(most / 7) }).map((count): Span => `${count} weeks`),
    fc.integer({ min: 1, max: Math.ceil(most / 30) }).map((count): Span => `${count}m`),
  );

const designs: fc.Arbitrary<Windowing> = fc.record(
  {
    train: span(120),
    validate: span(30),
    test: span(60),
    step: span(90),
    anchored: fc.boolean(),
    purge: fc.integer({ min: 0, max: 8 }),
    embargo: fc.integer({ min: 0, max: 8 }),
    windows: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: ['train', 'test'] },
) as fc.Arbitrary<Windowing>;

/** Windows, or undefined where the design is refused for a reason that a user is told. */
function planned(make: () => Window[], codes: readonly string[]): Window[] | undefined {
  try {
    return make();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    expect(codes).toContain((error as UsageError).code);
    return undefined;
  }
}

function expectRange(ranges: readonly RowRange[], from: number, to: number): void {
  expectSame(ranges.length, 1);
  expectSame(ranges[0]!.from, from);
  expectSame(ranges[0]!.to, to);
}

const rowsOf = (ranges: readonly RowRange[]): number[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));

it('no two parts of a window share a bar, no label of a training or validation reaches a test, and tests do not overlap', () => {
  let windowsSeen = 0;
  let calendarSeen = 0;
  fc.assert(
    fc.property(axes, designs, ({ axis, rows }, design) => {
      const windows = planned(
        () => rollingWindows(axis, rows, design),
        ['NO_ROOM_FOR_WINDOWS', 'WINDOW_TOO_SHORT', 'TESTS_OVERLAP'],
      );
      if (windows === undefined) return;
      const { purge = 0, embargo = 0, anchored = false } = design;
      windowsSeen += windows.length;
      calendarSeen += typeof design.train === 'number' ? 0 : windows.length;
      let tested = rows.from;
      for (const [index, { number, train, validate, test }] of windows.entries()) {
        expectSame(number, index + 1);
        expectSame(train.length, 1);
        expectSame(test.length, 1);
        const parts = [train[0]!, ...(validate === undefined ? [] : [validate]), test[0]!];
        expectSame(validate === undefined, design.validate === undefined);
        for (const [place, part] of parts.entries()) {
          expectWithin(part.from, rows.from, rows.to);
          expectWithin(part.to, part.from + 2, rows.to);
          const before = parts[place - 1];
          // The last label before an edge reaches `purge` bars ahead, and `embargo` bars lie behind that.
          if (before !== undefined) expectSame(before.to - 1 + purge + embargo, part.from - 1);
        }
        if (anchored || index === 0) expectSame(train[0]!.from, rows.from);
        expectWithin(test[0]!.from, tested, rows.to);
        // Without a step of its own, one test begins where the one before it ended.
        if (design.step === undefined && index > 0) expectSame(test[0]!.from, tested);
        tested = test[0]!.to;
      }
      if (design.windows !== undefined) expect(windows).toHaveLength(design.windows);
    }),
    { numRuns: EXAMPLES },
  );
  expect(windowsSeen).toBeGreaterThan(EXAMPLES / 2);
  expect(calendarSeen).toBeGreaterThan(EXAMPLES / 4);
});

it('every window that fits is made: one more would reach beyond the data', () => {
  fc.assert(
    fc.property(axes, designs, ({ axis, rows }, { windows: _windows, ...design }) => {
      const codes = ['NO_ROOM_FOR_WINDOWS', 'WINDOW_TOO_SHORT', 'TESTS_OVERLAP'];
      const windows = planned(() => rollingWindows(axis, rows, design), codes);
      if (windows === undefined) return;
      const more = planned(() => rollingWindows(axis, rows, { ...design, windows: windows.length + 1 }), codes);
      expect(more).toBeUndefined();
      // What comes before a window does not depend on what comes after it.
      const fewer = rollingWindows(axis, rows, { ...design, windows: 1 });
      expect(fewer).toEqual(windows.slice(0, 1));
      const shorter = { from: rows.from, to: windows.at(-1)!.test[0]!.to };
      expect(rollingWindows(axis, shorter, { ...design, windows: windows.length })).toEqual(windows);
    }),
    { numRuns: 1_000 },
  );
});

it('lengths in bars are those bars', () => {
  fc.assert(
    fc.property(
      axes,
      fc.integer({ min: 10, max: 80 }),
      fc.integer({ min: 2, max: 40 }),
      ({ axis, rows }, train, test) => {
        const windows = planned(() => rollingWindows(axis, rows, { train, test }), ['NO_ROOM_FOR_WINDOWS']);
        expect(windows?.length ?? 0).toBe(Math.max(0, Math.floor((rows.to - rows.from - train) / test)));
        for (const [index, window] of (windows ?? []).entries()) {
          const from = rows.from + index * test;
          expectRange(window.train, from, from + train);
          expectRange(window.test, from + train, from + train + test);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

it('splits of a cross-validation: each group is tested equally often, and no training is within reach of its test', () => {
  let splitsSeen = 0;
  fc.assert(
    fc.property(
      fc.record({
        from: fc.integer({ min: 0, max: 50 }),
        bars: fc.integer({ min: 20, max: 120 }),
        groups: fc.integer({ min: 2, max: 6 }),
        testGroups: fc.integer({ min: 1, max: 3 }),
        purge: fc.integer({ min: 0, max: 6 }),
        embargo: fc.integer({ min: 0, max: 6 }),
      }),
      ({ from, bars, ...split }) => {
        const rows = { from, to: from + bars };
        const windows = planned(() => combinatorialWindows(rows, split), ['INVALID_SPLIT', 'WINDOW_TOO_SHORT']);
        if (windows === undefined) return;
        splitsSeen += windows.length;
        const { purge, embargo, groups, testGroups } = split;
        const times = new Map<number, number>();
        for (const { train, test } of windows) {
          const trained = new Set(rowsOf(train));
          const tested = rowsOf(test);
          const isShared = tested.some((row) => trained.has(row));
          const isInside = [...trained, ...tested].every((row) => row >= rows.from && row < rows.to);
          expectSame(isShared, false);
          expectSame(isInside, true);
          const isTested = new Set(tested);
          const reach = (most: number, step: 1 | -1): boolean =>
            [...trained].some((row) => {
              for (let bars = 1; bars <= most; bars++) if (isTested.has(row + step * bars)) return true;
              return false;
            });
          // A label of the training reads `purge` bars ahead; so does a label of the test, and the embargo lies behind that.
          expectSame(reach(purge, 1), false);
          expectSame(reach(purge + embargo, -1), false);
          expectSame(test.length, testGroups);
          for (const { from: begin } of test) times.set(begin, (times.get(begin) ?? 0) + 1);
        }
        expect(times.size).toBe(groups);
        expect(new Set(times.values()).size).toBe(1);
        expect(new Set(windows.map(({ test }) => test.map(({ from: begin }) => begin).join())).size).toBe(
          windows.length,
        );
      },
    ),
    { numRuns: 1_000 },
  );
  expect(splitsSeen).toBeGreaterThan(2_000);
});
