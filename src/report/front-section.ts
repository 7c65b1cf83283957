import { formatCount, formatMetric, formatShort, metricLabel } from './format.js';
import { type Html, html } from './html.js';
import type { ReportFront } from './report-model.js';
import { fixed, frame, inner, rangeOf, size } from './svg-plot.js';

/** Trials of the front in the table; the plot shows all. */
const ROWS = 100;

/** Returns the section about several objectives: a plot of the first two, and the trials of the Pareto set. Both need no script. */
export function frontSection({ objectives, trials, others }: ReportFront): Html {
  const labels = objectives.map(({ name }) => metricLabel(name));
  const goals = objectives.map(({ direction }, at) => `${labels[at]} ${direction === 'maximize' ? 'high' : 'low'}`);
  const names = Object.keys(trials[0]?.params ?? {});
  const shown = trials.slice(0, ROWS);
  const more = shown.length < trials.length ? ` The table has the first ${formatCount(shown.length)}.` : '';
  return html`<section class="panel" aria-labelledby="front-title" id="front">
<h2 id="front-title">Pareto set</h2>
<p class="caption">${formatCount(trials.length)} of ${formatCount(trials.length + others.length)} trials shown are beaten by no other one in all of: ${goals.join(', ')}. Which of them is best is a matter of taste.${more}</p>
${plot(objectives, trials, others)}
<div class="scroll tall" tabindex="0" role="region" aria-labelledby="front-title"><table>
<thead><tr><th scope="col">Trial</th>${labels.map((label) => html`<th scope="col" class="num">${label}</th>`)}${names.map((name) => html`<th scope="col" class="num">${name}</th>`)}</tr></thead>
<tbody>${shown.map(
    ({ number, params, values }) =>
      html`<tr><td>#${String(number)}</td>${objectives.map(({ name }, at) => html`<td class="num">${formatMetric(name, values[at])}</td>`)}${names.map((name) => html`<td class="num">${scalar(params[name])}</td>`)}</tr>
`,
  )}</tbody></table></div>
</section>`;
}

function plot(
  objectives: ReportFront['objectives'],
  trials: ReportFront['trials'],
  others: ReportFront['others'],
): Html {
  const [across, up] = objectives.map(({ name }) => ({
    title: metricLabel(name),
    format: (value: number) => formatMetric(name, value),
  }));
  const all = [...trials.map(({ values }) => values), ...others];
  const x = rangeOf(all.map(([value]) => value!));
  const y = rangeOf(all.map(([, value]) => value!));
  const place = ([a, b]: readonly number[]): { readonly cx: string; readonly cy: string } => ({
    cx: fixed(size.left + (inner.width * (a! - x.low)) / (x.high - x.low)),
    cy: fixed(size.top + inner.height * (1 - (b! - y.low) / (y.high - y.low))),
  });
  const dot = (values: readonly number[], kind: string, radius: number): Html => {
    const { cx, cy } = place(values);
    return html`<circle class="${kind}" cx="${cx}" cy="${cy}" r="${String(radius)}"/>`;
  };
  const drawing = html`${others.map((values) => dot(values, 'other', 2))}${trials.map(({ values }) => dot(values, 'front', 3.5))}`;
  const label = `${across!.title} and ${up!.title} of each trial; the Pareto set stands out`;
  return frame(label, drawing, { ...x, ...across! }, { ...y, ...up! });
}

const scalar = (value: string | number | boolean | undefined): string =>
  typeof value === 'number' ? formatShort(value) : value === undefined ? '' : String(value);
