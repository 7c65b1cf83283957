import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src/core/decimal.js';
import { excursions, exposure, roundTrips, type TripEvent, tradeStatistics } from '../../../src/metrics/index.js';

const fill = (row: number, quantity: number, price: number, fee = 0): TripEvent => ({
  kind: 'fill',
  row,
  time: row * 1000,
  quantity: new Decimal(quantity),
  price: new Decimal(price),
  fee: new Decimal(fee),
});
const short = (trips: ReturnType<typeof roundTrips>) =>
  trips.map(({ side, quantity, entryRow, entryPrice, exitRow, exitPrice, commission, profit }) => [
    side,
    quantity.toNumber(),
    entryRow,
    entryPrice,
    exitRow,
    exitPrice,
    commission.toNumber(),
    profit.toNumber(),
  ]);

describe('roundTrips', () => {
  const scaled = [fill(0, 10, 100, 1), fill(1, 10, 110, 1), fill(3, -15, 120, 3), fill(4, -5, 90, 1)];

  it('closes the oldest units first', () => {
    expect(short(roundTrips(scaled))).toEqual([
      ['long', 10, 0, 100, 3, 120, 3, 197],
      ['long', 5, 1, 110, 3, 120, 1.5, 48.5],
      ['long', 5, 1, 110, 4, 90, 1.5, -101.5],
    ]);
  });

  it('closes at the average cost', () => {
    expect(short(roundTrips(scaled, 'average-cost'))).toEqual([
      ['long', 15, 0, 105, 3, 120, 4.5, 220.5],
      ['long', 5, 0, 105, 4, 90, 1.5, -76.5],
    ]);
  });

  const tagged = (tag: string, event: TripEvent): TripEvent => ({ ...event, tag }) as TripEvent;

  it('closes what was opened under the same tag, against the net position too', () => {
    const events = [
      tagged('a', fill(0, 5, 100)),
      tagged('b', fill(1, -5, 104)),
      tagged('c', fill(2, 5, 103)),
      tagged('c', fill(3, -2, 106)),
      tagged('b', fill(4, 5, 101)),
      tagged('a', fill(5, -5, 107)),
      tagged('c', fill(6, -3, 90)),
    ];
    expect(short(roundTrips(events, 'tag'))).toEqual([
      ['long', 2, 2, 103, 3, 106, 0, 6],
      ['short', 5, 1, 104, 4, 101, 0, 15],
      ['long', 5, 0, 100, 5, 107, 0, 35],
      ['long', 3, 2, 103, 6, 90, 0, -39],
    ]);
  });

  it('closes the oldest units where a fill has no tag', () => {
    const events = [tagged('a', fill(0, 5, 100)), tagged('b', fill(1, 5, 110)), fill(2, -7, 120)];
    expect(short(roundTrips(events, 'tag'))).toEqual([
      ['long', 5, 0, 100, 2, 120, 0, 100],
      ['long', 2, 1, 110, 2, 120, 0, 20],
    ]);
  });

  it('makes the same profit by any method once everything is closed', () => {
    const amount = fc.record({
      units: fc.integer({ min: -9, max: 9 }),
      price: fc.integer({ min: 1, max: 99 }),
      tag: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 20 }), (list) => {
        const events = list
          .filter(({ units }) => units !== 0)
          .map(({ units, price, tag }, row) => tagged(`t${tag}`, fill(row, units, price, 1)));
        const open = new Map<string, number>();
        for (const { units, tag } of list) open.set(`t${tag}`, (open.get(`t${tag}`) ?? 0) + units);
        for (const [tag, units] of open) if (units !== 0) events.push(tagged(tag, fill(events.length, -units, 50)));
        const profit = (method: 'fifo' | 'average-cost' | 'tag'): number =>
          roundTrips(events, method).reduce((sum, trip) => sum + trip.profit.toNumber(), 0);
        expect(profit('tag')).toBeCloseTo(profit('fifo'), 8);
        expect(profit('tag')).toBeCloseTo(profit('average-cost'), 8);
      }),
      { numRuns: 1000 },
    );
  });

  it('turns a position over in one fill, and shares its fee', () => {
    expect(short(roundTrips([fill(0, 4, 50, 0), fill(2, -10, 60, 5), fill(5, 6, 55, 3)]))).toEqual([
      ['long', 4, 0, 50, 2, 60, 2, 38],
      ['short', 6, 2, 60, 5, 55, 6, 24],
    ]);
  });

  it.each([
    { method: 'fifo', entries: ['100', '101'] },
    { method: 'average-cost', entries: ['100.75', '100.75'] },
  ] as const)('has the prices of $method as decimals', ({ method, entries }) => {
    const trips = roundTrips([fill(0, 1, 100), fill(1, 3, 101), fill(2, -1, 99.5), fill(3, -3, 98)], method);
    expect(trips.map(({ exact }) => [exact.entryPrice.toString(), exact.exitPrice.toString()])).toEqual([
      [entries[0], '99.5'],
      [entries[1], '98'],
    ]);
  });

  it('has none for what is still open', () => expect(roundTrips([fill(0, 4, 50)])).toEqual([]));

  it('applies a split, pays the fraction out, and takes income in', () => {
    const split: TripEvent = {
      kind: 'split',
      row: 2,
      time: 2000,
      numerator: new Decimal(3),
      denominator: new Decimal(2),
      lot: new Decimal(1),
      unit: new Decimal('1e-8'),
      price: new Decimal(60),
    };
    const dividend: TripEvent = { kind: 'income', row: 3, time: 3000, amount: new Decimal('0.5') };
    expect(short(roundTrips([fill(0, 5, 90), split, dividend, fill(4, -7, 70)]))).toEqual([
      ['long', 0.5, 0, 60, 2, 60, 0, 0],
      ['long', 7, 0, 60, 4, 70, 0, 73.5],
    ]);
  });

  it('keeps a holding that is no whole lots to its last unit', () => {
    const split = (denominator: number): TripEvent => ({
      kind: 'split',
      row: 2,
      time: 2000,
      numerator: new Decimal(2),
      denominator: new Decimal(denominator),
      lot: new Decimal(1),
      unit: new Decimal('1e-8'),
      price: new Decimal(60),
    });
    expect(short(roundTrips([fill(0, 2.25, 90), split(1), fill(4, -4.5, 50)]))).toEqual([
      ['long', 4.5, 0, 45, 4, 50, 0, 22.5],
    ]);
    const [trip, ...more] = roundTrips([fill(0, 2.5, 90), split(3), fill(4, -1.66666666, 140)]);
    expect([trip!.quantity.toString(), more]).toEqual(['1.66666666', []]);
  });

  it('gives back all profit and all fees, by either method, once the position is flat', () => {
    const step = fc.tuple(
      fc.integer({ min: -50, max: 50 }).filter((quantity) => quantity !== 0),
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: -5, max: 100 }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 10_000 }),
        (steps, last) => {
          const fills = steps.map(([quantity, price, fee], row) => fill(row, quantity, price / 100, fee / 100));
          const open = steps.reduce((sum, [quantity]) => sum + quantity, 0);
          if (open !== 0) fills.push(fill(steps.length, -open, last / 100, 0.03));
          const money = fills.reduce(
            (sum, event) =>
              event.kind === 'fill' ? sum.minus(event.quantity.times(event.price)).minus(event.fee) : sum,
            new Decimal(0),
          );
          for (const method of ['fifo', 'average-cost'] as const) {
            const profit = roundTrips(fills, method).reduce((sum, trip) => sum.plus(trip.profit), new Decimal(0));
            expect(profit.minus(money).abs().lessThan('1e-40')).toBe(true);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});

describe('excursions', () => {
  const [trip] = roundTrips([fill(1, 1, 100), fill(3, -1, 104)]);
  const high = Float64Array.of(500, 110, 108, 900);
  const low = Float64Array.of(1, 95, 80, 2);

  it.each([
    { fillAt: 'open', mae: 0.2, mfe: 0.1 },
    { fillAt: 'close', mae: 0.98, mfe: 8 },
  ] as const)('leaves out what the bar of a fill at its $fillAt did without the trade', ({ fillAt, mae, mfe }) => {
    const found = excursions(trip!, high, low, fillAt);
    expect(found.mae).toBeCloseTo(mae, 12);
    expect(found.mfe).toBeCloseTo(mfe, 12);
  });

  it('sees prices before a split in the units of the exit', () => {
    const halves = [{ row: 2, ratio: 2 }];
    const [halved] = roundTrips([fill(1, 2, 50), fill(3, -2, 52)]);
    const found = excursions(halved!, Float64Array.of(0, 110, 54, 60), Float64Array.of(0, 95, 40, 50), 'open', halves);
    expect(found.mfe).toBeCloseTo(0.1, 12);
    expect(found.mae).toBeCloseTo(0.2, 12);
  });
});

it('counts the rows with a position once', () => {
  expect(
    exposure(
      [
        { entryRow: 1, exitRow: 3 },
        { entryRow: 3, exitRow: 4 },
      ],
      8,
    ),
  ).toBe(0.5);
  expect(exposure([], 0)).toBeUndefined();
});

it('computes the figures of trades by the stated formulas', () => {
  const table = tradeStatistics([
    { profit: 10, return: 0.1 },
    { profit: 20, return: 0.2 },
    { profit: -5, return: -0.05 },
    { profit: -5, return: -0.05 },
  ]);
  // Mean 5, squares about it 25 + 225 + 100 + 100 = 450.
  expect(table.sqn).toBeCloseTo((2 * 5) / Math.sqrt(150), 12);
  expect(table).toMatchObject({
    trades: 4,
    winRate: 0.5,
    payoffRatio: 3,
    winStreak: 2,
    lossStreak: 2,
    averageProfit: 5,
  });
  expect(table.kelly).toBeCloseTo(0.5 - 0.5 / 3, 12);
  expect(table.returnProfitFactor).toBeCloseTo(3, 12);
  expect(table.expectancy).toBeCloseTo(0.05, 12);
  expect(table.averageTrade).toBeCloseTo((1.1 * 1.2 * 0.95 * 0.95) ** 0.25 - 1, 12);
});

it('has no figure of trades that there are not', () => {
  const { trades, winStreak, lossStreak, ...rest } = tradeStatistics([]);
  expect([trades, winStreak, lossStreak]).toEqual([0, 0, 0]);
  expect(Object.values(rest).every((value) => value === undefined)).toBe(true);
});
