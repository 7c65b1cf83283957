import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundleFromColumns } from '../../../src/data/index.js';
import { viewOf } from '../../../src/engine/market-view.js';
import { int } from '../../../src/engine/parameters.js';
import { gatherSessionValues, sessionEnds, sessionsPerYear } from '../../../src/engine/sessions-of-run.js';
import { keepSessionValues, readValues, SessionValues } from '../../../src/optimize/session-values.js';
import { type FlatParams, ParameterSpace } from '../../../src/optimize/space.js';
import { expectSame } from '../../helpers/same.js';
import { labelledDraft, sessionLabels } from '../../helpers/session-bars.js';

async function view(frequency: '1d' | '1h' | '1w' | '1mo', from = '2024-07-01', to = '2024-07-31') {
  const bundle = await bundleFromColumns(labelledDraft('XNYS', frequency, sessionLabels('XNYS', frequency, from, to)));
  onTestFinished(() => bundle[Symbol.dispose]());
  return viewOf(bundle, {});
}

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'hindcast-values-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

describe('account values by session', () => {
  it('end where sessions end, early closes included', async () => {
    const daily = await view('1d');
    expect(sessionEnds(daily)).toBeUndefined();
    const hourly = await view('1h');
    const ends = sessionEnds(hourly)!;
    expect(ends.length).toBe(22);
    const days = [...hourly.group.times].map((time) => new Date(time).toISOString().slice(0, 10));
    expect([...ends].map((row) => days[row])).toEqual([...new Set(days)]);
    for (const row of ends) expect(days[row + 1]).not.toBe(days[row]);
    const equity = Float64Array.from(hourly.group.times, (_, row) => 100 + row);
    expect([...gatherSessionValues(ends, equity, new Float64Array(22))]).toEqual([...ends].map((row) => 100 + row));
  });

  it('make a year by the calendar, or as the run says', async () => {
    expect(sessionsPerYear(await view('1d'), { annualization: undefined })).toBe(252);
    expect(sessionsPerYear(await view('1d'), { annualization: 260 })).toBe(260);
    expect(sessionsPerYear(await view('1h'), { annualization: 1764 })).toBe(252);
  });

  it('are kept of an even pick of the trials where not all fit, and of any that is set', async () => {
    const daily = await view('1d');
    const sessions = daily.to - daily.from;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100_000 }), (trials, bytes) => {
        const values = SessionValues.over(daily, trials, bytes);
        const kept = Array.from({ length: trials }, (_, number) => number).filter((number) => values.keeps(number));
        const limit = Math.max(1, Math.floor(bytes / (8 * sessions + 1)));
        expect(kept.length).toBeLessThanOrEqual(Math.min(trials, limit));
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(trials, limit) / 2);
        const equity = Float64Array.from({ length: sessions }, (_, row) => row + 0.5);
        for (const number of new Set([0, 1, trials - 1])) {
          const own = equity.map((value) => value + number);
          keepSessionValues(values.handle, number, (ends, into) => gatherSessionValues(ends, own, into));
          expect(values.of(number)).toEqual(values.keeps(number) ? own : undefined);
          values.set(number, own);
          expect(values.of(number)).toEqual(own);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('keep the first trials where nobody knows how many there will be', async () => {
    const values = SessionValues.over(await view('1d'), Number.POSITIVE_INFINITY, 1_000);
    expect([0, 1, 4, 5, 6].map((number) => values.keeps(number))).toEqual([true, true, true, false, false]);
  });

  it('come back from a file of the same study alone, each as that of its number and point', async () => {
    const daily = await view('1d');
    const path = join(folder(), 'study.values');
    const space = new ParameterSpace({ fast: int(2, 10), slow: int(11, 30) });
    const identity = { study: 'this study', keyOf: (params: FlatParams) => space.keyOf(params) };
    const values = SessionValues.over(daily, 10, 1e6);
    const own = Float64Array.from({ length: values.sessions }, (_, row) => Math.sqrt(row));
    values.set(3, own);
    const trial = { number: 3, params: { fast: 2, slow: 20 } };
    values.save(path, identity, [trial]);
    expect(readdirSync(join(path, '..'))).toEqual(['study.values']);
    const found = readValues(path, identity, values.sessions);
    expect(found(trial)).toEqual(own);
    expect(found({ number: 3, params: { slow: 20, fast: 2 } })).toEqual(own);
    expect(found({ number: 3, params: { fast: 3, slow: 20 } })).toBeUndefined();
    expect(found({ ...trial, number: 4 })).toBeUndefined();
    expect(readValues(path, { ...identity, study: 'another study' }, values.sessions)(trial)).toBeUndefined();
    expect(readValues(path, identity, values.sessions + 1)(trial)).toBeUndefined();
    expect(() => values.save(join(path, 'nowhere'), identity, [trial])).toThrow(/ENOTDIR/);
  });

  it('are made again where their file is none, damaged or a folder', async () => {
    const daily = await view('1d');
    const path = join(folder(), 'study.values');
    const identity = { study: 'this study', keyOf: (params: FlatParams) => JSON.stringify(params) };
    const trial = { number: 0, params: {} };
    const values = SessionValues.over(daily, 1, 1e6);
    values.set(0, new Float64Array(values.sessions).fill(1));
    values.save(path, identity, [trial]);
    const whole = readFileSync(path);
    const isFound = (bytes: Uint8Array): boolean => {
      writeFileSync(path, bytes);
      return readValues(path, identity, values.sessions)(trial) !== undefined;
    };
    expect(isFound(whole)).toBe(true);
    for (let at = 0; at < whole.length; at++) {
      const damaged = Uint8Array.from(whole);
      damaged[at]! ^= 1;
      expectSame(isFound(damaged), false, `byte ${at}`);
      expectSame(isFound(whole.subarray(0, at)), false, `${at} bytes`);
    }
    rmSync(path);
    expect(readValues(path, identity, values.sessions)(trial)).toBeUndefined();
    mkdirSync(path);
    expect(readValues(path, identity, values.sessions)(trial)).toBeUndefined();
  });
});
