import { formatCount, formatPercent } from './format.js';
import { type Html, html } from './html.js';
import type { ReportImportance } from './report-model.js';

/** Bars of pairs that are shown; the others have smaller shares. */
const PAIRS = 6;

/** Returns the section about which parameters matter: a table with bars that need no script. */
export function importanceSection({ trials, predicted, parameters, interactions, higher }: ReportImportance): Html {
  const shown = interactions.slice(0, PAIRS);
  return html`<section class="panel" aria-labelledby="importance-title" id="importance">
<h2 id="importance-title">Which parameters matter</h2>
<p class="caption">Share of the objective's variance over the whole space, by functional analysis of variance over a random forest of ${formatCount(trials)} trials;
shuffled: how much worse unseen trials are predicted without the parameter. The forest predicts ${formatPercent(Math.max(0, predicted))} of the variance of unseen trials${predicted < 0.5 && html`: <strong>the shares say little</strong>`}.</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="importance-title"><table>
<thead><tr><th scope="col">Parameter</th><th scope="col" class="num">Share</th><th scope="col"></th><th scope="col" class="num">Shuffled</th></tr></thead>
<tbody>${parameters.map(({ name, share, permutation }) => row(name, share, permutation.toFixed(3)))}${shown.map(
    ({ names, share }) => row(names.join(' × '), share, ''),
  )}${parameters.length > 2 && row('three and more together', higher, '')}</tbody></table></div>
</section>`;
}

function row(name: string, share: number, permutation: string): Html {
  const width = Math.max(0.5, 200 * share).toFixed(1);
  return html`<tr><th scope="row">${name}</th><td class="num">${formatPercent(share)}</td><td><svg class="plot" width="200" height="12" viewBox="0 0 200 12" aria-hidden="true"><rect class="good" x="0" y="1" width="${width}" height="10"/></svg></td><td class="num">${permutation}</td></tr>
`;
}
