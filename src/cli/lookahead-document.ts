import { formatCount } from '../report/index.js';
import type { LookaheadFinding, LookaheadReport } from '../validate/lookahead.js';
import { counted } from './text-blocks.js';

/** Returns a proof as documents hold it: the verdict, what was found, and what it was made of. */
export function lookaheadDocument(report: LookaheadReport) {
  const { clean, finding, runs, differing, cuts, decisions, fills, orderStreamHash, caveats } = report;
  return {
    clean,
    finding: finding === undefined ? null : { ...finding, cut: finding.cut ?? null },
    runs,
    differing,
    cuts,
    decisions,
    fills,
    orderStreamHash,
    caveats,
  };
}

/** Returns a proof for people: one line when it is clean, else where the runs part, how, and the likely cause. */
export function lookaheadText(report: LookaheadReport): string[] {
  const { finding, runs, differing, cuts, fills, caveats } = report;
  const remarks = caveats.map((caveat) => `Not covered: ${caveat}`);
  if (finding === undefined) {
    return [
      `No look-ahead found: ${counted(runs, 'run')} with the future cut off or another one after ${counted(cuts.length, 'bar')}, every order and fill up to there the same (${counted(fills, 'fill')}).`,
      ...remarks,
    ];
  }
  const headline =
    finding.kind === 'repetition'
      ? 'NOT REPEATABLE: two runs over the same data differ.'
      : `LOOK-AHEAD: ${formatCount(differing)} of ${counted(runs, 'run')} with another future did something else before it.`;
  return [headline, ...findingLines(finding), `Likely cause: ${finding.hint}`, ...remarks];
}

function findingLines({ kind, bar, time, symbols, expected, found, cut }: LookaheadFinding): string[] {
  const other =
    cut === undefined
      ? 'once more'
      : `bars after bar ${cut.bar} (${cut.time}) ${cut.change === 'truncated' ? 'cut off' : 'replaced by others'}`;
  const nothing = kind === 'fill' ? 'no fill' : 'no order';
  return [
    `First difference: bar ${bar} (${time})${symbols === '' ? '' : `, ${symbols}`}`,
    `  ${cut === undefined ? 'once' : 'the recorded future'}: ${expected ?? nothing}`,
    `  ${other}: ${found ?? nothing}`,
  ];
}
