import type { Trace } from './trace.js';

/** Returns what a run decided, a text for each handler call that ordered something. */
export const decisionsOf = ({ accounts }: Trace): string[] =>
  accounts.flatMap(({ decisions }) => decisions.map(({ instant, actions }) => `${instant} ${actions.join('; ')}`));

/** Orders below which it may be chance that they do not hang on the market. */
const TELLING_DECISIONS = 4;

/** Returns what a clean verdict does not cover: `elsewhere` is the run on a market that is another one from its second bar on. */
export function caveatsOf(expected: Trace, elsewhere: Trace, outside: readonly string[]): string[] {
  const decisions = decisionsOf(expected);
  const caveats: string[] = [];
  if (decisions.length === 0) caveats.push('It gave no order, so no order could differ.');
  if (outside.length > 0) {
    caveats.push(
      `It imports ${outside.join(', ')}: what it reads from files, programs or the network is the same whatever becomes of the market, so knowledge of the future from there is not found.`,
    );
  }
  if (decisions.length >= TELLING_DECISIONS && decisions.join('\n') === decisionsOf(elsewhere).join('\n')) {
    caveats.push(
      'It gives the same orders on a market whose every price is another one: it decides by the calendar or by a table of its own. If that table was made of these prices, it knows the future, and no cut can show it.',
    );
  }
  return caveats;
}
