import { expect, it } from 'vitest';
import {
  annualRate,
  annualVolatility,
  calmarRatio,
  compounded,
  maxDrawdown,
  sharpeRatio,
  simpleReturns,
  sortinoRatio,
  totalReturn,
} from '../../../src/metrics/index.js';
import { referenceColumns, referenceJson, referenceText } from '../../helpers/reference.js';
import { describeShared } from '../../helpers/shared.js';

type Cell = number | 'NaN';
type Ref = { readonly ref: string };
type Input = { readonly values: Cell[] } | { readonly columns: Record<string, Cell[]> };
interface Case {
  readonly returns?: Ref;
  readonly prices?: Ref;
  readonly period?: keyof typeof periods;
  readonly risk_free?: number | Ref;
  readonly required_return?: number | Ref;
  readonly starting_value?: number;
  readonly expected: Cell | Cell[] | Ref;
}
interface Expectations {
  readonly tests: Record<string, { readonly function: string; readonly decimals: number; readonly cases: Case[] }>;
  readonly inputs: Record<string, Input>;
}

const periods = { daily: 252, weekly: 52, monthly: 12, quarterly: 4, yearly: 1 };
const file = 'reference/metrics/empyrical_expected.json.gz';
const growthOf = (returns: Float64Array): number => 1 + (totalReturn(returns) ?? Number.NaN);

/** Our functions under empyrical's names; drawdown is a negative number there. */
const functions: Record<string, (returns: Float64Array, annualization: number) => number | undefined> = {
  annual_return: (returns, year) => annualRate(growthOf(returns), returns.length, year),
  cagr: (returns, year) => annualRate(growthOf(returns), returns.length, year),
  annual_volatility: annualVolatility,
  sharpe_ratio: sharpeRatio,
  sortino_ratio: sortinoRatio,
  calmar_ratio: calmarRatio,
  max_drawdown: (returns) => {
    const deepest = maxDrawdown(compounded(returns), 1);
    return deepest === undefined ? undefined : -deepest;
  },
  cum_returns_final: (returns) => totalReturn(returns),
};

/** Of these empyrical counts a missing return as a period without one; from all others it is left out. */
const countsMissing = new Set(['annual_return', 'cagr', 'calmar_ratio']);

describeShared("metrics equal empyrical's expected values", file, () => {
  const { tests, inputs } = referenceJson<Expectations>(file);
  const wanted = Object.entries(tests).filter(([, test]) => Object.hasOwn(functions, test.function));

  it('covers every test of the functions that we have', () => {
    expect(wanted.map(([name]) => name).sort()).toEqual(
      [
        'test_annual_ret',
        'test_annual_volatility',
        'test_cagr',
        'test_calmar',
        'test_cum_returns_final',
        'test_cum_returns_final_df',
        'test_max_drawdown',
        'test_sharpe_ratio',
        'test_sortino',
      ].sort(),
    );
  });

  for (const [name, { function: called, decimals, cases }] of wanted) {
    it.each(cases.map((one, index) => ({ one, index, of: one.returns!.ref })))(
      `${name} $index: ${called} of $of`,
      ({ one }) => {
        const year = periods[one.period ?? 'daily'];
        const columns = columnsOf(one.returns!.ref, countsMissing.has(called) ? 0 : undefined);
        const expected = expectedValues(one.expected);
        expect(columns.length).toBe(expected.length);
        columns.forEach((raw, k) => {
          const returns = excess(raw, one.risk_free ?? one.required_return ?? 0);
          const actual = functions[called]!(returns, year);
          // Where empyrical answers NaN, there are too few returns or they do not vary: ours is not available.
          if (Number.isNaN(expected[k]!)) expect(actual).toBeUndefined();
          else
            expect(Math.abs(actual! - expected[k]!), `${actual} is not ${expected[k]}`).toBeLessThan(
              0.5 * 10 ** -decimals,
            );
        });
      },
    );
  }

  it.each(tests.test_cum_returns!.cases.map((one) => ({ one, of: one.returns!.ref })))(
    'test_cum_returns of $of',
    ({ one }) => {
      const [returns] = columnsOf(one.returns!.ref, 0);
      const start = one.starting_value!;
      const values = start === 0 ? compounded(returns!).map((value) => value - 1) : compounded(returns!, start);
      for (const [k, value] of (one.expected as Cell[]).entries()) expect(values[k]).toBeCloseTo(Number(value), 4);
      expect(values.length).toBe((one.expected as Cell[]).length);
    },
  );

  it('test_cum_returns_df', () => {
    const expected = columnsOf('df_0_expected', 0);
    columnsOf('df_input', 0).forEach((returns, k) => {
      for (const [row, value] of compounded(returns).entries()) expect(value - 1).toBeCloseTo(expected[k]![row]!, 4);
    });
  });

  it('test_simple_returns', () => {
    const { prices, expected } = tests.test_simple_returns!.cases[0]!;
    expect([...simpleReturns(columnsOf(prices!.ref)[0]!)]).toEqual(expected);
  });

  /** The columns of an input without its NaN, or with NaN as a given return. */
  function columnsOf(ref: string, missing?: number): Float64Array[] {
    const input = inputs[ref]!;
    const columns = 'values' in input ? [input.values] : Object.values(input.columns);
    return columns.map((cells) => {
      const values = Float64Array.from(cells, Number);
      return missing === undefined
        ? values.filter((value) => !Number.isNaN(value))
        : values.map((value) => (Number.isNaN(value) ? missing : value));
    });
  }

  function excess(returns: Float64Array, over: number | Ref): Float64Array {
    if (typeof over === 'number') return returns.map((value) => value - over);
    const input = inputs[over.ref]!;
    const base = Float64Array.from((input as { values: Cell[] }).values, Number);
    // An input whose first return is NaN was shortened by it.
    const shift = base.length - returns.length;
    return returns.map((value, row) => value - base[row + shift]!);
  }

  function expectedValues(expected: Case['expected']): number[] {
    if (typeof expected === 'object' && 'ref' in expected)
      return [...Float64Array.from((inputs[expected.ref] as { values: Cell[] }).values, Number)];
    return [Number(expected as Cell)];
  }
});

const measured = 'reference/metrics/real_series_measured.json';
describeShared('metrics of real returns equal empyrical', measured, () => {
  type Measured = Record<string, { n: number; empyrical: Record<string, number> }>;
  it.each([
    ['GOOG_vs_ORCL', 'GOOG.csv.gz', 'orcl-1995-2014.txt.gz', 'Close'],
    ['NVDA_vs_YHOO', 'nvda-1999-2014.txt.gz', 'yhoo-1996-2015.txt.gz', 'Adj Close'],
  ] as const)('%s', (name, own, other, column) => {
    const { n, empyrical } = referenceJson<Measured>(measured)[name]!;
    const dates = (path: string): string[] =>
      referenceText(`reference/data/${path}`)
        .trim()
        .split(/\r?\n/)
        .slice(1)
        .map((line) => line.split(',')[0]!);
    // Returns first, then the dates that the other series has returns for.
    const known = new Set(dates(other).slice(1));
    const ownDates = dates(own).slice(1);
    const prices = referenceColumns(`reference/data/${own}`, [column])[column];
    const returns = simpleReturns(prices).filter((_, row) => known.has(ownDates[row]!));
    expect(returns.length).toBe(n);
    const pairs: readonly (readonly [number | undefined, number])[] = [
      [annualRate(growthOf(returns), n, 252), empyrical.annual_return!],
      [annualVolatility(returns, 252), empyrical.annual_volatility!],
      [sharpeRatio(returns, 252), empyrical.sharpe!],
      [
        sharpeRatio(
          returns.map((value) => value - 0.0001),
          252,
        ),
        empyrical.sharpe_rf_0001!,
      ],
      [sortinoRatio(returns, 252), empyrical.sortino!],
      [calmarRatio(returns, 252), empyrical.calmar!],
      [maxDrawdown(compounded(returns), 1), -empyrical.max_drawdown!],
      [totalReturn(returns), empyrical.cum_final!],
    ];
    for (const [actual, expected] of pairs) expect(Math.abs(actual! / expected - 1)).toBeLessThan(1e-9);
  });
});
