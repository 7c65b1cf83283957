import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { workerEntry } from '../../../src/core/worker-entry-url.js';
import { resolveRunOptions } from '../../../src/parallel/active-run.js';
import { resolveJobs } from '../../../src/parallel/jobs.js';
import { LeaseSize } from '../../../src/parallel/lease-size.js';
import { MAX_LEASE, WorkerSlot } from '../../../src/parallel/worker-slot.js';

describe('LeaseSize', () => {
  const seen = (milliseconds: number, tasks: number): LeaseSize => {
    const size = new LeaseSize();
    size.observe(milliseconds, tasks);
    return size;
  };

  it.each([
    { name: 'nothing is known', size: new LeaseSize(), remaining: 1000, expected: 1 },
    { name: 'a task takes 50 us', size: seen(50, 1000), remaining: undefined, expected: 160 },
    { name: 'a task takes 10 s', size: seen(10_000, 1), remaining: undefined, expected: 1 },
    { name: 'a task takes no time at all', size: seen(0, 1000), remaining: undefined, expected: MAX_LEASE },
    { name: 'few were seen', size: seen(0.001, 3), remaining: undefined, expected: 24 },
    { name: '40 remain for 2 workers', size: seen(50, 1000), remaining: 40, expected: 10 },
    { name: '3 remain', size: seen(50, 1000), remaining: 3, expected: 1 },
    { name: 'none remain', size: seen(50, 1000), remaining: 0, expected: 1 },
  ])('gives $expected when $name', ({ size, remaining, expected }) => {
    expect(size.next(2, remaining)).toBe(expected);
  });

  it('follows tasks that become slower', () => {
    const size = seen(1, 1000);
    expect(size.next(2, undefined)).toBe(MAX_LEASE);
    for (let i = 0; i < 100; i++) size.observe(100, 10);
    expect(size.next(2, undefined)).toBe(1);
  });
});

describe('WorkerSlot', () => {
  it('gives each task to the worker or back to the parent, never to both', () => {
    const slot = new WorkerSlot().clear();
    const worker = new WorkerSlot(slot.buffer);
    slot.open(7, 10);
    expect([worker.claim(7), worker.claim(7)]).toEqual([0, 1]);
    expect([slot.claimed(7), slot.unclaimed(7)]).toEqual([2, 8]);
    expect(slot.revoke(7, 5)).toBe(5);
    expect([worker.claim(7), worker.claim(7), worker.claim(7), worker.claim(7)]).toEqual([2, 3, 4, -1]);
    expect(slot.revoke(7, 5)).toBe(5);
    expect(slot.unclaimed(7)).toBe(0);
  });

  it('keeps two leases apart, of up to the largest size', () => {
    const slot = new WorkerSlot().clear();
    slot.open(7, MAX_LEASE);
    slot.open(8, 3);
    for (let i = 0; i < MAX_LEASE; i++) expect(slot.claim(7)).toBe(i);
    expect(slot.claim(7)).toBe(-1);
    expect(slot.unclaimed(8)).toBe(3);
    expect(slot.revoke(8, 99)).toBe(0);
    expect(slot.claim(8)).toBe(-1);
  });

  it('shows the running task, also when lease numbers have grown beyond 15 bits', () => {
    const slot = new WorkerSlot().clear();
    expect(slot.running()).toBeUndefined();
    slot.begin(0x7fff + 6, MAX_LEASE - 1, 12.5);
    slot.progress(0.25);
    expect(slot.running()).toEqual({ lease: 5, index: MAX_LEASE - 1, startedAt: 12.5, fraction: 0.25 });
    slot.begin(0x7fff, 0, 13);
    expect(slot.running()).toEqual({ lease: 0x7fff, index: 0, startedAt: 13, fraction: 0 });
    slot.end();
    expect(slot.running()).toBeUndefined();
  });

  it('shows the job that is being set up', () => {
    const slot = new WorkerSlot().clear();
    expect(slot.settingUp()).toBeUndefined();
    slot.beginSetup(0x7fff_0000, 12.5);
    expect(slot.settingUp()).toEqual({ job: 0x7fff_0000, startedAt: 12.5 });
    expect(slot.running()).toBeUndefined();
    slot.endSetup();
    expect(slot.settingUp()).toBeUndefined();
  });
});

describe('the time for setting up a job', () => {
  it.each([
    ['nothing', {}, Number.POSITIVE_INFINITY],
    ['short tasks', { taskTimeoutMs: 50 }, 10_000],
    ['long tasks', { taskTimeoutMs: 60_000 }, 60_000],
    ['a time of its own', { taskTimeoutMs: 60_000, setupTimeoutMs: 5 }, 5],
  ])('with %s', (_name, options, expected) => {
    expect(resolveRunOptions(options).setupTimeoutMs).toBe(expected);
  });
});

describe('resolveJobs', () => {
  it.each([
    [undefined, { workers: 4 }],
    [-1, { workers: 4 }],
    [1, { workers: 1 }],
    [4, { workers: 4 }],
  ])('%s of 4 cores', (jobs, expected) => expect(resolveJobs(jobs, 4)).toEqual(expected));

  it('grants more than there are cores, with a warning', () => {
    const { workers, warning } = resolveJobs(6, 4);
    expect(workers).toBe(6);
    expect(warning).toMatch(/jobs is 6, but this machine has 4 cores/);
    expect(resolveJobs(2, 1).warning).toMatch(/has 1 core:/);
  });

  it('refuses so many that starting them would take all of the machine', () => {
    expect(resolveJobs(128, 4).workers).toBe(128);
    expect(() => resolveJobs(129, 4)).toThrow(UsageError);
    expect(() => resolveJobs(100_000, 4)).toThrow(/Give up to 128, or -1/);
  });

  it.each([0, -2, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (jobs) => {
    expect(() => resolveJobs(jobs)).toThrow(UsageError);
    expect(() => resolveJobs(jobs)).toThrow(/whole number from 1, or -1 for all cores/);
  });
});

describe('workerEntry', () => {
  it.each([
    ['file:///home/src/hindcast/src/data/reader.ts', './entry.js', 'file:///home/src/hindcast/dist/data/entry.js'],
    ['file:///home/hindcast/dist/data/reader.js', './entry.js', 'file:///home/hindcast/dist/data/entry.js'],
    ['file:///home/elsewhere/reader.ts', './entry.js', 'file:///home/elsewhere/entry.js'],
  ])('beside %s', (from, path, expected) => expect(workerEntry(from, path).href).toBe(expected));
});
