import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { ScaledInteger } from '../../../src/core/scaled-integer.js';
import { parseCommission, parseSlippage } from '../../../src/execution/models.js';

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
    { model: 'per-share:1', gross: '10', quantity: '0.12345678', fee: '0.12345678' },
  ])('$model charges $fee for $quantity units worth $gross', ({ model, gross, quantity, fee }) => {
    const charged = parseCommission(model).charge(new ScaledInteger(), money(gross), money(quantity), scales);
    expect(charged.toString(8)).toBe(fee);
  });

  it('is written the same way it is read', () => {
    for (const text of ['none', 'percent:0.001', 'per-share:0.005', 'per-share:0.005,min=1']) {
      expect(parseCommission(text).specification).toBe(text);
    }
    expect(parseCommission('percent:0.0010').specification).toBe('percent:0.001');
  });
});

describe('slippage models', () => {
  it.each([
    { model: 'none', side: 1, ticks: 12345, price: 12345, decimals: 0 },
    { model: 'bps:5', side: 1, ticks: 10_000, price: 100_050_000, decimals: 4 },
    { model: 'bps:5', side: -1, ticks: 10_000, price: 99_950_000, decimals: 4 },
    { model: 'bps:2.5', side: 1, ticks: 10_000, price: 1_000_250_000, decimals: 5 },
  ] as const)('$model on side $side of $ticks ticks', ({ model, side, ticks, price, decimals }) => {
    const slippage = parseSlippage(model);
    expect(slippage.fillPrice(side, ticks)).toBe(price);
    expect(slippage.extraDecimals).toBe(decimals);
  });

  it('leave a sale a price above 0', () => {
    expect(parseSlippage('bps:9999').fillPrice(-1, 10_000)).toBe(10_000);
    for (const text of ['bps:10000', 'bps:20000', 'bps:10000.5']) {
      expect(() => parseSlippage(text)).toThrow(UsageError);
      expect(() => parseSlippage(text)).toThrow(/takes the whole price of a sale/);
    }
  });
});

describe('what is no model', () => {
  it.each([
    ['percnt:0.001', /Did you mean 'percent'/],
    ['percent', /has 0 numbers where 1 belong/],
    ['percent:x', /has 'x' where a non-negative number belongs/],
    ['percent:-1', /has '-1' where a non-negative number belongs/],
    ['percent:1,2', /has 2 numbers where 1 belong/],
    ['per-share:1,max=2', /unknown setting 'max'/],
    ['per-share:1,min=', /has 'min=' where/],
    ['__proto__', /Unknown commission/],
    ['', /Unknown commission/],
  ])('%j is refused', (text, message) => {
    expect(() => parseCommission(text)).toThrow(UsageError);
    expect(() => parseCommission(text)).toThrow(message);
  });
});
