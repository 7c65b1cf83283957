import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  annualRate,
  annualVolatility,
  compoundedAnnualReturn,
  maxDrawdown,
  sharpeRatio,
  simpleReturns,
  spanValues,
  totalReturn,
} from '../../../src/metrics/index.js';

const MINUTE_MS = 60_000;
const DAYS = 40;
const YEAR = 252;
/** Bars of a day in a market of 6 hours. */
const BARS = { daily: 1, hourly: 6, minute: 360 } as const;

/** Minute values of equal steps within a day: a path whose days differ and whose minutes do not. */
function minutePath(changes: readonly number[]): { readonly values: Float64Array; readonly times: Float64Array } {
  const values: number[] = [100];
  const times: number[] = [-1];
  changes.forEach((change, day) => {
    const step = (1 + change) ** (1 / BARS.minute);
    for (let minute = 0; minute < BARS.minute; minute++) {
      values.push(values.at(-1)! * step);
      times.push(day * 24 * 60 * MINUTE_MS + minute * MINUTE_MS);
    }
  });
  return { values: Float64Array.from(values), times: Float64Array.from(times) };
}

const every = (values: Float64Array, step: number): Float64Array => values.filter((_, row) => row % step === 0);

it('daily, hourly and minute values of one path agree within definition', () => {
  const days = fc.array(fc.double({ min: -0.03, max: 0.03, noNaN: true }), { minLength: DAYS, maxLength: DAYS });
  fc.assert(
    fc.property(days, (changes) => {
      const { values, times } = minutePath(changes);
      const found = Object.values(BARS).map((bars) => {
        const series = every(values, BARS.minute / bars);
        const returns = simpleReturns(series);
        return {
          total: totalReturn(returns)!,
          yearly: annualRate(series.at(-1)! / series[0]!, returns.length, YEAR * bars)!,
          compounded: compoundedAnnualReturn(series, YEAR * bars)!,
          deepest: maxDrawdown(series, series[0]!)!,
        };
      });
      // Days rise or fall evenly: their ends hold every extreme, so that these do not depend on the bars at all.
      for (const one of found) {
        for (const name of ['total', 'yearly', 'compounded', 'deepest'] as const) {
          expect(Math.abs(one[name] - found[0]![name])).toBeLessThan(1e-9 * Math.max(1, Math.abs(found[0]![name])));
        }
      }
      const ends = spanValues(values, times, 'day');
      expect([...ends]).toEqual([...every(values, BARS.minute)]);
    }),
    { numRuns: 1000 },
  );
});

it('annualised deviations of independent returns agree within their sampling error', () => {
  let state = 12345;
  const coin = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 < 0.5 ? -1 : 1;
  };
  const minutes = [100];
  for (let row = 0; row < 2000 * 60; row++) minutes.push(minutes.at(-1)! * (1 + 0.0005 * coin() + 0.000002));
  const found = [1, 10, 60].map((step) => {
    const returns = simpleReturns(every(Float64Array.from(minutes), step));
    const year = (YEAR * 60) / step;
    return { volatility: annualVolatility(returns, year)!, sharpe: sharpeRatio(returns, year)! };
  });
  const expected = 0.0005 * Math.sqrt(YEAR * 60);
  // A deviation of n returns is off by 1 in sqrt(2 n): 1.6 % for 2,000 of them, and three times that is not seen.
  for (const { volatility, sharpe } of found) {
    expect(Math.abs(volatility / expected - 1)).toBeLessThan(0.048);
    expect(Math.abs(sharpe / found[0]!.sharpe - 1)).toBeLessThan(0.06);
  }
});
