import { type CallTree, type Frame, frameKey } from './call-tree.js';

/** What one function costs, wherever it is called. */
export interface FunctionCost {
  readonly frame: Frame;
  /** In the function itself. */
  readonly self: number;
  /** In it and in what it calls; a function that calls itself is counted once. */
  readonly total: number;
}

/** What one line costs by itself. */
export interface LineCost {
  readonly url: string;
  /** From 1. */
  readonly line: number;
  readonly self: number;
  /** Names of the functions it is part of, the dearest first. */
  readonly functions: readonly string[];
}

/** Costs by function and by line, the dearest first. */
export interface CostTables {
  readonly functions: readonly FunctionCost[];
  readonly lines: readonly LineCost[];
}

/** Returns what the functions beneath some roots, and their lines, cost in all; the roots themselves are no functions. */
export function costTables(roots: readonly CallTree[]): CostTables {
  const functions = new Map<string, { frame: Frame; self: number; total: number }>();
  const lines = new Map<string, { url: string; line: number; self: number; functions: Map<string, number> }>();
  const open = new Set<string>();

  const visit = ({ frame, self, total, lines: ownLines, children }: CallTree): void => {
    const key = frameKey(frame);
    const cost = functions.get(key) ?? { frame, self: 0, total: 0 };
    functions.set(key, cost);
    cost.self += self;
    const isOutermost = !open.has(key);
    if (isOutermost) {
      cost.total += total;
      open.add(key);
    }
    for (const [line, lineSelf] of ownLines) {
      const place = `${frame.url}\n${line}`;
      const entry = lines.get(place) ?? { url: frame.url, line, self: 0, functions: new Map<string, number>() };
      lines.set(place, entry);
      entry.self += lineSelf;
      entry.functions.set(frame.name, (entry.functions.get(frame.name) ?? 0) + lineSelf);
    }
    for (const child of children) visit(child);
    if (isOutermost) open.delete(key);
  };
  for (const root of roots) for (const child of root.children) visit(child);

  return {
    functions: [...functions.values()].sort(
      (a, b) => b.self - a.self || b.total - a.total || order(frameKey(a.frame), frameKey(b.frame)),
    ),
    lines: [...lines.values()]
      .filter(({ url, self }) => url !== '' && self > 0)
      .sort((a, b) => b.self - a.self || order(a.url, b.url) || a.line - b.line)
      .map((entry) => ({
        ...entry,
        functions: [...entry.functions].sort(([a, x], [b, y]) => y - x || order(a, b)).map(([name]) => name),
      })),
  };
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
