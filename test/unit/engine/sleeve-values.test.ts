import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { SUMMED_BARS } from '../../../src/engine/marks.js';
import { SleeveValues } from '../../../src/engine/sleeve-values.js';
import { summarize } from '../../../src/metrics/summary.js';
import { expectSameBits, expectSameValues } from '../../helpers/same.js';

const noTrips = { trades: 0, wins: 0, grossProfit: 0, grossLoss: 0 };
const CASH = 1000;

interface Stretch {
  readonly to: number;
  readonly cash: number;
  readonly units: number;
}

interface Account {
  readonly marks: Float64Array;
  readonly offset: number;
  readonly stretches: readonly Stretch[];
}

/** The sum of the accounts' own columns, account by account. */
function plain(accounts: readonly Account[], bars: number): Float64Array {
  const sum = new Float64Array(bars);
  for (const { marks, offset, stretches } of accounts) {
    let at = 0;
    for (const { to, cash, units } of stretches) {
      for (; at < to; at++) {
        const close = marks[Math.min(at + offset, marks.length - 1)]!;
        sum[at] = sum[at]! + (units === 0 ? cash : cash + units * close);
      }
    }
  }
  return sum;
}

/** Accounts that change at random: often two at one bar, some never, some over marks that end early. */
function accountsOf(count: number, bars: number, random: SeededRandom): Account[] {
  return Array.from({ length: count }, () => {
    const offset = random.int(0, 4);
    const marks = Float64Array.from({ length: random.int(1, bars + offset + 4) }, () => 50 + 100 * random.next());
    const pace = random.int(1, 40);
    const stretches: Stretch[] = [];
    let isHeld = false;
    for (let at = 0; at < bars; ) {
      at = Math.min(bars, random.next() < 0.05 ? bars : at + random.int(1, pace));
      isHeld = random.next() < 0.8 ? !isHeld : isHeld;
      stretches.push({ to: at, cash: 2000 * random.next() - 500, units: isHeld ? 13 * random.next() - 3 : 0 });
    }
    return { marks, offset, stretches };
  });
}

/** Gives each account its stretches up to a bar, at which those that go on are cut. */
function feed(values: SleeveValues, accounts: readonly Account[], from: number, to: number): void {
  for (const [index, { stretches }] of accounts.entries()) {
    for (const stretch of stretches) {
      const before = stretches[stretches.indexOf(stretch) - 1]?.to ?? 0;
      if (stretch.to > from && before < to)
        values.accounts[index]!.take(Math.min(to, stretch.to), stretch.cash, stretch.units);
    }
  }
}

function check(count: number, bars: number, seed: number, looks: readonly number[], values: SleeveValues): void {
  const accounts = accountsOf(count, bars, SeededRandom.derive(seed, 'accounts'));
  const expected = plain(accounts, bars);
  values.begin(CASH);
  for (const [index, { marks, offset }] of accounts.entries()) values.accounts[index]!.follow(marks, offset);
  let at = 0;
  for (const look of [...looks, bars]) {
    feed(values, accounts, at, look);
    at = look;
    const metrics = () =>
      expect(values.metrics(252, noTrips)).toEqual(summarize(expected.subarray(0, at), CASH, 252, noTrips));
    // In both orders: what is summed up for one is not written for the other.
    if (seed % 2 === 0) metrics();
    if (at < bars || seed % 3 > 0) expectSameBits(values.column().subarray(0, at), expected.subarray(0, at));
    if (seed % 2 > 0) metrics();
  }
  const some = Int32Array.from(expected.keys()).filter((bar) => bar % 3 === seed % 3);
  expectSameValues(
    values.valuesAt(some, new Float64Array(some.length).fill(7)),
    [...some].map((bar) => expected[bar]!),
  );
  expectSameBits(values.valuesAt(undefined, new Float64Array(bars)), expected);
  expectSameBits(values.column(), expected);
}

it('adds accounts up in their order, whoever looks when', () => {
  const runs = fc.record({ seed: fc.nat(), looks: fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 3 }) });
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 10 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(runs, { minLength: 1, maxLength: 3 }),
      (count, bars, each) => {
        const values = new SleeveValues(count, bars);
        for (const { seed, looks } of each) {
          const inside = looks.filter((look) => look < bars).sort((a, b) => a - b);
          check(count, bars, seed, inside, values);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

it('does so over more bars than are summed at a time', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const bars = SUMMED_BARS + 17 * seed * seed;
    check(
      2 + (seed % 7),
      bars,
      seed,
      seed % 4 === 0 ? [seed, SUMMED_BARS - 1, SUMMED_BARS + 2] : [],
      new SleeveValues(2 + (seed % 7), bars),
    );
  }
});

it('takes accounts that never hold anything for what their cash is', () => {
  const values = new SleeveValues(3, 5000);
  values.begin(0.6);
  for (const account of values.accounts) {
    account.follow(new Float64Array(5000), 0);
    account.take(5000, 0.2, 0);
  }
  const expected = new Float64Array(5000).fill(0.2 + 0.2 + 0.2);
  expect(values.metrics(252, noTrips)).toEqual(summarize(expected, 0.6, 252, noTrips));
  expectSameBits(values.column(), expected);
});
