import { expect, it } from 'vitest';
import {
  aggregateReturns,
  alphaBeta,
  beta,
  betaFragility,
  type CalendarSpan,
  captureRatio,
  compounded,
  conditionalValueAtRisk,
  downsideRisk,
  informationRatio,
  marketSide,
  maxDrawdown,
  omegaRatio,
  paretoTail,
  periodReturn,
  rolling,
  sharpeRatio,
  simpleReturns,
  stability,
  tailRatio,
  upDownCapture,
  valueAtRisk,
} from '../../../src/metrics/index.js';
import { referenceColumns, referenceJson, referenceText } from '../../helpers/reference.js';
import { describeShared } from '../../helpers/shared.js';

type Cell = number | 'NaN';
type Ref = { readonly ref: string };
interface Input {
  readonly index: readonly string[];
  readonly values?: readonly Cell[];
  readonly columns?: Readonly<Record<string, readonly Cell[]>>;
}
interface Case {
  readonly returns: Ref;
  readonly benchmark?: Ref;
  readonly factor_returns?: Ref | number;
  readonly period?: keyof typeof YEARS;
  readonly convert_to?: keyof typeof SPANS;
  readonly risk_free?: number | Ref;
  readonly required_return?: number | Ref;
  readonly window?: number;
  readonly decimal_places?: number;
  readonly expected: Cell | Cell[] | Cell[][] | Ref;
}
interface Expectations {
  readonly tests: Readonly<Record<string, { function: string; decimals: number; cases: Case[] }>>;
  readonly inputs: Readonly<Record<string, Input>>;
}
type Pair = readonly [Float64Array, Float64Array];
type Answer = readonly (number | undefined)[];

const YEARS = { daily: 252, weekly: 52, monthly: 12, quarterly: 4, yearly: 1 } as const;
const SPANS: Readonly<Record<string, CalendarSpan>> = {
  weekly: 'week',
  monthly: 'month',
  quarterly: 'quarter',
  yearly: 'year',
};
const DAY = 252;
const file = 'reference/metrics/empyrical_expected.json.gz';

/** Rows of both series whose values are known. */
const known = (...[own, other]: Pair): Pair => {
  const both = (_: number, row: number): boolean => !Number.isNaN(own[row]!) && !Number.isNaN(other[row]!);
  return [own.filter(both), other.filter(both)];
};
const listed = ({ alpha, beta: slope }: ReturnType<typeof alphaBeta>): Answer => [alpha, slope];
const side = (which: 'up' | 'down', pair: Pair): Pair => marketSide(...pair, which) as Pair;
const rollPairs = (pair: Pair, window: number, metric: (pair: Pair) => Answer): Answer =>
  rolling([...pair], window, (a, b) => metric(known(a as Float64Array, b as Float64Array))).flat();

/** Our functions under empyrical's names, over aligned pairs. */
const ofPairs: Readonly<Record<string, (pair: Pair, window: number) => Answer>> = {
  alpha: (pair) => [alphaBeta(...known(...pair), DAY).alpha],
  beta: (pair) => [beta(...known(...pair))],
  alpha_beta: (pair) => listed(alphaBeta(...known(...pair), DAY)),
  up_alpha_beta: (pair) => listed(alphaBeta(...side('up', known(...pair)), DAY)),
  down_alpha_beta: (pair) => listed(alphaBeta(...side('down', known(...pair)), DAY)),
  beta_fragility_heuristic: (pair) => [betaFragility(...known(...pair))],
  capture: (pair) => [captureRatio(...known(...pair), DAY)],
  up_capture: (pair) => [captureRatio(...side('up', known(...pair)), DAY)],
  down_capture: (pair) => [captureRatio(...side('down', known(...pair)), DAY)],
  up_down_capture: (pair) => [upDownCapture(...known(...pair), DAY)],
  excess_sharpe: (pair) => [informationRatio(...known(...pair))],
  roll_alpha_beta: (pair, window) => rollPairs(pair, window, (part) => listed(alphaBeta(...part, DAY))),
  roll_up_capture: (pair, window) => rollPairs(pair, window, (part) => [captureRatio(...side('up', part), DAY)]),
  roll_down_capture: (pair, window) => rollPairs(pair, window, (part) => [captureRatio(...side('down', part), DAY)]),
  roll_up_down_capture: (pair, window) => rollPairs(pair, window, (part) => [upDownCapture(...part, DAY)]),
};

/** Those over returns alone, a risk-free or required rate already taken off, rows without a return left out. */
const ofReturns: Readonly<Record<string, (returns: Float64Array, one: Case, year: number) => Answer>> = {
  downside_risk: (returns, _, year) => [downsideRisk(returns, year)],
  omega_ratio: (returns, { required_return }) => [omegaRatio(returns, periodReturn(Number(required_return), DAY))],
  stability_of_timeseries: (returns) => [stability(returns)],
  tail_ratio: (returns) => [tailRatio(returns)],
  gpd_risk_estimates: (returns) => {
    const tail = paretoTail(returns);
    // empyrical answers zeros, five or four of them, where there is no fit.
    return tail === undefined ? [] : [tail.threshold, tail.scale, tail.shape, tail.valueAtRisk, tail.expectedShortfall];
  },
};

describeShared("the wider metrics equal empyrical's expected values", file, () => {
  const { tests, inputs } = referenceJson<Expectations>(file);
  const elsewhere = new Set([
    'annual_return',
    'annual_volatility',
    'cagr',
    'calmar_ratio',
    'cum_returns',
    'cum_returns_final',
    'max_drawdown',
    'sharpe_ratio',
    'simple_returns',
    'sortino_ratio',
  ]);

  it('leaves out no function', () => {
    const here = [
      ...Object.keys(ofPairs),
      ...Object.keys(ofReturns),
      'aggregate_returns',
      'roll_sharpe_ratio',
      'roll_max_drawdown',
    ];
    const all = new Set(Object.values(tests).map((test) => test.function));
    expect([...all].filter((name) => !elsewhere.has(name)).sort()).toEqual(here.sort());
    expect(Object.values(tests).reduce((sum, { cases }) => sum + cases.length, 0)).toBe(106);
  });

  for (const [name, test] of Object.entries(tests)) {
    if (elsewhere.has(test.function)) continue;
    it.each(test.cases.map((one, index) => ({ one, index, of: one.returns.ref })))(
      `${name} $index of $of`,
      ({ one }) => {
        expectCells(answer(test.function, one), cells(one.expected), one.decimal_places ?? test.decimals);
      },
    );
  }

  function answer(name: string, one: Case): Answer {
    const { window = 0 } = one;
    if (name in ofPairs) return ofPairs[name]!(aligned(one.returns, one.benchmark ?? one.factor_returns!), window);
    if (name === 'aggregate_returns') {
      const { index, values } = inputs[one.returns.ref]!;
      return [
        ...aggregateReturns(
          Float64Array.from(values!, Number),
          Float64Array.from(index, Date.parse),
          SPANS[one.convert_to!]!,
        ),
      ];
    }
    const year = YEARS[one.period ?? 'daily'];
    const all = columnsOf(one.returns);
    if (name === 'roll_sharpe_ratio')
      return rolling(all, window, (part) =>
        sharpeRatio(
          Float64Array.from(part).filter((value) => !Number.isNaN(value)),
          DAY,
        ),
      );
    if (name === 'roll_max_drawdown') return rolling(all, window, (part) => maxDrawdown(compounded(part), 1));
    const over = name === 'omega_ratio' ? one.risk_free : one.required_return;
    // Its value for the tail ratio counts the missing first return as 0.
    if (name === 'tail_ratio') return [tailRatio(all[0]!.map((value) => (Number.isNaN(value) ? 0 : value)))];
    return all.flatMap((returns) => ofReturns[name]!(excess(returns, over ?? 0), one, year));
  }

  function columnsOf({ ref }: Ref): Float64Array[] {
    const { values, columns = {} } = inputs[ref]!;
    return (values === undefined ? Object.values(columns) : [values]).map((column) =>
      Float64Array.from(column, Number),
    );
  }

  function excess(returns: Float64Array, over: number | Ref): Float64Array {
    const base = typeof over === 'number' ? undefined : columnsOf(over)[0]!;
    return returns
      .map((value, row) => value - (base === undefined ? (over as number) : base[row]!))
      .filter((value) => !Number.isNaN(value));
  }

  /** Both series over the union of their dates, NaN where one has none. */
  function aligned(returns: Ref, other: Ref | number): Pair {
    if (typeof other === 'number') return [columnsOf(returns)[0]!, columnsOf(returns)[0]!.fill(other)];
    const dates = [...new Set([...inputs[returns.ref]!.index, ...inputs[other.ref]!.index])].sort();
    const over = (ref: Ref): Float64Array => {
      const [column] = columnsOf(ref);
      const at = new Map(inputs[ref.ref]!.index.map((date, row) => [date, column![row]!]));
      return Float64Array.from(dates, (date) => at.get(date) ?? Number.NaN);
    };
    return [over(returns), over(other)];
  }

  function cells(expected: Case['expected']): number[] {
    if (typeof expected === 'object' && 'ref' in expected) return columnsOf(expected).flatMap((column) => [...column]);
    return Array.isArray(expected) ? expected.flat().map(Number) : [Number(expected)];
  }
});

/** NaN there is not available here; nothing here is zeros there. */
function expectCells(actual: Answer, expected: readonly number[], decimals: number): void {
  if (actual.length === 0) {
    for (const value of expected) expect(value).toBe(0);
    return;
  }
  expect(actual.length).toBe(expected.length);
  for (const [k, value] of expected.entries()) {
    if (Number.isNaN(value)) expect(actual[k]).toBeUndefined();
    else expect(Math.abs(actual[k]! - value), `${actual[k]} is not ${value}`).toBeLessThan(1.5 * 10 ** -decimals);
  }
}

const measured = 'reference/metrics/real_series_measured.json';
describeShared('the wider metrics of real returns equal empyrical', measured, () => {
  interface Measured {
    readonly n: number;
    readonly empyrical: Readonly<Record<string, number>> &
      Readonly<Record<'yearly' | 'monthly' | `rolling_${'sharpe' | 'maxdd' | 'beta'}_126_every_50`, number[]>>;
  }
  it.each([
    ['GOOG_vs_ORCL', 'GOOG.csv.gz', 'Close', 'orcl-1995-2014.txt.gz'],
    ['NVDA_vs_YHOO', 'nvda-1999-2014.txt.gz', 'Adj Close', 'yhoo-1996-2015.txt.gz'],
  ] as const)('%s', (name, own, column, other) => {
    const { n, empyrical } = referenceJson<Readonly<Record<string, Measured>>>(measured)[name]!;
    const [mine, others] = [returnsByDate(own, column), returnsByDate(other, 'Adj Close')];
    const dates = [...mine.keys()].filter((date) => others.has(date));
    expect(dates.length).toBe(n);
    const returns = Float64Array.from(dates, (date) => mine.get(date)!);
    const market = Float64Array.from(dates, (date) => others.get(date)!);
    const times = Float64Array.from(dates, Date.parse);
    const { alpha, beta: slope } = alphaBeta(returns, market, DAY);
    const pairs: readonly (readonly [string, number | undefined])[] = [
      ['omega', omegaRatio(returns)],
      ['stability', stability(returns)],
      ['tail_ratio', tailRatio(returns)],
      ['downside_risk', downsideRisk(returns, DAY)],
      ['var_05', valueAtRisk(returns)],
      ['cvar_05', conditionalValueAtRisk(returns)],
      ['var_01', valueAtRisk(returns, 0.01)],
      ['cvar_01', conditionalValueAtRisk(returns, 0.01)],
      ['alpha', alpha],
      ['beta', slope],
      ['excess_sharpe', informationRatio(returns, market)],
      ['up_capture', captureRatio(...marketSide(returns, market, 'up'), DAY)],
      ['down_capture', captureRatio(...marketSide(returns, market, 'down'), DAY)],
      ['capture', captureRatio(returns, market, DAY)],
    ];
    for (const [key, actual] of pairs) expect(Math.abs(actual! / empyrical[key]! - 1), key).toBeLessThan(1e-9);
    expectAll([...aggregateReturns(returns, times, 'year')], empyrical.yearly);
    expectAll([...aggregateReturns(returns, times, 'month')], empyrical.monthly);
    const every50 = <V>(values: V[]): V[] => values.filter((_, row) => row % 50 === 0);
    expectAll(
      every50(rolling([returns], 126, (part) => sharpeRatio(part, DAY))),
      empyrical.rolling_sharpe_126_every_50,
    );
    expectAll(
      every50(rolling([returns], 126, (part) => -maxDrawdown(compounded(part), 1)!)),
      empyrical.rolling_maxdd_126_every_50,
    );
    expectAll(every50(rolling([returns, market], 126, beta)), empyrical.rolling_beta_126_every_50);
  });

  function expectAll(actual: Answer, expected: readonly number[]): void {
    expect(actual.length).toBe(expected.length);
    for (const [k, value] of expected.entries()) expect(Math.abs(actual[k]! - value)).toBeLessThan(1e-9);
  }

  function returnsByDate(path: string, column: string): Map<string, number> {
    const [, ...lines] = referenceText(`reference/data/${path}`).trim().split(/\r?\n/);
    const returns = simpleReturns(referenceColumns(`reference/data/${path}`, [column])[column]!);
    return new Map(lines.slice(1).map((line, row) => [line.split(',')[0]!, returns[row]!]));
  }
});
