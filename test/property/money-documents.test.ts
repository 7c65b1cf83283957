import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../src/core/decimal.js';
import { emptyHome, file, hindcast, ingestWaves, waveCsv } from '../helpers/command-line.js';

const BARS = 45;

/** Trades at random in units, to targets and, when told so, by amounts, so that fills pyramid, close in part and cross zero. */
const RANDOM = `import { bool, defineStrategy, int } from 'hindcast';
export default defineStrategy({
  parameters: { size: int(1, 90, { default: 30 }), byAmount: bool({ default: false }) },
  initialize: ({ assets }, { size, byAmount }) => ({ assets, size, byAmount }),
  handleData({ state: { assets, size, byAmount }, order, random }) {
    for (const asset of assets) {
      const draw = random();
      if (draw < 0.2) order(asset, size);
      else if (draw < 0.3 && byAmount) order.notional(asset, size * 7.77);
      else if (draw < 0.5) order(asset, -Math.ceil(size / 3));
      else if (draw < 0.6) order.target(asset, size - 45);
    }
  },
});
`;

interface TradesDocument {
  readonly startingCash: string;
  readonly endingEquity: string;
  readonly trades: readonly Readonly<Record<'symbol' | 'side' | 'quantity' | 'price' | 'fee', string>>[];
  readonly roundTrips: readonly Readonly<
    Record<'side' | 'quantity' | 'entryPrice' | 'exitPrice' | 'commission' | 'profit', string>
  >[];
}

/** Returns the places of a document that hold numbers, array places as `[]`. */
function numbersOf(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => numbersOf(item, `${path}[]`));
  return Object.entries(value).flatMap(([key, member]) => numbersOf(member, path === '' ? key : `${path}.${key}`));
}

/** Everything in a document that may be a number: counts, times in seconds, parameters and statistics. */
const NUMBER = new RegExp(
  `^(${[
    'schemaVersion|bars|orders|fills|seconds|startupSeconds|workers|trialsPerSecond|takenOver|number',
    String.raw`study\.seed|trials\.\w+`,
    String.raw`((best|top\[\]|all\[\]|expected|found)\.)?(params|metrics|statistics)\.\w+`,
    String.raw`(best|top\[\]|all\[\])\.(number|value|fills)`,
    String.raw`(expected|found)\.orders`,
    String.raw`roundTrips\[\]\.(bars|return|mae|mfe)`,
    String.raw`overfitting\.[\w.[\]]+`,
    String.raw`lookahead\.(runs|differing|decisions|fills|seconds|cuts\[\]\.bar)`,
  ].join('|')})$`,
);
const notAllowed = (document: unknown): string[] => numbersOf(document).filter((path) => !NUMBER.test(path));

const lastCloses = new Map(
  [
    ['AAA', 0],
    ['BBB', 20],
  ].map(([symbol, phase]) => [
    symbol,
    waveCsv(BARS, phase as number)
      .trim()
      .split('\n')
      .at(-1)!
      .split(',')[4]!,
  ]),
);

/**
 * What the account is worth at the end, from the decimals of the document alone, and how far it may be off: the ledger rounds to 8
 * decimals, which changes nothing but amounts of units with decimals.
 */
function explained({ startingCash, trades }: TradesDocument): { readonly value: Decimal; readonly rounded: Decimal } {
  const held = new Map([...lastCloses.keys()].map((symbol) => [symbol, new Decimal(0)]));
  let value = new Decimal(startingCash);
  let roundings = 0;
  const add = (amount: Decimal): void => {
    value = value.plus(amount);
    if (amount.decimalPlaces() > 8) roundings++;
  };
  for (const { symbol, side, quantity, price, fee } of trades) {
    const units = new Decimal(quantity).times(side === 'buy' ? 1 : -1);
    held.set(symbol, held.get(symbol)!.plus(units));
    add(units.times(price).negated());
    add(new Decimal(fee).negated());
  }
  for (const [symbol, units] of held) add(units.times(lastCloses.get(symbol)!));
  return { value, rounded: new Decimal('1e-8').times(roundings) };
}

/** How far a round trip's profit is from what its own decimals say. */
const unexplained = ({ side, quantity, entryPrice, exitPrice, commission, profit }: TradesDocument['roundTrips'][0]) =>
  new Decimal(exitPrice)
    .minus(entryPrice)
    .times(quantity)
    .times(side === 'long' ? 1 : -1)
    .minus(commission)
    .minus(profit)
    .abs();

describe('the documents of the command line', () => {
  it('hold money as decimals that explain the ending equity to the last digit', async () => {
    const folder = emptyHome();
    await ingestWaves(folder, BARS);
    const strategy = file(folder, 'random.ts', RANDOM);
    let trades = 0;
    let trips = 0;
    const property = fc.asyncProperty(
      fc.record({
        seed: fc.integer({ min: 0, max: 1_000_000 }),
        size: fc.integer({ min: 1, max: 90 }),
        byAmount: fc.boolean(),
        cash: fc.constantFrom('100000', '12345.678', '999999999999999.12345678'),
        commission: fc.constantFrom('none', 'percent:0.00123', 'per-share:0.0051,min=1', 'per-trade:0.07'),
        slippage: fc.constantFrom('none', 'bps:7'),
        account: fc.constantFrom('cash', 'margin'),
      }),
      async ({ size, byAmount, ...options }) => {
        const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
        const args = [
          'backtest',
          strategy,
          '--bundle',
          'waves',
          '--param',
          `size=${size}`,
          '--param',
          `byAmount=${byAmount}`,
          ...flags,
        ];
        const { code, stdout, stderr } = await hindcast([...args, '--trades', '--json']);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        const document = JSON.parse(stdout) as TradesDocument;
        expect(notAllowed(document)).toEqual([]);
        expect(document.startingCash).toBe(options.cash);
        const { value, rounded } = explained(document);
        expect(
          value.minus(document.endingEquity).abs().lessThanOrEqualTo(rounded),
          JSON.stringify({ value, rounded }),
        ).toBe(true);
        // Shares of an amount have 64 digits, and the amounts are below 1e18.
        for (const trip of document.roundTrips) expect(unexplained(trip).lessThan('1e-40')).toBe(true);
        trades += document.trades.length;
        trips += document.roundTrips.length;
      },
    );
    await fc.assert(property, { numRuns: 1000 });
    expect(trades).toBeGreaterThan(10_000);
    expect(trips).toBeGreaterThan(10_000);
  });

  it('of a search and of a trial run again hold no money as a number either', async () => {
    const folder = emptyHome();
    await ingestWaves(folder, BARS);
    const strategy = file(folder, 'random.ts', RANDOM);
    const study = join(folder, 'random.log');
    const costs = ['--commission', 'percent:0.00123', '--account', 'margin', '--jobs', '1'];
    const args = ['optimize', strategy, '--bundle', 'waves', '--study', study, '--trials', '12', ...costs];
    const search = JSON.parse((await hindcast([...args, '--objective', 'totalReturn', '--all', '--json'])).stdout);
    expect(notAllowed(search)).toEqual([]);
    const { number, endingEquity } = search.best;
    expect(endingEquity).toMatch(/^\d+\.\d{3,8}$/);
    const again = JSON.parse((await hindcast(['reproduce', study, '--trial', String(number), '--json'])).stdout);
    expect(notAllowed(again)).toEqual([]);
    expect([again.expected.endingEquity, again.found.endingEquity]).toEqual([endingEquity, endingEquity]);
  });

  it('would be found out by a price that is a number', () => {
    expect(notAllowed({ bars: 3, roundTrips: [{ mae: 0.1, entryPrice: 10.5 }] })).toEqual(['roundTrips[].entryPrice']);
  });
});
