/** A function, or what stands for one: a thread, the garbage collector. */
export interface Frame {
  readonly name: string;
  /** Address of its module; empty where it has none: native code, threads. */
  readonly url: string;
  /** Where it begins, from 1; 0 where that is not known. */
  readonly line: number;
  readonly column: number;
}

/** Whose a function is: a user's file, Hindcast's, a dependency's, Node's, or nobody's that has a file: native code, the garbage collector. */
export type Owner = 'strategy' | 'hindcast' | 'library' | 'node' | 'native';

/** Where a function is, for people. */
export interface Place {
  readonly owner: Owner;
  /** Hindcast's below its package (`src/engine/simulation.ts`), a user's below the current folder where it lies there; empty for native code. */
  readonly file: string;
}

/**
 * What a function and those it called cost in one place of the tree: milliseconds or bytes. `total` is `self` and the totals of the
 * children; children are of different functions, the dearest first, but for threads, which stand in their order.
 */
export interface CallTree {
  readonly frame: Frame;
  readonly self: number;
  readonly total: number;
  /** `self` by line of the function's module; empty where that is not known. */
  readonly lines: ReadonlyMap<number, number>;
  readonly children: readonly CallTree[];
}

/** Tells functions apart. */
export const frameKey = ({ name, url, line, column }: Frame): string => `${name}\n${url}\n${line}\n${column}`;

/** The tree of something that is no function: a thread, a process. */
export const standIn = (name: string): Frame => ({ name, url: '', line: 0, column: 0 });

/** Returns one tree of several under a new frame: costs of the same function in the same place are added, whoever comes first. */
export function mergeCalls(frame: Frame, parts: readonly CallTree[]): CallTree {
  const lines = new Map<number, number>();
  const groups = new Map<string, CallTree[]>();
  let self = 0;
  for (const part of parts) {
    self += part.self;
    for (const [line, cost] of part.lines) lines.set(line, (lines.get(line) ?? 0) + cost);
    for (const child of part.children) {
      const key = frameKey(child.frame);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [child]);
      else group.push(child);
    }
  }
  const children = [...groups.values()].map((group) => mergeCalls(group[0]!.frame, group));
  return callTree(frame, self, lines, children);
}

/** Returns a tree of its parts, with its total and its children in order. The children's frames are to differ. */
export function callTree(
  frame: Frame,
  self: number,
  lines: ReadonlyMap<number, number>,
  children: readonly CallTree[],
): CallTree {
  const ordered = [...children].sort((a, b) => b.total - a.total || (frameKey(a.frame) < frameKey(b.frame) ? -1 : 1));
  const total = ordered.reduce((sum, child) => sum + child.total, self);
  return { frame, self, total, lines, children: ordered };
}
