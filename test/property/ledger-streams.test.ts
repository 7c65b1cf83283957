import type { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import type { ScaledInteger } from '../../src/core/scaled-integer.js';
import { DecimalLedger } from '../helpers/decimal-ledger.js';
import { ledgerStream, type StreamAsset } from '../helpers/ledger-stream.js';
import { expectSame } from '../helpers/same.js';

const ONE = { mantissa: 1, decimals: 0 };
const ASSETS: readonly StreamAsset[] = [
  { name: 'shares', priceDecimals: 2, quantity: 8, lotDecimals: 0, multiplier: ONE },
  { name: 'shares in sub-penny prices', priceDecimals: 4, quantity: 8, lotDecimals: 0, multiplier: ONE },
  {
    name: 'a future of 12.5 a point',
    priceDecimals: 2,
    quantity: 8,
    lotDecimals: 0,
    multiplier: { mantissa: 125, decimals: 1 },
  },
  { name: 'a coin of 8 decimals', priceDecimals: 8, quantity: 8, lotDecimals: 8, multiplier: ONE },
  { name: 'a coin of 18 decimals', priceDecimals: 2, quantity: 18, lotDecimals: 18, multiplier: ONE },
  {
    name: 'a currency pair',
    priceDecimals: 5,
    quantity: 8,
    lotDecimals: 0,
    multiplier: { mantissa: 100_000, decimals: 0 },
  },
  { name: 'a token of 12 decimals', priceDecimals: 12, quantity: 12, lotDecimals: 6, multiplier: ONE },
  { name: 'shares beside a coin of 18 decimals', priceDecimals: 3, quantity: 18, lotDecimals: 0, multiplier: ONE },
];
const STREAMS = 100_000;
const SHARE = STREAMS / ASSETS.length;

/** A decimal as an integer of so many decimals. */
const scaled = (value: Decimal, decimals: number): bigint => BigInt(value.times(`1e${decimals}`).toFixed());

describe(`books equal the reference after every event of ${STREAMS} random streams`, () => {
  it.each(ASSETS)(
    '$name',
    (asset) => {
      const { quantity } = asset;
      let events = 0;
      let through = 0;
      let inLieu = 0;
      let largest = 0;
      for (let number = 0; number < SHARE; number++) {
        const { account, line, opening, next } = ledgerStream(SeededRandom.derive('ledger', asset.name, number), asset);
        const { ledger } = account;
        const { book } = line;
        const reference = new DecimalLedger({ cash: opening, quantityDecimals: quantity });
        let before = 0;
        for (let follows = next(); follows !== undefined; follows = next()) {
          for (const event of follows) reference.apply(event);
          events += follows.length;
          const { quantity: units, cost } = reference.position('A');
          const same = (name: string, actual: ScaledInteger, expected: Decimal, decimals: number): void => {
            if (actual.toBigInt() !== scaled(expected, decimals)) {
              expect.fail(
                `stream ${number} of ${asset.name}: ${name} is ${actual.toString(decimals)}, not ${expected.toFixed()}`,
              );
            }
          };
          same('cash', ledger.cash, reference.cash, 8);
          same('the receivable', ledger.receivable, reference.receivable, 8);
          same('realised profit', ledger.realisedProfit, reference.realisedProfit, 8);
          same('fees', ledger.fees, reference.fees, 8);
          same('the quantity', book.quantity, units, quantity);
          same('the cost', book.cost, cost, 8);
          const has = ledger.cash.toBigInt() + ledger.receivable.toBigInt() + book.cost.toBigInt();
          expectSame(has, ledger.opening.toBigInt() + ledger.realisedProfit.toBigInt() - ledger.fees.toBigInt());
          through += Number(before * book.held < 0);
          inLieu += Number(follows.some(({ kind }) => kind === 'split') && Math.abs(before) > 0);
          before = book.held;
          largest = Math.max(largest, Math.abs(book.cost.toNumber(8)));
        }
      }
      // The streams hold what they are meant to.
      expect(events).toBeGreaterThan(4 * SHARE);
      expect(Math.min(through, inLieu)).toBeGreaterThan(SHARE / 20);
      expect(largest).toBeGreaterThan(1e13);
    },
    120_000,
  );
});
