import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallTree, mergeCalls, standIn } from '../../../src/profiling/call-tree.js';
import { costTables } from '../../../src/profiling/cost-tables.js';
import { cpuCalls, profileOf, type ThreadRecording } from '../../../src/profiling/profile.js';
import type { CpuProfile } from '../../../src/profiling/recorder.js';
import {
  call,
  callFrame,
  callTrees,
  cpuProfile,
  everyCall,
  frame,
  heapNode,
  type Sample,
} from '../../helpers/call-trees.js';

const settings = { sampleMicroseconds: 200, heapIntervalBytes: 1024 };
const selfSum = (tree: CallTree): number => everyCall(tree).reduce((sum, { self }) => sum + self, 0);
const heap = { head: heapNode(1, '(root)', 0), samples: [] };

describe('mergeCalls', () => {
  it('adds the times of the same function in the same place', () => {
    const one = call('main', 1, call('work', 5, call('sum', 2)), call('rest', 1));
    const two = call('main', 2, call('other', 9), call('work', 3, call('sum', 4)));
    expect(mergeCalls(frame('main'), [one, two])).toEqual(
      call('main', 3, call('work', 8, call('sum', 6)), call('other', 9), call('rest', 1)),
    );
  });

  it('keeps every cost, whatever is merged, and totals are the sums of selves', () => {
    fc.assert(
      fc.property(fc.array(callTrees(), { maxLength: 4 }), (parts) => {
        const merged = mergeCalls(standIn('all'), parts);
        expect(merged.total).toBe(parts.reduce((sum, { total }) => sum + total, 0));
        for (const each of everyCall(merged)) {
          expect(each.total).toBe(selfSum(each));
          const names = each.children.map((child) => child.frame.name);
          expect(new Set(names).size).toBe(names.length);
          expect([...each.lines.values()].reduce((sum, cost) => sum + cost, 0)).toBe(
            each === merged ? selfOf(parts) : each.self,
          );
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('does not depend on the order of its parts', () => {
    fc.assert(
      fc.property(fc.array(callTrees(), { maxLength: 4 }), (parts) => {
        const all = standIn('all');
        const withSortedLines = (tree: CallTree): unknown => ({
          ...tree,
          lines: [...tree.lines].sort(([a], [b]) => a - b),
          children: tree.children.map(withSortedLines),
        });
        expect(withSortedLines(mergeCalls(all, [...parts].reverse()))).toEqual(withSortedLines(mergeCalls(all, parts)));
      }),
      { numRuns: 1000 },
    );
  });
});

const selfOf = (parts: readonly CallTree[]): number => parts.reduce((sum, { self }) => sum + self, 0);

describe('costTables', () => {
  it('counts a function that calls itself once', () => {
    const tree = call('root', 0, call('walk', 1, call('walk', 2, call('leaf', 4)), call('leaf', 8)));
    const { functions } = costTables([tree]);
    expect(functions.map((each) => [each.frame.name, each.self, each.total])).toEqual([
      ['leaf', 12, 12],
      ['walk', 3, 15],
    ]);
  });

  it('gives out every self once, to functions and to lines, and no total above the whole', () => {
    fc.assert(
      fc.property(callTrees(), (tree) => {
        const { functions, lines } = costTables([mergeCalls(standIn('main'), [call('root', 0, tree)])]);
        expect(functions.reduce((sum, { self }) => sum + self, 0)).toBe(tree.total);
        expect(lines.reduce((sum, { self }) => sum + self, 0)).toBe(tree.total);
        for (const { self, total } of functions) {
          expect(total).toBeGreaterThanOrEqual(self);
          expect(total).toBeLessThanOrEqual(tree.total);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('cpuCalls', () => {
  it('lets a sample last until the next one, and leaves out idleness and the recording itself', () => {
    const profile = cpuProfile(
      [
        ['main>work', 300],
        ['(idle)', 5000],
        ['main', 200],
        ['main>work>sum', 1000],
        ['(garbage collector)', 500],
      ],
      700,
    );
    const calls = cpuCalls(profile);
    expect(everyCall(calls).map((each) => [each.frame.name, each.self, each.total])).toEqual([
      ['(root)', 0, 2],
      ['main', 0.2, 1.5],
      ['work', 0.3, 1.3],
      ['sum', 1, 1],
      ['(garbage collector)', 0.5, 0.5],
    ]);
  });

  it('puts samples in order that were handed over out of it', () => {
    const profile = cpuProfile([
      ['early', 100],
      ['late', 900],
    ]);
    const [early, late] = profile.samples!;
    const swapped: CpuProfile = { ...profile, samples: [late!, early!], timeDeltas: [100, -100] };
    expect(cpuCalls(swapped)).toEqual(cpuCalls(profile));
  });

  it('shares the time of a function among its lines by their samples', () => {
    const profile = cpuProfile([['work', 1000]]);
    const nodes = profile.nodes.map((node) =>
      node.callFrame.functionName === 'work'
        ? {
            ...node,
            positionTicks: [
              { line: 7, ticks: 1 },
              { line: 9, ticks: 3 },
            ],
          }
        : node,
    );
    const [work] = cpuCalls({ ...profile, nodes }).children;
    expect([...work!.lines]).toEqual([
      [7, 0.25],
      [9, 0.75],
    ]);
  });

  it('takes a profile without any sample', () => {
    expect(cpuCalls(cpuProfile([])).total).toBe(0);
  });
});

/** A thread with samples of whole milliseconds, so that times add up exactly. */
const threads = (): fc.Arbitrary<ThreadRecording[]> => {
  const sample = fc.tuple(
    fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 5 }).map((names) => names.join('>')),
    fc.integer({ min: 0, max: 50 }).map((ms) => ms * 1000),
  );
  const samples = fc.array(fc.oneof(sample, fc.constant(['(idle)', 3000] as Sample)), { maxLength: 20 });
  return fc
    .array(fc.tuple(samples, fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 4 })
    .map((list) =>
      list.map(([taken, lead], at) => ({ name: `worker ${at}`, cpu: cpuProfile(taken, lead * 1000), heap })),
    );
};

describe('profileOf', () => {
  it('merges threads: times of the whole are the sums of theirs', () => {
    const samples = (ms: number): Sample[] => [
      ['main>work', ms * 1000],
      ['main', 1000],
    ];
    const {
      threads: costs,
      functions,
      calls,
    } = profileOf(
      [
        { name: 'main', cpu: cpuProfile(samples(3)), heap },
        { name: 'worker 0', cpu: cpuProfile(samples(4)), heap },
      ],
      settings,
      ['worker 1'],
    );
    expect(functions.map(({ frame: { name }, self, total }) => [name, self, total])).toEqual([
      ['work', 7, 7],
      ['main', 2, 9],
    ]);
    expect(costs.map(({ name, wallMs, busyMs }) => [name, wallMs, busyMs])).toEqual([
      ['main', 4, 4],
      ['worker 0', 5, 5],
    ]);
    expect(calls.children.map(({ frame: { name }, total }) => [name, total])).toEqual([
      ['main', 4],
      ['worker 0', 5],
    ]);
  });

  it('writes a file of DevTools that holds all of each thread’s time, idleness too', () => {
    fc.assert(
      fc.property(threads(), (recordings) => {
        const { cpu, threads: costs } = profileOf(recordings, settings);
        expect(cpu.nodes.map(({ id }) => id).sort((a, b) => a - b)).toEqual(cpu.nodes.map((_, i) => i + 1));
        expect(cpu.samples).toHaveLength(cpu.timeDeltas!.length);
        expect(cpu.endTime - cpu.startTime).toBe(costs.reduce((sum, { wallMs }) => sum + wallMs * 1000, 0));
        expect(Math.min(0, ...cpu.timeDeltas!)).toBe(0);
        // Read again as if it were one thread, the work beneath each root is that of its thread.
        const again = cpuCalls(cpu);
        const lead = (at: number): number => recordings[at]!.cpu.timeDeltas![0] ?? 0;
        recordings.forEach(({ name, cpu: own }, at) => {
          const root = again.children.find((child) => child.frame.name === name)!;
          const before = own.samples!.length === 0 ? own.endTime - own.startTime : lead(at);
          expect(root.total).toBeCloseTo(costs[at]!.busyMs + before / 1000, 6);
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('merges heap profiles with a root for each thread, and counts the recording’s own allocations for nobody', () => {
    const own = { ...heapNode(4, 'post', 999), callFrame: callFrame('post', 'node:inspector') };
    const head = heapNode(1, '(root)', 0, [heapNode(2, 'work', 100, [heapNode(3, 'make', 50)]), own]);
    const samples = [{ size: 50, nodeId: 3, ordinal: 7 }];
    const recordings = ['main', 'worker 0'].map((name) => ({ name, cpu: cpuProfile([]), heap: { head, samples } }));
    const {
      allocations,
      allocators,
      allocationSamples,
      heap: merged,
      threads: costs,
    } = profileOf(recordings, settings);
    expect([allocations.total, allocationSamples]).toEqual([300, 2]);
    expect(allocators.map(({ frame: { name }, self, total }) => [name, self, total])).toEqual([
      ['work', 200, 300],
      ['make', 100, 100],
    ]);
    expect(costs.map(({ allocatedBytes }) => allocatedBytes)).toEqual([150, 150]);
    expect(merged.head.children.map(({ callFrame: { functionName } }) => functionName)).toEqual(['main', 'worker 0']);
    const ids: number[] = [];
    const collect = (node: typeof merged.head): void => {
      ids.push(node.id);
      node.children.forEach(collect);
    };
    collect(merged.head);
    expect(new Set(ids).size).toBe(ids.length);
    expect(merged.samples.map(({ ordinal }) => ordinal)).toEqual([7, 14]);
    expect(merged.samples.every(({ nodeId }) => ids.includes(nodeId))).toBe(true);
  });
});
