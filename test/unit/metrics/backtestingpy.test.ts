import { expect, it } from 'vitest';
import {
  annualRate,
  compoundedAnnualReturn,
  compoundedSharpe,
  compoundedSortino,
  compoundedVolatility,
  drawdownSpells,
  exposure,
  logBeta,
  maxDrawdown,
  spanValues,
  tradeStatistics,
} from '../../../src/metrics/index.js';
import { referenceColumns, referenceJson, referenceText } from '../../helpers/reference.js';
import { describeShared } from '../../helpers/shared.js';

interface Case {
  readonly id: string;
  readonly data: 'GOOG' | 'EURUSD' | 'BTCUSD';
  readonly stats: Readonly<Record<string, number | string | null>>;
  readonly trade_columns: readonly string[];
  readonly trades: readonly (readonly (number | null)[])[];
  readonly equity: readonly number[];
}

const file = 'reference/backtest/backtestingpy_cases.json.gz';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describeShared('the statistics of backtesting.py', file, () => {
  const cases = Object.values(referenceJson<Readonly<Record<string, Case>>>(file));

  it('are there for every case', () => expect(cases.length).toBe(23));

  it.each(cases)('$id', ({ data, stats, trade_columns, trades: rows, equity: values }) => {
    const equity = Float64Array.from(values);
    const path = `reference/data/${data}.csv.gz`;
    const { Close: close } = referenceColumns(path, ['Close']);
    const [, ...lines] = referenceText(path).trim().split(/\r?\n/);
    const times = Float64Array.from(lines, (line) =>
      Date.parse(`${line.split(',')[0]!.replace(' ', 'T')}${line.includes(':') ? '' : 'T00:00'}Z`),
    );
    const monthly = data === 'BTCUSD';
    const year = monthly ? 12 : 252;
    const ends = spanValues(equity, times, monthly ? 'month' : 'day');
    const cell = (row: readonly (number | null)[], name: string): number => row[trade_columns.indexOf(name)]!;
    const trades = rows.map((row) => ({
      profit: cell(row, 'PnL'),
      return: cell(row, 'ReturnPct'),
      entryRow: cell(row, 'EntryBar'),
      exitRow: cell(row, 'ExitBar'),
      commission: cell(row, 'Commission'),
    }));
    const growth = equity.at(-1)! / equity[0]!;
    const span = times.at(-1)! - times[0]!;
    const beta = logBeta(equity, close);
    const table = tradeStatistics(trades);
    const spells = drawdownSpells(equity);
    const bars = trades.map((trade) => times[trade.exitRow]! - times[trade.entryRow]!);
    const spellTimes = spells.map(({ from, to }) => times[to]! - times[from]!);
    const deepest = maxDrawdown(equity, equity[0]!)!;
    const yearly = compoundedAnnualReturn(ends, year);
    const average = (list: readonly number[]): number | undefined =>
      list.length === 0 ? undefined : list.reduce((a, b) => a + b, 0) / list.length;
    const percent = (value: number | undefined): number | undefined => (value === undefined ? undefined : 100 * value);
    // The bar from which buy and hold counts is where its indicators are ready: taken from the table itself.
    const hold = Number(stats['Buy & Hold Return [%]']);
    expect(
      close.some((value) => Math.abs((close.at(-1)! / value - 1) * 100 - hold) < 1e-9 * Math.max(1, Math.abs(hold))),
    ).toBe(true);
    const numbers: Readonly<Record<string, number | undefined>> = {
      'Exposure Time [%]': percent(exposure(trades, equity.length)),
      'Equity Final [$]': equity.at(-1),
      'Equity Peak [$]': equity.reduce((a, b) => Math.max(a, b)),
      'Return [%]': percent(growth - 1),
      'Return (Ann.) [%]': percent(yearly),
      'Volatility (Ann.) [%]': percent(compoundedVolatility(ends, year)),
      'CAGR [%]': percent(annualRate(growth, span / DAY_MS, 365.25)),
      'Sharpe Ratio': compoundedSharpe(ends, year),
      'Sortino Ratio': compoundedSortino(ends, year),
      'Calmar Ratio': yearly! / deepest,
      'Alpha [%]': percent(growth - 1)! - beta! * hold,
      Beta: beta,
      'Max. Drawdown [%]': -deepest * 100,
      'Avg. Drawdown [%]': -average(spells.map(({ depth }) => depth))! * 100,
      '# Trades': table.trades,
      'Win Rate [%]': percent(table.winRate),
      'Best Trade [%]': percent(table.bestTrade),
      'Worst Trade [%]': percent(table.worstTrade),
      'Avg. Trade [%]': percent(table.averageTrade),
      'Profit Factor': table.returnProfitFactor,
      'Expectancy [%]': percent(table.expectancy),
      SQN: table.sqn,
      'Kelly Criterion': table.kelly,
    };
    for (const [name, actual] of Object.entries(numbers)) {
      const expected = stats[name];
      if (typeof expected !== 'number') expect(actual, name).toBeUndefined();
      else
        expect(Math.abs(actual! - expected), `${name}: ${actual} is not ${expected}`).toBeLessThan(
          1e-9 * Math.max(1, Math.abs(expected)),
        );
    }
    const durations: Readonly<Record<string, number | undefined>> = {
      Duration: span,
      'Max. Drawdown Duration': Math.max(...spellTimes),
      'Avg. Drawdown Duration': average(spellTimes),
      'Max. Trade Duration': Math.max(...bars),
      'Avg. Trade Duration': average(bars),
    };
    const step = data === 'EURUSD' ? HOUR_MS : DAY_MS;
    for (const [name, actual] of Object.entries(durations)) {
      // Theirs are rounded up to hours or days, but for the whole duration.
      expect(name === 'Duration' ? actual : Math.ceil(Number(actual!.toFixed(3)) / step) * step, name).toBe(
        milliseconds(String(stats[name])),
      );
    }
    const paid = trades.reduce((sum, { commission }) => sum + commission, 0);
    expect(Math.abs(paid - Number(stats['Commissions [$]'] ?? 0))).toBeLessThan(1e-6);
  });
});

/** `121 days 05:00:00` */
function milliseconds(text: string): number {
  const [days = '0', clock = '0:0:0'] = text.split(' days ');
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number);
  return Number(days) * DAY_MS + hours * HOUR_MS + minutes * 60_000 + seconds * 1000;
}
