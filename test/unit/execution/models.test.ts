import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatScaled } from '../../../src/core/decimal-text.js';
import { UsageError } from '../../../src/core/errors.js';
import { ScaledInteger } from '../../../src/core/scaled-integer.js';
import { parseSpecification } from '../../../src/execution/model-specification.js';
import { parseCommission, parseSlippage } from '../../../src/execution/models.js';
import { fillFacts, marketMoment } from '../../helpers/cost-inputs.js';
import { referenceJson } from '../../helpers/reference.js';
import { describeShared } from '../../helpers/shared.js';

const scales = { money: 8, quantity: 8 };
const money = (text: string): ScaledInteger => ScaledInteger.fromDecimalString(text, 8, 'exact');

describe('commission models', () => {
  it.each([
    { model: 'none', gross: '1000', quantity: '10', fee: '0' },
    { model: 'percent:0.001', gross: '1000', quantity: '10', fee: '1' },
    { model: 'percent:0.00125', gross: '1234.56', quantity: '10', fee: '1.5432' },
    { model: 'percent:0.001', gross: '0.00000500', quantity: '1', fee: '0' }, // half a unit of the last place: to even
    { model: 'percent:0.001', gross: '0.00001500', quantity: '1', fee: '0.00000002' },
    { model: 'per-share:0.005', gross: '1000', quantity: '10', fee: '0.05' },
    { model: 'per-share:0.005,min=1', gross: '1000', quantity: '10', fee: '1' },
    { model: 'per-share:0.005,min=1', gross: '1000', quantity: '1000', fee: '5' },
    { model: 'per-share:0.005,min=1', gross: '0', quantity: '0', fee: '0' },
    { model: 'per-share:0.005,min=1,max-rate=0.01', gross: '50', quantity: '10', fee: '0.5' }, // the most goes before the least
    { model: 'per-share:0.005,max-rate=0.01', gross: '5', quantity: '100', fee: '0.05' },
    { model: 'percent:0.001,min=2.5', gross: '1000', quantity: '10', fee: '2.5' },
    { model: 'percent:0.001,min=2.5', gross: '5000', quantity: '10', fee: '5' },
    { model: 'percent:0.0005,fixed=2', gross: '1000', quantity: '10', fee: '2.5' },
    { model: 'percent:0.001,fixed=1,min=2.5', gross: '1000', quantity: '10', fee: '2.5' },
    { model: 'percent:0.001,fixed=1,min=2.5', gross: '5000', quantity: '10', fee: '6' },
    { model: 'per-trade:4.95', gross: '1000', quantity: '10', fee: '4.95' },
    { model: 'per-trade:4.95', gross: '0', quantity: '0', fee: '0' },
    { model: 'per-contract:0.85', gross: '1000', quantity: '3', fee: '2.55' },
    { model: 'per-contract:0.85,exchange=0.5', gross: '1000', quantity: '3', fee: '3.05' },
    { model: 'per-contract:0.85,exchange=0.5,min=4', gross: '1000', quantity: '3', fee: '4' },
    { model: 'maker-taker:maker=-0.0001,taker=0.0004', gross: '1000', quantity: '3', fee: '0.4' },
    { model: 'tiered-percent:0.001,1000=0.0005', gross: '1500', quantity: '3', fee: '1.25' },
    { model: 'tiered-per-share:0.01,100=0.005,200=0.001', gross: '1500', quantity: '250', fee: '1.55' },
    { model: 'per-share:1', gross: '10', quantity: '0.12345678', fee: '0.12345678' },
  ])('$model charges $fee for $quantity units worth $gross', ({ model, gross, quantity, fee }) => {
    const charged = parseCommission(model).charge(
      new ScaledInteger(),
      money(gross),
      money(quantity),
      scales,
      fillFacts(),
    );
    expect(charged.toString(8)).toBe(fee);
  });

  it('is written the same way it is read', () => {
    for (const text of [
      'none',
      'percent:0.001',
      'percent:0.001,min=1',
      'percent:0.001,fixed=2,min=1',
      'per-share:0.005',
      'per-share:0.005,min=1,max-rate=0.01',
      'per-trade:1',
      'per-contract:0.85,exchange=0.5,min=2',
      'tiered-percent:0.001,1000000=0.0008,5000000=0.0005',
      'tiered-per-share:0.0035,300000=0.002',
      'maker-taker:maker=-0.0001,taker=0.0004',
    ]) {
      expect(parseCommission(text).specification).toBe(text);
    }
    expect(parseCommission('percent:0.0010').specification).toBe('percent:0.001');
  });

  it.each([
    ['percent:.001', 'percent:0.001'],
    ['percent:1e-3,min=+1E0', 'percent:0.001,min=1'],
    ['per-trade:5.', 'per-trade:5'],
    ['per-trade:-0', 'per-trade:0'],
    ['per-trade:0.10000000000', 'per-trade:0.1'],
    ['tiered-percent:1e-3,1e6=8e-4', 'tiered-percent:0.001,1000000=0.0008'],
    ['maker-taker:maker=-1e-4,taker=.0004', 'maker-taker:maker=-0.0001,taker=0.0004'],
  ])('takes %s for %s', (text, expected) => {
    expect(parseCommission(text).specification).toBe(expected);
  });

  it('has the same numbers however these are written', () => {
    const form = { x: { usage: 'x:NUMBER', positional: 1, named: [] } };
    const numberOf = (text: string) => parseSpecification('model', `x:${text}`, form).positional[0]!;
    const written = fc.record({
      mantissa: fc.maxSafeNat(),
      decimals: fc.integer({ min: 0, max: 9 }),
      shift: fc.integer({ min: -30, max: 30 }),
    });
    fc.assert(
      fc.property(written, ({ mantissa, decimals, shift }) => {
        fc.pre(mantissa < 10 ** (12 + decimals));
        const number = numberOf(formatScaled(BigInt(mantissa), decimals));
        expect(BigInt(number.mantissa) * 10n ** BigInt(decimals - number.decimals)).toBe(BigInt(mantissa));
        expect(numberOf(`${mantissa}e-${decimals}`)).toEqual(number);
        const moved = decimals + shift;
        const digits = moved >= 0 ? formatScaled(BigInt(mantissa), moved) : `${mantissa}${'0'.repeat(-moved)}`;
        expect(numberOf(`${digits}e${shift}`)).toEqual(number);
        expect(numberOf(number.text)).toEqual(number);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what an order pays over its fills', () => {
  /** Charges fills one after another and returns what has been paid after each. */
  function paidAfter(model: string, fills: readonly { readonly units: string; readonly gross: string }[]): string[] {
    const commission = parseCommission(model);
    const facts = fillFacts();
    const fee = new ScaledInteger();
    return fills.map(({ units, gross }) => {
      commission.charge(fee, money(gross), money(units), scales, facts);
      commission.settle?.(money(gross), money(units), scales, facts);
      facts.orderUnits.add(money(units));
      facts.orderGross.add(money(gross));
      return facts.orderFees.add(fee).toString(8);
    });
  }
  const inThree = [
    { units: '230', gross: '23000' },
    { units: '170', gross: '17170' },
    { units: '100', gross: '10200' },
  ];

  it.each([
    ['per-share:0.0075', ['1.725', '3', '3.75']],
    ['per-share:0.0075,min=2.5', ['2.5', '3', '3.75']],
    ['per-share:0.0075,min=5.5', ['5.5', '5.5', '5.5']],
    ['per-share:0.0075,max-rate=0.00006', ['1.38', '2.4102', '3.0222']],
    ['percent:0.0015', ['34.5', '60.255', '75.555']],
    ['percent:0.0015,min=50', ['50', '60.255', '75.555']],
    ['per-contract:0.0075,exchange=0.5', ['2.225', '3.5', '4.25']],
    ['per-contract:0.01,exchange=0.3,min=5', ['5', '5', '5.3']],
    ['per-trade:1', ['1', '1', '1']],
    // 230 at 0.01; 70 at 0.01 and 100 at 0.005; 100 at 0.005
    ['tiered-per-share:0.01,300=0.005', ['2.3', '3.5', '4']],
  ])('%s', (model, paid) => {
    expect(paidAfter(model, inThree)).toEqual(paid);
  });

  describeShared('of zipline', 'reference/zipline/commissions.json', () => {
    it('are the same', () => {
      const names: Readonly<Record<string, string>> = {
        PerShare: 'per-share',
        PerDollar: 'percent',
        PerContract: 'per-contract',
      };
      const { unit_cases: cases } = referenceJson<{ readonly unit_cases: readonly ZiplineCommission[] }>(
        'reference/zipline/commissions.json',
      );
      expect(cases.length).toBeGreaterThanOrEqual(6);
      for (const { model, params, fills, fill_prices: prices, cumulative_order_commission: expected } of cases) {
        const exchange = params.exchange_fee === undefined ? '' : `,exchange=${params.exchange_fee}`;
        const least = typeof params.min_trade_cost === 'number' ? `,min=${params.min_trade_cost}` : '';
        const paid = paidAfter(
          `${names[model]}:${params.cost}${exchange}${least}`,
          fills.map((units, index) => ({ units: String(units), gross: String(units * prices[index]!) })),
        );
        expect(paid.map(Number)).toEqual(expected);
      }
    });
  });
});

interface ZiplineCommission {
  readonly model: string;
  readonly params: {
    readonly cost: number;
    readonly exchange_fee?: number;
    readonly min_trade_cost?: number | null;
  };
  readonly fills: readonly number[];
  readonly fill_prices: readonly number[];
  readonly cumulative_order_commission: readonly number[];
}

describe('tiers', () => {
  it('begin anew with a month and with a run, and charging alone moves nothing', () => {
    const commission = parseCommission('tiered-percent:0.01,1000=0.001');
    const fee = new ScaledInteger();
    const charge = (month: number): string =>
      commission.charge(fee, money('800'), money('-1'), scales, fillFacts({ month })).toString(8);
    const settle = (month: number): void =>
      commission.settle?.(money('800'), money('-1'), scales, fillFacts({ month }));
    expect([charge(1), charge(1)]).toEqual(['8', '8']);
    settle(1);
    expect(charge(1)).toBe('2.6'); // 200 at 1 %, 600 at 0.1 %
    expect(charge(2)).toBe('8');
    settle(1);
    expect(charge(1)).toBe('0.8');
    settle(2);
    expect(charge(2)).toBe('2.6');
    commission.reset?.();
    expect(charge(2)).toBe('8');
  });
});

describe('a maker', () => {
  it('earns a rebate', () => {
    const commission = parseCommission('maker-taker:maker=-0.0001,taker=0.0004');
    const facts = fillFacts({ isMaker: true });
    expect(commission.charge(new ScaledInteger(), money('1000'), money('3'), scales, facts).toString(8)).toBe('-0.1');
  });
});

describe('slippage models', () => {
  it.each([
    // 0.025 either side of 100
    { model: 'spread:0.05', side: 1, ticks: 10_000, price: 100.025, market: {} },
    { model: 'spread:0.05', side: -1, ticks: 10_000, price: 99.975, market: {} },
    { model: 'spread:250', side: -1, ticks: 10_000, price: 0.01, market: {} }, // the smallest that can be written
    { model: 'quoted-spread', side: 1, ticks: 10_000, price: 100.015, market: { bid: 99.98, ask: 100.01 } },
    { model: 'quoted-spread', side: -1, ticks: 10_000, price: 99.985, market: { bid: 99.98, ask: 100.01 } },
    { model: 'quoted-spread', side: -1, ticks: 10_000, price: 100, market: { bid: 99.98, ask: 99.97 } },
    { model: 'quoted-spread', side: 1, ticks: 10_000, price: 100, market: {} },
    { model: 'volatility:0.1', side: 1, ticks: 10_000, price: 100.2, market: { volatility: 0.02 } },
    { model: 'volatility:0.1', side: -1, ticks: 10_000, price: 99.8, market: { volatility: 0.02 } },
    { model: 'volatility:0.1', side: 1, ticks: 10_000, price: 100, market: {} },
    // a tenth of the volume, counting what was filled before: 0.1 * 0.1 ** 2
    {
      model: 'volume-share:0.5,0.1',
      side: 1,
      ticks: 10_000,
      price: 100.1,
      market: { units: 60, filled: 40, volume: 1000 },
    },
    {
      model: 'volume-share:0.5,0.1',
      side: -1,
      ticks: 10_000,
      price: 99.9,
      market: { units: 60, filled: 40, volume: 1000 },
    },
    { model: 'volume-share:0.5,0.1', side: 1, ticks: 10_000, price: 102.5, market: { units: 60 } }, // volume unknown
    { model: 'volume-share:0.5,0.1', side: 1, ticks: 10_000, price: 102.5, market: { units: 9000, volume: 1000 } },
    { model: 'volume-share:0.025,0.1', side: 1, ticks: 300, price: 3.0001875, market: { units: 5, volume: 200 } },
    { model: 'volume-share:0.025,0.1', side: 1, ticks: 350, price: 3.50021875, market: { units: 50, volume: 2000 } },
    { model: 'volume-share:0.025,0.1', side: 1, ticks: 400, price: 4.00025, market: { units: 50, volume: 2000 } },
    { model: 'bps:5,limit=0.1', side: 1, ticks: 300, price: 3.0015, market: {} },
    { model: 'bps:5,limit=0.1', side: -1, ticks: 300, price: 2.9985, market: {} },
    { model: 'bps:10,entries', side: 1, ticks: 10_000, price: 100.1, market: { units: 5, held: 5 } },
    { model: 'bps:10,entries', side: 1, ticks: 10_000, price: 100, market: { units: 5, held: -5 } },
    { model: 'bps:10,entries', side: -1, ticks: 10_000, price: 100, market: { units: 3, held: 5 } },
    // two of the five are sold short: two fifths of 0.1
    { model: 'bps:10,entries', side: -1, ticks: 10_000, price: 99.96, market: { units: 5, held: 3 } },
    { model: 'bps:10,in-range', side: 1, ticks: 10_000, price: 100.05, market: { high: 10_005, low: 9_000 } },
    { model: 'bps:10,in-range', side: 1, ticks: 10_000, price: 100.1, market: { high: 10_050, low: 9_000 } },
    { model: 'bps:10,in-range', side: -1, ticks: 10_000, price: 100, market: { high: 10_050, low: 10_000 } },
    { model: 'spread:0.5,in-range', side: -1, ticks: 10_000, price: 99.9, market: { high: 10_050, low: 9_990 } },
  ] as const)('$model on side $side of $ticks ticks fills at $price', ({ model, side, ticks, price, market }) => {
    const slippage = parseSlippage(model);
    const filled = slippage.fillPrice(side, ticks, marketMoment(market));
    if (model === 'spread:250') expect(filled).toBe(1);
    else expect(filled / 10 ** (2 + slippage.extraDecimals)).toBe(price);
  });

  describeShared('of zipline', 'reference/zipline/slippage.json', () => {
    it('have the same prices and volume limits', () => {
      const reference = referenceJson<ZiplineSlippage>('reference/zipline/slippage.json');
      for (const { model, bar, amount, expected } of reference.volume_share) {
        const slippage = parseSlippage(`volume-share:${model.volume_limit},${model.price_impact}`);
        const units = Math.min(amount, Math.floor(slippage.volumeLimit * bar.volume));
        expect(units).toBe(expected.amount);
        const filled = slippage.fillPrice(1, bar.close * 100, marketMoment({ units, volume: bar.volume }));
        expect(filled / 1e8).toBe(expected.price);
      }
      const { bar, rows } = reference.fixed_basis_points;
      expect(rows.length).toBeGreaterThanOrEqual(3);
      for (const [, points, limit, amount, price, filledAmount] of rows) {
        const slippage = parseSlippage(`bps:${points},limit=${limit}`);
        const side = amount > 0 ? 1 : -1;
        const units = Math.min(Math.abs(amount), Math.floor(slippage.volumeLimit * bar.volume));
        expect(side * units).toBe(filledAmount);
        expect(slippage.fillPrice(side, bar.close * 100, marketMoment()) / 10 ** (2 + slippage.extraDecimals)).toBe(
          price,
        );
      }
    });
  });

  it('are written the same way they are read', () => {
    for (const text of [
      'none',
      'bps:5',
      'bps:5,limit=0.1',
      'bps:5,limit=0.1,entries,in-range',
      'spread:0.02',
      'spread:0.02,in-range',
      'volume-share:0.025,0.1',
      'volatility:0.1',
      'volatility:0.1,bars=60',
      'quoted-spread',
    ]) {
      expect(parseSlippage(text).specification).toBe(text);
    }
  });

  it.each([
    { model: 'none', side: 1, ticks: 12345, price: 12345, decimals: 0 },
    { model: 'bps:5', side: 1, ticks: 10_000, price: 100_050_000, decimals: 4 },
    { model: 'bps:5', side: -1, ticks: 10_000, price: 99_950_000, decimals: 4 },
    { model: 'bps:2.5', side: 1, ticks: 10_000, price: 1_000_250_000, decimals: 5 },
  ] as const)('$model on side $side of $ticks ticks', ({ model, side, ticks, price, decimals }) => {
    const slippage = parseSlippage(model);
    expect(slippage.fillPrice(side, ticks, marketMoment())).toBe(price);
    expect(slippage.extraDecimals).toBe(decimals);
  });

  it('leave a sale a price above 0', () => {
    expect(parseSlippage('bps:9999').fillPrice(-1, 10_000, marketMoment())).toBe(10_000);
    for (const text of ['bps:10000', 'bps:20000', 'bps:10000.5']) {
      expect(() => parseSlippage(text)).toThrow(UsageError);
      expect(() => parseSlippage(text)).toThrow(/takes the whole price of a sale/);
    }
  });
});

interface ZiplineSlippage {
  readonly volume_share: readonly {
    readonly model: { readonly volume_limit: number; readonly price_impact: number };
    readonly bar: { readonly close: number; readonly volume: number };
    readonly amount: number;
    readonly expected: { readonly price: number; readonly amount: number };
  }[];
  readonly fixed_basis_points: {
    readonly bar: { readonly close: number; readonly volume: number };
    readonly rows: readonly (readonly [string, number, number, number, number, number])[];
  };
}

describe('what is no slippage', () => {
  it.each([
    ['volume-share:0,0.1', /volume limit 0\. Give a share/],
    ['volume-share:1.5,0.1', /volume limit 1\.5/],
    ['volume-share:1,1', /takes the whole price/],
    ['bps:5.,limit=2e0', /volume limit 2/],
    ['bps:5,limit=2', /volume limit 2/],
    ['volatility:0.1,bars=1', /bars=1\. Give a whole number from 2/],
    ['spread', /has 0 numbers where 1 belong.*spread:PRICE/],
  ])('%j is refused', (text, message) => {
    expect(() => parseSlippage(text)).toThrow(UsageError);
    expect(() => parseSlippage(text)).toThrow(message);
  });
});

describe('what is no model', () => {
  it.each([
    ['percnt:0.001', /Did you mean 'percent'/],
    ['percent', /has 0 numbers where 1 belong/],
    ['percent:x', /has 'x' where a non-negative number belongs/],
    ['percent:-1', /has '-1' where a non-negative number belongs/],
    ['percent:1,2', /has 2 numbers where 1 belong/],
    ['percent:5', /has the rate 5, and rates are shares below 1. For 5 % write 0\.05/],
    ['percent:1', /write 0\.01/],
    ['percent:250', /rates are shares below 1/],
    ['per-share:1,min=1,min=2', /has 'min' twice/],
    ['per-share:1,max-rate=1', /has the rate 1/],
    ['maker-taker:maker=-0.0001', /lacks 'taker='/],
    ['maker-taker:maker=-1,taker=0.1', /has the rate -1/],
    ['maker-taker:maker=x,taker=0.1', /has 'maker=x' where a number belongs/],
    ['tiered-percent:0.001,500=0.0005,100=0.0001', /has '100=0.0001' out of order/],
    ['tiered-percent:0.001,500=2', /has the rate 2/],
    ['per-trade:-1', /non-negative/],
    ['per-trade:-1e1', /non-negative/],
    ['per-trade:0x10', /has '0x10' where a non-negative number belongs/],
    ['per-trade:1e-10', /has '1e-10', and numbers have at most 9 decimals, 12 digits before the point and 15 in all/],
    ['per-trade:1e12', /numbers have at most 9 decimals/],
    ['per-trade:1e999', /numbers have at most 9 decimals/],
    ['per-trade:123456789.123456789', /and 15 in all/],
    ['per-share:1,max=2', /unknown setting 'max'/],
    ['per-share:1,min=', /has 'min=' where/],
    ['__proto__', /Unknown commission/],
    ['', /Unknown commission/],
  ])('%j is refused', (text, message) => {
    expect(() => parseCommission(text)).toThrow(UsageError);
    expect(() => parseCommission(text)).toThrow(message);
  });
});
