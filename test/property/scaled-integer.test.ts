import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rounding, ScaledInteger } from '../../src/core/scaled-integer.js';
import { expectSame } from '../helpers/same.js';

/** The oracle: enough digits that no product of two values below is rounded before we ask for it. */
const Wide = Decimal.clone({ precision: 200, rounding: Decimal.ROUND_HALF_EVEN, toExpPos: 500, toExpNeg: -500 });
const RUNS = { numRuns: 10_000 };
const MODES = [
  [Rounding.Down, Decimal.ROUND_DOWN],
  [Rounding.Floor, Decimal.ROUND_FLOOR],
  [Rounding.Ceiling, Decimal.ROUND_CEIL],
  [Rounding.HalfEven, Decimal.ROUND_HALF_EVEN],
  [Rounding.HalfUp, Decimal.ROUND_HALF_UP],
] as const;

const EDGES = [
  0n,
  1n,
  5n,
  50_000_000n,
  99_999_999n,
  100_000_000n,
  100_000_001n,
  150_000_000n,
  90_000_000n * 100_000_000n,
  2n ** 51n,
  2n ** 52n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  (2n ** 53n - 1n) * 100_000_000n,
  (2n ** 53n - 1n) * 100_000_000n + 99_999_999n,
  2n ** 53n * 100_000_000n,
  10n ** 40n,
];

const signed = (size: fc.Arbitrary<bigint>): fc.Arbitrary<bigint> =>
  fc.tuple(size, fc.boolean()).map(([value, isNegative]) => (isNegative ? -value : value));
/** Every magnitude from 1 to 1e40 alike, the places where representations change, and multiples that make ties. */
const integers = signed(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }).chain((power) => fc.bigInt(0n, 10n ** BigInt(power))) },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom(...EDGES), fc.bigInt(-2n, 2n)).map(([edge, near]) => edge + near),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.bigInt(0n, 10n ** 9n), fc.integer({ min: 0, max: 16 }))
        .map(([digits, power]) => (digits * 10n + 5n) * 10n ** BigInt(power)),
    },
  ),
);
const safe = signed(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 15 }).chain((power) => fc.bigInt(0n, 10n ** BigInt(power))) },
    { weight: 2, arbitrary: fc.constantFrom(...EDGES).filter((edge) => edge < 2n ** 53n) },
    { weight: 1, arbitrary: fc.constantFrom(89_999_999n, 90_000_001n, 3n * 10n ** 15n, 3n * 10n ** 15n + 1n) },
  ),
).map(Number);
const power = fc.integer({ min: 0, max: 18 });
const modes = fc.constantFrom(...MODES);

/** A register that reached its value through the large representation must not differ from a fresh one. */
function register(value: bigint): ScaledInteger {
  const used = new ScaledInteger(7).setBigInt(10n ** 45n);
  return value % 2n === 0n ? new ScaledInteger().setBigInt(value) : used.setBigInt(value);
}

const rounded = (value: Decimal, mode: Decimal.Rounding): bigint => BigInt(value.toDecimalPlaces(0, mode).toFixed(0));
const wide = (value: bigint | number): Decimal => new Wide(value.toString());

/** The exact result, in the one representation that the value has. */
function expectHolds(actual: ScaledInteger, expected: bigint): void {
  expectSame(actual.toBigInt(), expected);
  expectSame(actual.equals(new ScaledInteger().setBigInt(expected)), true);
  expectSame(actual.sign(), expected > 0n ? 1 : expected < 0n ? -1 : 0);
  expectSame(actual.isZero, expected === 0n);
}

describe('ScaledInteger equals BigInt and decimal.js', () => {
  it('adds, subtracts, negates', () => {
    fc.assert(
      fc.property(integers, integers, (a, b) => {
        expectHolds(register(a).add(register(b)), BigInt(wide(a).plus(wide(b)).toFixed(0)));
        expectHolds(register(a).subtract(register(b)), a - b);
        expectHolds(register(a).negate(), -a);
      }),
      RUNS,
    );
  });

  it('crosses the edge of the two-limb range in both directions', () => {
    const limbs = fc.tuple(fc.bigInt(-3n, 3n), fc.constantFrom(0n, 1n, 50_000_000n, 99_999_999n));
    const [large, small] = [limbs, limbs].map((pair) => pair.map(([hi, lo]) => hi * 100_000_000n + lo));
    const edges = fc.constantFrom(2n ** 53n, -(2n ** 53n), 2n ** 52n).map((hi) => hi * 100_000_000n);
    fc.assert(
      fc.property(edges, large!, small!, fc.boolean(), (edge, offset, b, isTwice) => {
        const a = edge + offset;
        const other = isTwice ? a + b : b;
        expectHolds(register(a).add(register(other)), a + other);
        expectHolds(register(a).subtract(register(other)), a - other);
        expectHolds(register(other).subtract(register(a)), other - a);
        expectHolds(register(a).subtract(register(-other)), a + other);
        expectHolds(register(a).negate(), -a);
      }),
      { numRuns: 20_000 },
    );
    fc.assert(
      fc.property(edges, large!, safe, power, modes, (edge, offset, number, k, [mode, oracle]) => {
        const factor = number || 1;
        const tenths = (edge + offset) * 10n ** BigInt(k) - 5n * 10n ** BigInt(Math.max(0, k - 1));
        const a = tenths / BigInt(factor);
        const exact = wide(a)
          .times(factor)
          .div(wide(10n ** BigInt(k)));
        expectHolds(new ScaledInteger().setProduct(register(a), factor, k, mode), rounded(exact, oracle));
      }),
      { numRuns: 20_000 },
    );
  });

  it('is its own operand', () => {
    fc.assert(
      fc.property(integers, safe, power, modes, (a, factor, k, [mode, oracle]) => {
        const sum = register(a);
        expectHolds(sum.add(sum), 2n * a);
        const difference = register(a);
        expectHolds(difference.subtract(difference), 0n);
        const product = register(a);
        const exact = wide(a)
          .times(factor)
          .div(wide(10n ** BigInt(k)));
        expectHolds(product.setProduct(product, factor, k, mode), rounded(exact, oracle));
        const square = register(a);
        const divisor = register(BigInt(factor) || 1n);
        const ratio = wide(a * a).div(wide(BigInt(factor) || 1n));
        expectHolds(square.setMulDiv(square, square, divisor, mode), rounded(ratio, oracle));
        const self = register(a);
        if (a !== 0n) expectHolds(self.setMulDiv(divisor, self, self, mode), BigInt(factor) || 1n);
      }),
      RUNS,
    );
  });

  it('compares', () => {
    const near = fc.tuple(integers, fc.bigInt(-1n, 1n)).map(([a, step]) => [a, a + step] as const);
    fc.assert(
      fc.property(fc.oneof(near, fc.tuple(integers, integers)), ([a, b]) => {
        expectSame(register(a).compare(register(b)), a < b ? -1 : a > b ? 1 : 0);
        expectSame(register(a).equals(register(b)), a === b);
      }),
      RUNS,
    );
  });

  it('subtracts two at once into a double: exact as far as doubles go, of the right sign beyond', () => {
    const nearTotal = fc
      .tuple(integers, integers, fc.bigInt(-2n, 2n))
      .map(([a, b, step]) => [a + b + step, a, b] as const);
    fc.assert(
      fc.property(fc.oneof(nearTotal, fc.tuple(integers, integers, integers)), ([from, a, b]) => {
        const exact = from - a - b;
        const actual = register(from).minus(register(a), register(b));
        expectSame(Math.sign(actual), exact < 0n ? -1 : exact > 0n ? 1 : 0);
        if (exact <= 2n ** 53n && exact >= -(2n ** 53n)) expectSame(actual, Number(exact));
        else expect(Math.abs(actual - Number(exact))).toBeLessThanOrEqual(2 ** -52 * Math.abs(Number(exact)));
      }),
      RUNS,
    );
  });

  it('multiplies by a number and divides by a power of ten', () => {
    fc.assert(
      fc.property(integers, safe, power, modes, (a, factor, k, [mode, oracle]) => {
        const exact = wide(a)
          .times(factor)
          .div(wide(10n ** BigInt(k)));
        expectHolds(new ScaledInteger().setProduct(register(a), factor, k, mode), rounded(exact, oracle));
      }),
      { numRuns: 40_000 },
    );
  });

  it('rounds products on and beside a tie', () => {
    const ties = fc.tuple(signed(fc.bigInt(0n, 10n ** 9n)), fc.integer({ min: 1, max: 15 }), fc.bigInt(-1n, 1n));
    fc.assert(
      fc.property(
        ties,
        fc.constantFrom(1, -1, 5, 10_007, -2_000_003),
        modes,
        ([whole, k, beside], factor, [mode, oracle]) => {
          const a = whole * 10n ** BigInt(k) + 5n * 10n ** BigInt(k - 1) + beside;
          const exact = wide(a)
            .times(factor)
            .div(wide(10n ** BigInt(k)));
          expectHolds(new ScaledInteger().setProduct(register(a), factor, k, mode), rounded(exact, oracle));
        },
      ),
      RUNS,
    );
  });

  it('multiplies and divides by registers', () => {
    const large = fc.bigInt(1n, 2n ** 53n);
    const triples = fc.oneof(
      fc.tuple(integers, integers, integers),
      fc.tuple(safe.map(BigInt), safe.map(BigInt), safe.map(BigInt)),
      // A partial sale: cost, units sold, units held. The result stays below the cost.
      fc.tuple(large, large, large).map(([a, b, c]) => (b < c ? ([a, b, c] as const) : ([a, c, b] as const))),
      // Exact quotients and their neighbours.
      fc
        .tuple(safe, safe, fc.bigInt(-1n, 1n))
        .map(([b, c, step]) => [BigInt(c) * 3n + step, BigInt(b), BigInt(c)] as const),
    );
    fc.assert(
      fc.property(triples, modes, ([a, b, c], [mode, oracle]) => {
        fc.pre(c !== 0n);
        const exact = wide(a).times(wide(b)).div(wide(c));
        expectHolds(new ScaledInteger().setMulDiv(register(a), register(b), register(c), mode), rounded(exact, oracle));
      }),
      { numRuns: 40_000 },
    );
  });

  it('halves to even', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 50n), 2n ** 50n), fc.bigInt(1n, 10n ** 6n), modes, (odd, half, [mode, oracle]) => {
        const numerator = 2n * odd + 1n;
        const exact = wide(numerator).div(2);
        const actual = new ScaledInteger().setMulDiv(register(numerator), register(half), register(2n * half), mode);
        expectHolds(actual, rounded(exact, oracle));
      }),
      RUNS,
    );
  });

  it('divides by a number', () => {
    fc.assert(
      fc.property(integers, power, safe, modes, (a, k, divisor, [mode, oracle]) => {
        fc.pre(divisor !== 0);
        const exact = wide(a)
          .times(wide(10n ** BigInt(k)))
          .div(divisor);
        expectHolds(new ScaledInteger().setQuotient(register(a), k, divisor, mode), rounded(exact, oracle));
      }),
      { numRuns: 20_000 },
    );
  });

  it('rounds down to a multiple', () => {
    fc.assert(
      fc.property(integers, safe, (a, number) => {
        const step = Math.abs(number) || 1;
        const expected = rounded(wide(a).div(step), Decimal.ROUND_FLOOR) * BigInt(step);
        expectHolds(register(a).floorToMultiple(step), expected);
      }),
      RUNS,
    );
  });

  it('takes numbers', () => {
    fc.assert(
      fc.property(safe, fc.double({ noNaN: true, noDefaultInfinity: true }), (integer, float) => {
        expectHolds(register(3n).setNumber(integer), BigInt(integer));
        expectHolds(register(3n).setFloor(float), BigInt(Math.floor(float)));
      }),
      RUNS,
    );
  });

  it('leaves as the nearest double and as text', () => {
    fc.assert(
      fc.property(integers, fc.integer({ min: 0, max: 15 }), (a, decimals) => {
        const exact = wide(a).div(wide(10n ** BigInt(decimals)));
        const actual = register(a);
        const nearest = Number(exact.toString());
        if (a < 2n ** 53n && a > -(2n ** 53n)) expect(actual.toNumber(decimals)).toBe(nearest);
        else expect(Math.abs(actual.toNumber(decimals) - nearest)).toBeLessThanOrEqual(2 ** -51 * Math.abs(nearest));
        expect(Math.abs(actual.approximate() - Number(a))).toBeLessThanOrEqual(2 ** -52 * Math.abs(Number(a)));
        expect(actual.toFixed(decimals)).toBe(exact.toFixed(decimals).replace(/^-(0(\.0*)?)$/, '$1'));
        expect(actual.toString(decimals)).toBe(exact.toString().replace(/^-0$/, '0'));
        expectHolds(ScaledInteger.fromDecimalString(actual.toString(decimals), decimals, 'exact'), a);
      }),
      { numRuns: 20_000 },
    );
  });

  it('reads every number as the decimal it prints', () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc
        .tuple(fc.integer(), fc.integer({ min: -30, max: 30 }))
        .map(([digits, exponent]) => Number(`${digits}e${exponent}`)),
    );
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 12 }), modes, (value, decimals, [mode, oracle]) => {
        const text = String(value);
        const precise = Decimal.clone({ precision: 1000, toExpPos: 1000, toExpNeg: -1000 });
        const expected = rounded(new precise(text).times(new precise(10).pow(decimals)), oracle);
        expectHolds(ScaledInteger.fromDecimalString(text, decimals, mode), expected);
      }),
      RUNS,
    );
  });
});
