import type { ThreadRecording } from './profile.js';
import type { CallFrame, CpuNode, CpuProfile, HeapNode, HeapProfile } from './recorder.js';

const root = (functionName: string): CallFrame => ({
  functionName,
  scriptId: '0',
  url: '',
  lineNumber: -1,
  columnNumber: -1,
});

/** Returns a thread's samples by time, in microseconds: they are taken in signal handlers and may be handed over a little out of order. */
export function samplesInOrder(
  { samples = [], timeDeltas = [] }: CpuProfile,
  begun: number,
): { readonly node: number; readonly at: number }[] {
  let at = begun;
  const times = samples.map((node, i) => {
    at += timeDeltas[i] ?? 0;
    return { node, at };
  });
  return times.sort((a, b) => a.at - b.at);
}

/**
 * Returns the CPU profiles of threads as one, with a root for each thread. Their times follow one another, though they ran side by side:
 * a profile in this format has one line of time, and only so does every function keep all of its own.
 */
export function mergedCpuProfile(threads: readonly ThreadRecording[]): CpuProfile {
  const nodes: CpuNode[] = [];
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  const threadRoots: number[] = [];
  let nextId = 2;
  let begun = 0;
  let last = 0;
  const sample = (node: number, at: number): void => {
    samples.push(node);
    timeDeltas.push(at - last);
    last = at;
  };
  for (const { name, cpu } of threads) {
    const ids = new Map(cpu.nodes.map((node) => [node.id, nextId++]));
    const threadRoot = ids.get(cpu.nodes[0]!.id)!;
    threadRoots.push(threadRoot);
    for (const node of cpu.nodes) {
      const id = ids.get(node.id)!;
      const callFrame = id === threadRoot ? root(name) : node.callFrame;
      nodes.push({ ...node, id, callFrame, children: node.children?.map((child) => ids.get(child)!) });
    }
    // What passes before a thread's first sample is its own, not the last function's of the thread before.
    sample(threadRoot, begun);
    for (const each of samplesInOrder(cpu, begun)) sample(ids.get(each.node)!, each.at);
    begun = Math.max(begun + (cpu.endTime - cpu.startTime), last);
  }
  nodes.unshift({ id: 1, callFrame: root('(root)'), hitCount: 0, children: threadRoots });
  return { nodes, startTime: 0, endTime: begun, samples, timeDeltas };
}

/** Returns the heap profiles of threads as one, with a root for each thread. */
export function mergedHeapProfile(threads: readonly ThreadRecording[]): HeapProfile {
  const samples: HeapProfile['samples'][number][] = [];
  let nextId = 2;
  let ordinals = 0;
  const children = threads.map(({ name, heap }) => {
    const ids = new Map<number, number>();
    const renumbered = (node: HeapNode, callFrame: CallFrame): HeapNode => {
      const id = nextId++;
      ids.set(node.id, id);
      return { ...node, id, callFrame, children: node.children.map((child) => renumbered(child, child.callFrame)) };
    };
    const thread = renumbered(heap.head, root(name));
    const before = ordinals;
    for (const { size, nodeId, ordinal } of heap.samples) {
      samples.push({ size, nodeId: ids.get(nodeId)!, ordinal: before + ordinal });
      ordinals = Math.max(ordinals, before + ordinal);
    }
    return thread;
  });
  return { head: { id: 1, callFrame: root('(root)'), selfSize: 0, children }, samples };
}
