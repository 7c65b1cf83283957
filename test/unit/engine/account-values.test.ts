import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AccountValues } from '../../../src/engine/account-values.js';
import { summarize } from '../../../src/metrics/summary.js';

const noTrips = { trades: 0, wins: 0, grossProfit: 0, grossLoss: 0 };
const CASH = 1000;

/** The same, value by value. */
function plain(stretches: readonly Stretch[], marks: Float64Array, offset: number): number[] {
  const values: number[] = [];
  for (const { bars, cash, units } of stretches) {
    for (let bar = 0; bar < bars; bar++) {
      const close = marks[Math.min(values.length + offset, marks.length - 1)]!;
      values.push(units === 0 ? cash : cash + units * close);
    }
  }
  return values;
}

interface Stretch {
  readonly bars: number;
  readonly cash: number;
  readonly units: number;
  /** Whether somebody asks for the column behind it. */
  readonly looks: boolean;
}

const stretch: fc.Arbitrary<Stretch> = fc.record({
  bars: fc.integer({ min: 1, max: 4 }),
  cash: fc.double({ min: -500, max: 2000, noNaN: true }).map((cash) => cash + 0),
  units: fc.oneof(fc.constant(0), fc.double({ min: -3, max: 10, noNaN: true })),
  looks: fc.boolean(),
});

it('keeps stretches, and makes of them the column and the metrics that the values have', () => {
  const marked = fc.array(fc.double({ min: 50, max: 150, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(
      fc.array(fc.array(stretch, { minLength: 1, maxLength: 100 }), { minLength: 1, maxLength: 3 }),
      marked,
      fc.nat(5),
      (runs, closes, offset) => {
        const marks = Float64Array.from(closes);
        const bars = Math.max(...runs.map((run) => run.reduce((sum, each) => sum + each.bars, 0)));
        const values = new AccountValues(bars);
        for (const run of runs) {
          values.begin(CASH);
          values.follow(marks, offset);
          const expected = plain(run, marks, offset);
          let at = 0;
          for (const { bars: length, cash, units, looks } of run) {
            values.take(at + length, cash, units);
            at += length;
            if (looks) expect(values.column()[at - 1]).toBe(expected[at - 1]);
          }
          expect(values.metrics(252, noTrips)).toEqual(summarize(Float64Array.from(expected), CASH, 252, noTrips));
          const some = Int32Array.from(expected.keys()).filter((bar) => bar % 3 === offset % 3);
          expect([...values.valuesAt(some, new Float64Array(some.length))]).toEqual(
            [...some].map((bar) => expected[bar]),
          );
          expect([...values.valuesAt(undefined, new Float64Array(at))]).toEqual(expected);
          expect([...values.column().subarray(0, at)]).toEqual(expected);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
