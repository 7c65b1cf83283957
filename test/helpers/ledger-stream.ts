import { asSid } from '../../src/core/brand.js';
import type { SeededRandom } from '../../src/core/random.js';
import { ScaledInteger } from '../../src/core/scaled-integer.js';
import { parseAccount } from '../../src/engine/account-options.js';
import { CorporateActions } from '../../src/engine/corporate-actions.js';
import type { Line } from '../../src/engine/line.js';
import type { LedgerEvent as ActionEvent, AssetView } from '../../src/engine/market-view.js';
import { parseCommission } from '../../src/execution/models.js';
import { PositionBook } from '../../src/portfolio/book.js';
import { MarginAccount } from '../../src/portfolio/margin-account.js';
import type { LedgerEvent } from './decimal-ledger.js';

/** What kind of asset an account trades in a stream of events. */
export interface StreamAsset {
  readonly name: string;
  readonly priceDecimals: number;
  /** Decimals of quantities. */
  readonly quantity: number;
  /** The smallest step of an order: 10 ** -lotDecimals units. */
  readonly lotDecimals: number;
  readonly multiplier: { readonly mantissa: number; readonly decimals: number };
}

const FEES = ['none', 'percent:0.00125', 'percent:0.000007'];
const RATIOS: readonly (readonly [bigint, bigint])[] = [
  [2n, 1n],
  [7n, 1n],
  [3n, 2n],
  [1n, 3n],
  [1n, 20n],
  [10_000n, 9_999n],
];
/** Traded value that a fill has at most. */
const NOTIONAL_MAX = 1e15;
/** With a leverage of a billion hardly an order is refused: what is tested is the books, not the buying power. */
const OPENINGS = ['1e3', '1e9', '1e15', '1e21'];

/** The account under test, its asset's line, and the same events for the reference. */
export interface Stream {
  readonly account: MarginAccount;
  readonly line: Line;
  readonly opening: string;
  /** Applies the next event; returns what the reference applies to follow, and undefined at the end. */
  next(): readonly LedgerEvent[] | undefined;
}

/** Returns a random stream of fills, closings, splits, dividends, payments and charges, in all sizes up to 1e15 of traded value. */
export function ledgerStream(random: SeededRandom, asset: StreamAsset): Stream {
  const { priceDecimals, quantity, lotDecimals, multiplier } = asset;
  const length = random.int(2, 9);
  const commission = FEES[random.int(0, FEES.length - 1)]!;
  const account = new MarginAccount({
    scales: { money: 8, quantity },
    commission: parseCommission(commission),
    unaffordable: 'reject',
    terms: parseAccount('margin:leverage=999999999').terms!,
  });
  const opening = OPENINGS[random.int(0, OPENINGS.length - 1)]!;
  account.ledger.open(ScaledInteger.fromDecimalString(opening, 8, 'exact'));
  const book = new PositionBook({
    sid: asSid(0),
    symbol: 'A',
    tick: 10 ** -priceDecimals,
    lot: 10 ** -lotDecimals,
    multiplier: multiplier.mantissa / 10 ** multiplier.decimals,
    priceDecimals,
    volumeDecimals: 0,
    currency: 'USD',
  });
  const lot = 10n ** BigInt(quantity - lotDecimals);
  /** Up to so many digits, each number of digits as likely as another. */
  const upTo = (digits: number): number => random.int(1, 10 ** random.int(1, digits));
  const anyUpTo = (digits: number): bigint =>
    digits <= 15 ? BigInt(upTo(digits)) : BigInt(upTo(15)) * 10n ** BigInt(digits - 15) + BigInt(upTo(15));
  const ticksAt = Array.from({ length: length + 1 }, () => upTo(Math.min(15, priceDecimals + 7)));
  const events: ActionEvent[] = [];
  const kinds = Array.from({ length }, (_, row): 'trade' | 'close' | 'split' | 'dividend' | 'charge' => {
    const at = random.int(0, 9);
    const kind = at < 5 ? 'trade' : at < 6 ? 'close' : at < 7 ? 'split' : at < 9 ? 'dividend' : 'charge';
    if (kind === 'split') {
      const [numerator, denominator] = RATIOS[random.int(0, RATIOS.length - 1)]!;
      events.push({ kind, row: row + 1, numerator, denominator });
    } else if (kind === 'dividend') {
      const pays = random.int(0, 2);
      const payRow = pays === 0 ? row + 1 : pays === 1 ? row + 1 + random.int(1, length) : undefined;
      events.push({ kind, row: row + 1, payRow, mantissa: BigInt(upTo(9)), decimals: random.int(0, 9) });
    }
    return kind;
  });
  const marks = Float64Array.from(ticksAt, (ticks) => ticks / 10 ** priceDecimals);
  const scales = { price: priceDecimals, multiplier, point: book.asset.multiplier, lot: Number(lot), step: 1 };
  const line: Line = {
    view: { asset: book.asset, marks, schedule: undefined, events, key: '' } as unknown as AssetView,
    book,
    scales,
    prices: marks,
    first: 0,
    tickScale: 10 ** priceDecimals,
    fillScale: 10 ** priceDecimals,
    multiplier: book.asset.multiplier,
  };
  const actions = new CorporateActions({
    lines: [line],
    account,
    working: [],
    end: () => {},
    withholding: 0,
    delisting: 'hold',
    settle: () => {},
  });
  actions.start(0);
  const payments = new Map<number, number>();
  for (const event of events)
    if (event.kind === 'dividend' && event.payRow !== undefined) payments.set(event.row, event.payRow);

  const trade = (closes: boolean, row: number): LedgerEvent[] => {
    const ticks = ticksAt[row]!;
    const price = ticks / 10 ** priceDecimals;
    let units: bigint;
    if (closes) units = -book.quantity.toBigInt();
    else {
      // A quantity of any size whose value stays within the limit, in lots or in the smallest units.
      const most = NOTIONAL_MAX / (price * book.asset.multiplier);
      const step = random.int(0, 3) === 0 ? 1n : lot;
      const digits = Math.max(1, Math.floor(Math.log10(most)) + (step === lot ? lotDecimals : quantity));
      units = anyUpTo(random.int(1, digits)) * step * (random.int(0, 1) === 0 ? 1n : -1n);
    }
    if (units === 0n) return [];
    const outcome = account.execute(
      book,
      closes ? { kind: 'position' } : { kind: 'units', units: new ScaledInteger().setBigInt(units) },
      ticks,
      price,
      scales,
    );
    if (outcome !== 'filled') return [];
    return [
      {
        kind: units > 0n ? 'buy' : 'sell',
        asset: 'A',
        quantity: new ScaledInteger().setBigInt(units < 0n ? -units : units).toString(quantity),
        price: `${ticks}e-${priceDecimals}`,
        multiplier: `${multiplier.mantissa}e-${multiplier.decimals}`,
        feeRate: commission === 'none' ? '0' : commission.slice('percent:'.length),
      },
    ];
  };

  let row = 0;
  return {
    account,
    line,
    opening,
    next() {
      if (row === length) return undefined;
      const kind = kinds[row]!;
      row++;
      const follows: LedgerEvent[] = [];
      const isWhole = book.quantity.toBigInt() % lot === 0n;
      if (actions.nextRow <= row) actions.apply(row);
      for (const [earned, paid] of payments) {
        if (paid === row && earned < row) follows.push({ kind: 'payment', asset: 'A', id: earned });
      }
      for (const event of events) {
        if (event.row !== row) continue;
        if (event.kind === 'split') {
          follows.push({
            kind: 'split',
            asset: 'A',
            ratio: `${event.numerator}/${event.denominator}`,
            close: `${BigInt(ticksAt[row - 1]!) * BigInt(multiplier.mantissa)}e-${priceDecimals + multiplier.decimals}`,
            decimals: isWhole ? lotDecimals : quantity,
          });
        } else {
          const paid = event.payRow === row ? 'now' : 'later';
          follows.push({ kind: 'dividend', asset: 'A', amount: `${event.mantissa}e-${event.decimals}`, paid, id: row });
        }
      }
      if (kind === 'charge') {
        const charge = new ScaledInteger().setBigInt(anyUpTo(random.int(1, 20)) * (random.int(0, 1) === 0 ? 1n : -1n));
        account.ledger.charge(charge);
        follows.push({ kind: 'charge', amount: charge.toString(8) });
      }
      if (kind === 'trade' || kind === 'close') follows.push(...trade(kind === 'close', row));
      return follows;
    },
  };
}
