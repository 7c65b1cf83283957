import { type CallTree, callTree, type Frame, mergeCalls, standIn } from './call-tree.js';
import { type CostTables, costTables, type FunctionCost } from './cost-tables.js';
import { mergedCpuProfile, mergedHeapProfile, samplesInOrder } from './merged-profiles.js';
import { placeOf } from './places.js';
import type { CallFrame, CpuProfile, HeapNode, HeapProfile, Recording, RecordingSettings } from './recorder.js';
import { SourcePositions } from './source-positions.js';

/** What was seen of a thread, and what people call it. */
export interface ThreadRecording extends Recording {
  readonly name: string;
}

/** One thread in figures. */
export interface ThreadCost {
  readonly name: string;
  /** From the first to the last moment that was recorded, in milliseconds. */
  readonly wallMs: number;
  /** Of these, milliseconds in which it worked: neither idle nor busy with the recording itself. */
  readonly busyMs: number;
  readonly samples: number;
  /** Bytes allocated on the JavaScript heap, an estimate. */
  readonly allocatedBytes: number;
}

/** Where time and memory of all threads went. */
export interface Profile extends CostTables {
  readonly settings: RecordingSettings;
  readonly threads: readonly ThreadCost[];
  /** Threads that ended without handing over what they had recorded. */
  readonly lost: readonly string[];
  /** Milliseconds of work: all threads, beneath them each thread, beneath that its functions. */
  readonly calls: CallTree;
  /** The same of allocated bytes. */
  readonly allocations: CallTree;
  /** Bytes by function, the one that allocates most first. */
  readonly allocators: readonly FunctionCost[];
  /** Allocations that were sampled: the estimates of bytes are about 1 / sqrt(samples) off. */
  readonly allocationSamples: number;
  /** All threads in the formats of Chrome DevTools. */
  readonly cpu: CpuProfile;
  readonly heap: HeapProfile;
}

/** Returns what several threads recorded as one profile, with the places that people wrote in place of those that a compiler made. */
export function profileOf(
  recordings: readonly ThreadRecording[],
  settings: RecordingSettings,
  lost: readonly string[] = [],
): Profile {
  const positions = new SourcePositions();
  const threads = recordings.map((recording) => inSource(recording, positions));
  const calls = threads.map(({ name, cpu }) => mergeCalls(standIn(name), [cpuCalls(cpu)]));
  const allocations = threads.map(({ name, heap }) => mergeCalls(standIn(name), [heapCalls(heap.head)]));
  return {
    settings,
    threads: threads.map(({ name, cpu }, at) => ({
      name,
      wallMs: (cpu.endTime - cpu.startTime) / 1000,
      busyMs: calls[at]!.total,
      samples: cpu.samples?.length ?? 0,
      allocatedBytes: allocations[at]!.total,
    })),
    lost,
    calls: allThreads(calls),
    allocations: allThreads(allocations),
    allocators: costTables(allocations).functions.filter(({ self }) => self > 0),
    allocationSamples: threads.reduce((sum, { heap }) => sum + heap.samples.length, 0),
    ...costTables(calls),
    cpu: mergedCpuProfile(threads),
    heap: mergedHeapProfile(threads),
  };
}

/** Threads stand as they are numbered, not by what they cost. */
const allThreads = (threads: readonly CallTree[]): CallTree => ({
  frame: standIn('all threads'),
  self: 0,
  total: threads.reduce((sum, { total }) => sum + total, 0),
  lines: new Map(),
  children: threads,
});

/** Returns the work in a thread's samples, in milliseconds. A sample lasts until the next one; idleness and the recording itself are no work. */
export function cpuCalls(cpu: CpuProfile): CallTree {
  const { nodes, startTime, endTime } = cpu;
  const selfMs = new Map<number, number>();
  const times = samplesInOrder(cpu, startTime);
  times.forEach(({ node, at: from }, i) => {
    const until = times[i + 1]?.at ?? Math.max(endTime, from);
    selfMs.set(node, (selfMs.get(node) ?? 0) + (until - from) / 1000);
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const convert = (id: number): CallTree | undefined => {
    const { callFrame, children = [], positionTicks = [] } = byId.get(id)!;
    if (isNoWork(callFrame)) return undefined;
    const self = selfMs.get(id) ?? 0;
    const ticks = positionTicks.reduce((sum, each) => sum + each.ticks, 0);
    const lines = new Map<number, number>();
    for (const each of positionTicks) {
      lines.set(each.line, (lines.get(each.line) ?? 0) + (self * each.ticks) / ticks);
    }
    return callTree(frameOf(callFrame), self, lines, children.map(convert).filter(isThere));
  };
  return convert(nodes[0]!.id)!;
}

/** Returns the allocations of a thread in bytes, without those of the recording itself. */
function heapCalls({ callFrame, selfSize, children }: HeapNode): CallTree {
  const counted = children.filter((child) => !isNoWork(child.callFrame)).map(heapCalls);
  return callTree(frameOf(callFrame), selfSize, new Map(), counted);
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined;

/** Whether a thread waits there, or answers the one who records it. */
const isNoWork = ({ functionName, url }: CallFrame): boolean =>
  url === 'node:inspector' || (functionName === '(idle)' && url === '') || OWN_ROOM.test(placeOf({ url }).file);

const OWN_ROOM = /^(?:dist|src)\/profiling\//;

const frameOf = ({ functionName, url, lineNumber, columnNumber }: CallFrame): Frame => ({
  name: functionName || '(anonymous)',
  url,
  line: lineNumber + 1,
  column: columnNumber + 1,
});

/** Returns a recording with the places in the sources. */
function inSource({ name, cpu, heap }: ThreadRecording, positions: SourcePositions): ThreadRecording {
  const frame = (callFrame: CallFrame): CallFrame => {
    const { url, lineNumber, columnNumber } = callFrame;
    const original = positions.original({ url, line: lineNumber, column: columnNumber });
    return { ...callFrame, url: original.url, lineNumber: original.line, columnNumber: original.column };
  };
  const heapNode = (node: HeapNode): HeapNode => ({
    ...node,
    callFrame: frame(node.callFrame),
    children: node.children.map(heapNode),
  });
  const nodes = cpu.nodes.map((node) => ({
    ...node,
    callFrame: frame(node.callFrame),
    positionTicks: node.positionTicks?.map(({ line, ticks }) => ({
      line: positions.originalLine(node.callFrame.url, line - 1) + 1,
      ticks,
    })),
  }));
  return { name, cpu: { ...cpu, nodes }, heap: { ...heap, head: heapNode(heap.head) } };
}
