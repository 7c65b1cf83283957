import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cos, exp, log, pow, sin } from '../../../src/core/elementary.js';

const Wide = Decimal.clone({ precision: 120, toExpPos: 1e6, toExpNeg: -1e6 });
const bits = new DataView(new ArrayBuffer(8));

function bitsOf(x: number): bigint {
  bits.setFloat64(0, x);
  return bits.getBigUint64(0);
}

/** The value of a double to 120 digits: decimal.js itself reads the short decimal that the double prints. */
function exactly(x: number): Decimal {
  const all = bitsOf(Math.abs(x));
  const exponent = Number(all >> 52n);
  const fraction = all & (2n ** 52n - 1n);
  const mantissa = exponent === 0 ? fraction : fraction + 2n ** 52n;
  const size = new Wide(mantissa.toString()).times(new Wide(2).pow(Math.max(exponent, 1) - 1075));
  return x < 0 ? size.neg() : size;
}

/** The distance of a double from the exact value, in units of the double's last place. */
function unitsOff(actual: number, exact: Decimal): number {
  bits.setBigUint64(0, bitsOf(Math.abs(actual)) + 1n);
  const unit = exactly(bits.getFloat64(0)).minus(exactly(Math.abs(actual)));
  return exactly(actual).minus(exact).div(unit).abs().toNumber();
}

/** Runs over seeded points; the seed is fixed, so a failure repeats. */
function expectWithinUnits<T>(points: fc.Arbitrary<T>, numRuns: number, off: (point: T) => number): void {
  fc.assert(
    fc.property(points, (point) => {
      expect(off(point)).toBeLessThanOrEqual(1);
    }),
    { numRuns, seed: 20_260 },
  );
}

const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 2 ** 40 }).map((n) => min + ((max - min) * n) / 2 ** 40);
const positive = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true });
const nearOne = fc.tuple(between(-1, 1), fc.integer({ min: 1, max: 50 })).map(([x, n]) => 1 + x * 2 ** -n);

describe('elementary functions are within one unit in the last place', () => {
  it('exp', () => {
    const points = fc.oneof(between(-1, 1), between(-700, 709.7), fc.double({ min: -1, max: 1, noNaN: true }));
    expectWithinUnits(points, 1500, (x) => unitsOff(exp(x), exactly(x).exp()));
  });

  it('log', () => {
    expectWithinUnits(fc.oneof(positive, nearOne, between(0.001, 100)), 1500, (x) =>
      x === 1 ? log(x) : unitsOff(log(x), exactly(x).ln()),
    );
  });

  it('sin and cos', () => {
    const points = fc.oneof(
      between(-10, 10),
      between(-3e6, 3e6),
      fc.integer({ min: -2_000_000, max: 2_000_000 }).map((n) => n * (Math.PI / 2)),
      fc.double({ min: -1e15, max: 1e15, noNaN: true }).filter((x) => Math.abs(x) > 1e-100),
    );
    expectWithinUnits(points, 1000, (x) => {
      if (x === 0) return 0;
      return Math.max(unitsOff(sin(x), exactly(x).sin()), unitsOff(cos(x), exactly(x).cos()));
    });
  });

  it('pow', () => {
    const points = fc
      .tuple(fc.oneof(positive, nearOne, between(0.001, 100)), fc.oneof(between(-20, 20), between(-1e4, 1e4)))
      .filter(([x, y]) => Math.abs(y * log(x)) < 700 && x !== 1 && y !== 0);
    expectWithinUnits(points, 1000, ([x, y]) => unitsOff(pow(x, y), exactly(x).ln().times(exactly(y)).exp()));
  });
});

describe('elementary functions at their edges', () => {
  it('powers that are doubles come out exact', () => {
    for (let base = 2; base <= 100; base++) {
      let product = 1n;
      for (let exponent = 0; product <= 2n ** 53n; exponent++, product *= BigInt(base)) {
        expect(pow(base, exponent)).toBe(Number(product));
        expect(pow(-base, exponent)).toBe(exponent % 2 === 0 ? Number(product) : -Number(product));
      }
      expect(pow(base * base, 0.5)).toBe(base);
    }
    for (let n = -1074; n <= 1023; n++) expect(pow(2, n)).toBe(Number.parseFloat(String(2 ** n)));
  });

  it('pow has the special cases of Math.pow', () => {
    const values = [
      0,
      -0,
      1,
      -1,
      0.5,
      -0.5,
      2,
      -2,
      3,
      -3,
      Infinity,
      -Infinity,
      NaN,
      1e308,
      -1e308,
      5e-324,
      2 ** 53 + 2,
    ];
    for (const x of values) {
      for (const y of values) {
        const [actual, expected] = [pow(x, y), x ** y];
        const isExact = [0, 1, Infinity].includes(Math.abs(expected)) || Number.isNaN(expected);
        if (isExact) expect([x, y, actual]).toEqual([x, y, expected]);
        else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(Math.abs(expected) * 2 ** -51);
      }
    }
  });

  it('limits', () => {
    expect([exp(0), exp(-Infinity), exp(Infinity), exp(710), exp(-746)]).toEqual([1, 0, Infinity, Infinity, 0]);
    expect([log(1), log(0), log(-0), log(-1), log(Infinity)]).toEqual([0, -Infinity, -Infinity, NaN, Infinity]);
    expect([sin(0), sin(-0), cos(0), sin(Infinity), cos(NaN), exp(NaN), log(NaN)]).toEqual([
      0,
      -0,
      1,
      NaN,
      NaN,
      NaN,
      NaN,
    ]);
    expect(exp(-745)).toBe(5e-324);
    expect(log(5e-324)).toBeCloseTo(-744.4400719213812, 10);
  });

  // From the exact value of pi, to the last bit.
  it('sin and cos of angles that almost cancel', () => {
    expect(cos(6381956970095103 * 2 ** 797)).toBe(-4.687165924254628e-19);
    expect(sin(1e22)).toBe(-0.8522008497671888);
    expect(sin(Math.PI)).toBe(1.2246467991473532e-16);
  });
});

it('elementary functions keep their bits', () => {
  const points = [0.1, 0.7, 1.3, 2.5, 9.75, 123.456];
  const table = points.map((x) =>
    [exp(x), log(x), sin(x), cos(x), pow(x, 1.7)].map((value) => bitsOf(value).toString(16)).join(' '),
  );
  expect(table).toMatchInlineSnapshot(`
    [
      "3ff1aec7b35a00d4 c0026bb1bbb55515 3fb98eaecb8bcb2c 3fefd712f9a817c1 3f946e75df96dc9a",
      "40001c2a61268987 bfd6d3c324e13f50 3fe49d6e694619b8 3fe87996529f9d93 3fe1736b10d5852e",
      "400d5ab83615f8b4 3fd0ca937be1b9dc 3feed577f9c51e4b 3fd11eb3682a4c5f 3ff8fe493556f45b",
      "40285d6fd931e0bb 3fed5240f0e0e078 3fe326af0dcfcab0 bfe9a2f7ef858b7d 4012fdcf53f3e6f3",
      "40d0c08ea4cfb973 400237d7e90af0df bfd47300a1c35344 bfee5292e18df034 404800f1411ba767",
      "4b11428e1cbc0143 401343774f3e2362 bfe9b9dadc41aeb6 bfe307e5980a1558 40ac13e0f1519f70",
    ]
  `);
});
