import { Decimal } from 'decimal.js';
import { expect, it } from 'vitest';
import { asSid } from '../../src/core/brand.js';
import { adjustmentSchedule } from '../../src/data/adjustments.js';
import { DirectIndicators, type IndicatorInputs } from '../../src/indicators/columns.js';
import { ema, sma } from '../../src/indicators/index.js';
import { referenceText } from '../helpers/reference.js';
import { describeShared } from '../helpers/shared.js';

const FOLDER = 'data/equities';

interface Apple {
  readonly dates: readonly string[];
  readonly close: readonly string[];
  inputs(events: { readonly dividends: boolean }): IndicatorInputs;
}

function apple(): Apple {
  const lines = referenceText(`${FOLDER}/plain-daily/AAPL.csv`).trim().split(/\r?\n/).slice(1);
  const dates = lines.map((line) => line.split(',')[0]!);
  const close = lines.map((line) => line.split(',')[4]!);
  const column = Float64Array.from(close, Number);
  const events = (file: string): { exDate: number; amount: string }[] =>
    referenceText(`${FOLDER}/events/${file}`)
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(','))
      .filter(([symbol]) => symbol === 'AAPL')
      .map(([, date, amount]) => ({ exDate: Date.parse(date!), amount: amount! }));
  const sid = asSid(0);
  type Schedule = Parameters<typeof adjustmentSchedule>;
  return {
    dates,
    close,
    inputs: ({ dividends }) => ({
      key: `AAPL ${dividends}`,
      length: column.length,
      columns: [column],
      kinds: ['price'],
      schedule: adjustmentSchedule(
        { asset: { sid, symbol: 'AAPL' }, first: 0, column: () => column } as unknown as Schedule[0],
        { times: Float64Array.from(dates, (date) => Date.parse(date)) },
        events('splits-by-ex-date.csv').map(({ exDate, amount }) => ({
          sid,
          exDate,
          ratio: amount,
        })) as unknown as Schedule[2],
        dividends
          ? (events('dividends-by-ex-date.csv').map((event) => ({
              sid,
              payDate: undefined,
              ...event,
            })) as unknown as Schedule[3])
          : [],
      ),
    }),
  };
}

describeShared('indicators over the events of AAPL', `${FOLDER}/plain-daily/AAPL.csv`, () => {
  it('SMA(200) is the average of closes in the shares of each day, over four splits', () => {
    const { dates, close, inputs } = apple();
    const { value } = new DirectIndicators().columns(sma(200), inputs({ dividends: false })).outputs;
    const splits: readonly (readonly [string, number])[] = [
      ['2000-06-21', 2],
      ['2005-02-28', 2],
      ['2014-06-09', 7],
      ['2020-08-31', 4],
    ];
    for (const day of [
      '1999-06-21',
      '2000-06-20',
      '2000-06-21',
      '2005-03-01',
      '2014-06-06',
      '2014-06-09',
      '2020-08-28',
      '2020-08-31',
      '2021-03-01',
    ]) {
      const row = dates.indexOf(day);
      let sum = new Decimal(0);
      for (let past = row - 199; past <= row; past++) {
        const shares = splits.reduce(
          (all, [exDate, ratio]) => (dates[past]! < exDate && exDate <= day ? all * ratio : all),
          1,
        );
        sum = sum.plus(new Decimal(close[past]!).div(shares));
      }
      expect(value![row]! / sum.div(200).toNumber(), day).toBeCloseTo(1, 14);
    }
  });

  it.each([
    ['SMA(200)', sma(200)],
    ['EMA(200)', ema(200)],
  ] as const)('%s does not jump at the 4:1 split of 2020', (_, recipe) => {
    const { dates, inputs } = apple();
    const columns = new DirectIndicators().columns(recipe, inputs({ dividends: true }));
    const { value } = columns.outputs;
    const row = dates.indexOf('2020-08-31');
    // 499.23 a share on the Friday is 124.81 on the Monday: the average falls to a quarter with it, and no further.
    expect(value![row]! / (value![row - 1]! / 4)).toBeCloseTo(1, 1);
    expect(Math.abs(value![row]! / (value![row - 1]! / 4) - 1)).toBeLessThan(0.01);
    const segment = inputs({ dividends: true }).schedule!.rows.indexOf(row) + 1;
    expect(columns.restatedValue(segment, 'value', row - 1) / (value![row - 1]! / 4)).toBeCloseTo(1, 12);
  });

  it('stays within the closes of its window, in shares and dividends of the day', () => {
    const { inputs } = apple();
    const data = inputs({ dividends: true });
    const columns = new DirectIndicators().columns(sma(200), data);
    let jumps = 0;
    for (const [segment, row] of data.schedule!.rows.entries()) {
      if (row <= 200) continue;
      const before = columns.restatedValue(segment + 1, 'value', row - 1);
      // One bar moves an average over 200 by a 200th of the difference between two closes.
      if (Math.abs(columns.outputs.value![row]! / before - 1) > 0.01) jumps++;
    }
    expect(data.schedule!.rows.length).toBeGreaterThan(30);
    expect(jumps).toBe(0);
  });
});
