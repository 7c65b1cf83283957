import { flameGraph } from './flame-graph.js';
import { type Html, html } from './html.js';
import type { ReportProfile } from './report-model.js';

/** Pixels that the widest page has for a picture. */
const WIDTH = 1024;
/** Rows of the table: what is cheaper stands in the profile's own files. */
const SHOWN = 10;

/** Returns the section about where a run's time went: a flame graph that needs no script, and the dearest functions. */
export function profileSection({ calls, functions, placeOf, remarks }: ReportProfile): Html {
  const share = (part: number): string => `${calls.total > 0 ? ((100 * part) / calls.total).toFixed(1) : '0.0'} %`;
  return html`<section class="panel" aria-labelledby="profile-title" id="profile">
<h2 id="profile-title">Where the time went</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Flame graph">${flameGraph(calls, { title: 'Time at work', placeOf, width: WIDTH })}</div>
<div class="scroll" tabindex="0" role="region" aria-label="Dearest functions"><table id="functions">
<thead><tr><th scope="col">Function</th><th scope="col">Where</th><th scope="col" class="num">Self, ms</th><th scope="col" class="num">Self</th><th scope="col" class="num">Total</th></tr></thead>
<tbody>${functions.slice(0, SHOWN).map(({ frame, self, total }) => {
    const { file } = placeOf(frame);
    return html`<tr><td>${frame.name}</td><td>${file}${file !== '' && frame.line > 0 && `:${frame.line}`}</td><td class="num">${self.toFixed(1)}</td><td class="num">${share(self)}</td><td class="num">${share(total)}</td></tr>\n`;
  })}</tbody></table></div>
${remarks.map((remark) => html`<p class="caption">${remark}</p>`)}
</section>`;
}
