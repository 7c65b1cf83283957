import fc from 'fast-check';
import { type CallTree, callTree, type Frame, mergeCalls } from '../../src/profiling/call-tree.js';
import { costTables, type FunctionCost } from '../../src/profiling/cost-tables.js';
import type { CallFrame, CpuProfile, HeapNode } from '../../src/profiling/recorder.js';

/** A function of a made-up module. */
export const frame = (name: string, line = 1): Frame => ({ name, url: 'file:///made/up.js', line, column: 1 });

/** A call that costs `self` on the line it begins at, and what it calls. */
export const call = (name: string, self: number, ...children: readonly CallTree[]): CallTree =>
  callTree(frame(name), self, self > 0 ? new Map([[1, self]]) : new Map(), children);

/** Any tree of a few functions that call each other and themselves; costs are whole, so that sums are exact. */
export function callTrees(): fc.Arbitrary<CallTree> {
  const name = fc.constantFrom('alpha', 'beta', 'gamma', 'delta');
  const { tree } = fc.letrec<{ tree: CallTree }>((tie) => ({
    tree: fc
      .record({
        name,
        self: fc.integer({ min: 0, max: 1000 }),
        children: fc.oneof(
          { depthSize: 'small', withCrossShrink: true },
          fc.constant([] as CallTree[]),
          fc.array(tie('tree'), { maxLength: 4 }),
        ),
      })
      // Merged, for a tree's children are of different functions.
      .map(({ name: own, self, children }) =>
        mergeCalls(frame(own), [
          { frame: frame(own), self, total: 0, lines: self > 0 ? new Map([[1, self]]) : new Map(), children },
        ]),
      ),
  }));
  return tree;
}

/** All calls of a tree, itself first. */
export const everyCall = (tree: CallTree): CallTree[] => [tree, ...tree.children.flatMap(everyCall)];

/** A function as V8 names it. */
export const callFrame = (functionName: string, url = 'file:///made/up.js', lineNumber = 0): CallFrame => ({
  functionName,
  scriptId: '1',
  url,
  lineNumber,
  columnNumber: 0,
});

/** A stack under the root, of which samples are taken: `main>work` is work, called by main. */
export type Sample = readonly [stack: string, microseconds: number];

/** A recorded CPU profile, made of samples: each lasts so long; the one before the first lasts `lead`. */
export function cpuProfile(samples: readonly Sample[], lead = 0): CpuProfile {
  const nodes: { id: number; callFrame: CallFrame; children: number[]; hitCount: number }[] = [
    { id: 1, callFrame: { ...callFrame('(root)', ''), lineNumber: -1, columnNumber: -1 }, children: [], hitCount: 0 },
  ];
  const idOf = (stack: string): number => {
    let at = nodes[0]!;
    for (const name of stack === '' ? [] : stack.split('>')) {
      const known = at.children.map((id) => nodes[id - 1]!).find((node) => node.callFrame.functionName === name);
      const isNative = name.startsWith('(');
      const next = known ?? {
        ...{ id: nodes.length + 1, callFrame: callFrame(name, isNative ? '' : undefined), children: [], hitCount: 0 },
      };
      if (known === undefined) {
        nodes.push(next);
        at.children.push(next.id);
      }
      at = next;
    }
    at.hitCount++;
    return at.id;
  };
  const ids = samples.map(([stack]) => idOf(stack));
  const startTime = 5_000_000;
  const lasting = samples.map(([, microseconds]) => microseconds);
  return {
    nodes,
    startTime,
    endTime: startTime + lead + lasting.reduce((sum, each) => sum + each, 0),
    samples: ids,
    timeDeltas: [lead, ...lasting.slice(0, -1)].slice(0, ids.length),
  };
}

/** A node of a heap profile. */
export const heapNode = (
  id: number,
  functionName: string,
  selfSize: number,
  children: readonly HeapNode[] = [],
): HeapNode => ({ id, callFrame: callFrame(functionName), selfSize, children });

/** A thread that called twelve functions, step0 for a millisecond to step11 for twelve. */
export function sampleProfile(): { readonly calls: CallTree; readonly functions: readonly FunctionCost[] } {
  const main = call('main', 0, ...Array.from({ length: 12 }, (_, i) => call(`step${i}`, i + 1)));
  return { calls: call('all threads', 0, main), functions: costTables([main]).functions };
}
