import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecimalLedger, type LedgerEvent } from '../../helpers/decimal-ledger.js';

function replay(cash: string, events: readonly LedgerEvent[], quantityDecimals = 8): DecimalLedger {
  const ledger = new DecimalLedger({ cash, quantityDecimals });
  for (const event of events) {
    ledger.apply(event);
    expect(ledger.unexplained.toString()).toBe('0');
  }
  return ledger;
}

const summary = (ledger: DecimalLedger): Record<string, string> => ({
  cash: ledger.cash.toString(),
  quantity: ledger.position('A').quantity.toString(),
  cost: ledger.position('A').cost.toString(),
  realised: ledger.realisedProfit.toString(),
  fees: ledger.fees.toString(),
});

/** Each account below was worked out by hand. */
describe('the reference ledger', () => {
  const bought: LedgerEvent = { kind: 'buy', asset: 'A', quantity: '30', price: '10', feeRate: '0.001' };

  it('buys: money goes, cost and fee are kept apart', () => {
    expect(summary(replay('1000', [bought]))).toEqual({
      cash: '699.7',
      quantity: '30',
      cost: '300',
      realised: '0',
      fees: '0.3',
    });
  });

  it('sells a part at average cost, then all the rest without a remainder', () => {
    const second: LedgerEvent = { kind: 'buy', asset: 'A', quantity: '3', price: '10.01' };
    const part: LedgerEvent = { kind: 'sell', asset: 'A', quantity: '10', price: '11' };
    // Cost 330.03; of 33 units 10 go: 330.03 * 10 / 33 = 100.00909090 9...
    expect(summary(replay('1000', [bought, second, part]))).toEqual({
      cash: '779.67',
      quantity: '23',
      cost: '230.02090909',
      realised: '9.99090909',
      fees: '0.3',
    });
    expect(
      summary(replay('1000', [bought, second, part, { kind: 'sell', asset: 'A', quantity: '23', price: '9' }])),
    ).toEqual({
      cash: '986.67',
      quantity: '0',
      cost: '0',
      realised: '-13.03',
      fees: '0.3',
    });
  });

  it('rounds gross and fee half-even, one after the other', () => {
    const tie: LedgerEvent = { kind: 'buy', asset: 'A', quantity: '0.00000005', price: '0.5', feeRate: '0.5' };
    // 0.000000025 becomes 0.00000002, half of which is 0.00000001.
    expect(summary(replay('1', [tie]))).toMatchObject({ cost: '0.00000002', fees: '0.00000001', cash: '0.99999997' });
  });

  it('splits, and pays a fraction in cash with its share of the cost', () => {
    const split: LedgerEvent = { kind: 'split', asset: 'A', ratio: '1/4', price: '44' };
    // 30 / 4 = 7.5: 7 stay, 0.5 of 44 is paid, 300 * 0.5 / 7.5 = 20 of the cost go.
    expect(summary(replay('1000', [bought, split], 0))).toMatchObject({
      cash: '721.7',
      quantity: '7',
      cost: '280',
      realised: '2',
    });
    expect(summary(replay('1000', [bought, split]))).toMatchObject({ cash: '699.7', quantity: '7.5', cost: '300' });
    const gone: LedgerEvent = { kind: 'split', asset: 'A', ratio: '1/100', price: '900' };
    expect(summary(replay('1000', [bought, gone], 0))).toMatchObject({
      cash: '969.7',
      quantity: '0',
      cost: '0',
      realised: '-30',
    });
  });

  it('earns dividends, now or later', () => {
    const dividend: LedgerEvent = { kind: 'dividend', asset: 'A', amount: '0.123' };
    expect(summary(replay('1000', [bought, dividend]))).toMatchObject({ cash: '703.39', realised: '3.69' });
    const later = replay('1000', [bought, { ...dividend, paid: 'later' }]);
    expect([later.cash.toString(), later.receivable.toString()]).toEqual(['699.7', '3.69']);
    later.apply({ kind: 'payment', asset: 'A' });
    expect([later.cash.toString(), later.receivable.toString()]).toEqual(['703.39', '0']);
  });

  it('goes short and through zero', () => {
    const short: LedgerEvent = { kind: 'sell', asset: 'A', quantity: '40', price: '12' };
    // Of 480, 360 close the 30 that cost 300; 120 open 10 short.
    expect(summary(replay('1000', [bought, short]))).toMatchObject({
      cash: '1179.7',
      quantity: '-10',
      cost: '-120',
      realised: '60',
    });
    const cover: LedgerEvent = { kind: 'buy', asset: 'A', quantity: '10', price: '15', multiplier: '1' };
    expect(summary(replay('1000', [bought, short, cover]))).toMatchObject({
      cash: '1029.7',
      quantity: '0',
      cost: '0',
      realised: '30',
    });
  });

  it('never makes or loses value', () => {
    const units = fc.integer({ min: 1, max: 10 ** 6 }).map((n) => `${n}e-4`);
    const price = fc.integer({ min: 1, max: 10 ** 6 }).map((n) => `${n}e-2`);
    const event: fc.Arbitrary<LedgerEvent> = fc.oneof(
      fc.record({
        kind: fc.constantFrom('buy', 'sell'),
        asset: fc.constantFrom('A', 'B'),
        quantity: units,
        price,
        feeRate: fc.constantFrom('0', '0.00125'),
      }),
      fc.record({
        kind: fc.constant('split'),
        asset: fc.constantFrom('A', 'B'),
        ratio: fc.constantFrom('2', '1/3', '0.05', '3/2'),
        price,
      }),
      fc.record({
        kind: fc.constant('dividend'),
        asset: fc.constantFrom('A', 'B'),
        amount: price,
        paid: fc.constantFrom('now', 'later'),
      }),
      fc.record({ kind: fc.constant('payment'), asset: fc.constantFrom('A', 'B') }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 15 }), (events) => {
        replay('100000', events, 2);
      }),
      { numRuns: 1000 },
    );
  });
});
