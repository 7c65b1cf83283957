import type { AxisRows } from './axis-rows.js';
import type { AccountTrace, Decision, Trace, Watched } from './trace.js';

/** Where two runs that knew the same did not do the same. Rows are axis rows. */
export interface Difference {
  readonly kind: 'order' | 'fill' | 'failure';
  readonly row: number;
  /** Symbols of the account. */
  readonly symbols: string;
  /** What the run with the recorded future did; null for nothing. */
  readonly expected: string | null;
  /** What the other run did; null for nothing. */
  readonly found: string | null;
}

/** A declared indicator whose values up to a row are not the same. */
export interface IndicatorDifference {
  readonly name: string;
  readonly symbols: string;
  /** The first row at which its value differs. */
  readonly row: number;
  readonly expected: number;
  readonly found: number;
  /** Whether it differs on the very first bar that the strategy saw. */
  readonly fromTheStart: boolean;
}

/** What {@link compare} compares by. */
export interface Comparison {
  readonly rows: AxisRows;
  /** The last row that both runs know. */
  readonly upTo: number;
  /** First axis row of the run: errors count their bars from there. */
  readonly from: number;
}

/** An entry of a list that both runs keep in the order of events. */
interface Entry {
  readonly row: number;
  readonly text: string;
}

/** Returns the first difference between what two runs did up to a row; undefined where there is none. */
export function compare(expected: Trace, found: Trace, by: Comparison): Difference | undefined {
  const differences: Difference[] = [];
  const symbolsOfAll = new Set([...expected.accounts, ...found.accounts].map(({ symbols }) => symbols));
  for (const symbols of symbolsOfAll) {
    const [was, is] = [expected, found].map((trace) => {
      const account = trace.accounts.find((each) => each.symbols === symbols);
      return (account?.decisions ?? []).map((decision) => decisionEntry(decision, by));
    }) as [Entry[], Entry[]];
    const difference = firstDifference(was, is, by.upTo);
    if (difference !== undefined) differences.push({ kind: 'order', symbols, ...difference });
  }
  const failure = failureOf(found, by);
  if (failure !== undefined) differences.push(failure);
  else {
    const difference = firstDifference(expected.fills, found.fills, by.upTo);
    const { symbols = '' } = expected.accounts.length === 1 ? expected.accounts[0]! : {};
    const symbol = (difference?.expected ?? difference?.found ?? '').split(' ')[0]!;
    if (difference !== undefined) differences.push({ kind: 'fill', symbols: symbols || symbol, ...difference });
  }
  // On one bar the decision comes first: the fill follows from it.
  return differences.sort((a, b) => a.row - b.row || ORDER[a.kind] - ORDER[b.kind])[0];
}

const ORDER: Readonly<Record<Difference['kind'], number>> = { order: 0, failure: 1, fill: 2 };

/** Returns the declared indicators that have other values up to a row, the earliest first. */
export function compareIndicators(expected: Trace, found: Trace, by: Comparison): IndicatorDifference[] {
  const differences: IndicatorDifference[] = [];
  for (const account of expected.accounts) {
    const other = found.accounts.find(({ symbols }) => symbols === account.symbols);
    if (other === undefined) continue;
    for (const [index, watched] of account.watched.entries()) {
      const difference = indicatorDifference(account, watched, other, other.watched[index], by);
      if (difference !== undefined) differences.push(difference);
    }
  }
  return differences.sort((a, b) => a.row - b.row);
}

function indicatorDifference(
  account: AccountTrace,
  watched: Watched,
  other: AccountTrace,
  others: Watched | undefined,
  { rows, upTo }: Comparison,
): IndicatorDifference | undefined {
  if (others === undefined) return undefined;
  for (let bar = 0; bar < Math.min(account.closes.length, other.closes.length); bar++) {
    const row = rows.of({ instant: account.closes[bar]!, beforeOpen: false });
    if (row > upTo || other.closes[bar] !== account.closes[bar]) return undefined;
    const [expected, found] = [watched.values[bar]!, others.values[bar]!];
    if (Object.is(expected, found)) continue;
    return { name: watched.name, symbols: account.symbols, row, expected, found, fromTheStart: bar === 0 };
  }
  return undefined;
}

const decisionEntry = (decision: Decision, { rows }: Comparison): Entry => ({
  row: rows.of(decision),
  text: `${decision.actions.join('; ')}${decision.handler === 'handleData' ? '' : ` in ${decision.handler}`}`,
});

function failureOf({ failure }: Trace, { from, upTo }: Comparison): Difference | undefined {
  if (failure === undefined) return undefined;
  const { bar } = failure.details;
  // What fails while it is loaded fails before anything could be known.
  const row = typeof bar === 'number' ? from + bar : from;
  if (row > upTo) return undefined;
  return { kind: 'failure', row, symbols: '', expected: null, found: `error ${failure.code}: ${failure.message}` };
}

/** The first place up to a row at which two lists in the order of rows are not the same. */
function firstDifference(
  expected: readonly Entry[],
  found: readonly Entry[],
  upTo: number,
): Pick<Difference, 'row' | 'expected' | 'found'> | undefined {
  for (let index = 0; ; index++) {
    const [was, is] = [expected[index], found[index]].map((entry) => (entry && entry.row <= upTo ? entry : undefined));
    if (was === undefined && is === undefined) return undefined;
    if (was?.row === is?.row && was?.text === is?.text) continue;
    const row = Math.min(was?.row ?? Number.POSITIVE_INFINITY, is?.row ?? Number.POSITIVE_INFINITY);
    const textAt = (entry: Entry | undefined): string | null => (entry?.row === row ? entry.text : null);
    return { row, expected: textAt(was), found: textAt(is) };
  }
}
