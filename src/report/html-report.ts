import { clientFiles } from './client-files.js';
import {
  formatCount,
  formatMetric,
  formatMoney,
  formatPercent,
  formatQuantity,
  formatShort,
  formatTime,
  metricLabel,
} from './format.js';
import { frontSection } from './front-section.js';
import { type Html, html, jsonForScript, trusted } from './html.js';
import { importanceSection } from './importance-section.js';
import { overfittingSection } from './overfitting-section.js';
import { pageData } from './page-data.js';
import { pageOf } from './page-shell.js';
import { profileSection } from './profile-section.js';
import type { ReportFill, ReportModel, ReportRun, ReportScalar, StudyReportModel } from './report-model.js';
import { robustnessSection } from './robustness-section.js';
import { bandsCaption, efficiencyCards, walkForwardNotes, walkForwardSections } from './walk-forward-sections.js';

/** Fills shown in the page's table; the rest is counted. */
const fillsShown = 200;

/**
 * Returns a report as one HTML page that needs nothing else: style, script, chart library and data are inside, and its
 * content security policy forbids every request. Equal models give equal bytes.
 * Throws a {@link RunError} with code `REPORT_CLIENT_MISSING` when the package was not built.
 */
export function renderReport(model: ReportModel): string {
  const { script, style } = clientFiles();
  const run = model.kind === 'study' ? model.best : model.run;
  const main = html`${header(model)}
${model.synthetic && syntheticNotice}
${model.holdout !== undefined && html`<aside class="note" role="note" id="holdout">${model.holdout}</aside>`}
${run === undefined ? noRun : summary(model, run)}
${model.kind === 'study' && luck(model)}
${model.kind === 'walk-forward' && walkForwardNotes(model)}
${run !== undefined && curves(run, model.kind === 'walk-forward' ? bandsCaption : '')}
${model.kind === 'walk-forward' && walkForwardSections(model)}
${model.kind !== 'walk-forward' && model.robustness !== undefined && robustnessSection(model.robustness)}
${model.kind === 'study' && model.front !== undefined && frontSection(model.front)}
${model.kind === 'study' && searchCharts(model)}
${model.kind === 'study' && model.importance !== undefined && importanceSection(model.importance)}
${model.kind === 'study' && model.top.length > 0 && topTrials(model)}
${model.kind === 'backtest' && model.profile !== undefined && profileSection(model.profile)}
${run !== undefined && fillsTable(run.fills)}
${provenance(model)}`;
  const after = html`<noscript><p class="note">The charts of this page need JavaScript; the tables do not.</p></noscript>
<script type="application/json" id="report-data">${jsonForScript(pageData(model))}</script>`;
  return pageOf({ title: model.title, style, script, main, after });
}

function header(model: ReportModel): Html {
  const kind =
    model.kind === 'backtest'
      ? 'Backtest'
      : model.kind === 'study'
        ? `Study · ${counted(model.trials.length, 'trial')}`
        : `Walk-forward · ${counted(model.windows.length, 'window')}`;
  return html`<header class="page-head">
<p class="brand">Hindcast</p>
<h1>${model.title}</h1>
<p class="sub">${kind} · ${model.generatedAt}</p>
</header>`;
}

const syntheticNotice = html`<aside class="synthetic" role="note">
<strong>Synthetic market.</strong> A program generated these prices. Nothing on this page says anything about a real market.
</aside>`;

const noRun = html`<section class="panel"><h2>No completed trial</h2>
<p>No trial of this study has an objective, so there is no best one to show. Pruned trials never traded, left the objective's sample too small, or were ended early.</p></section>`;

function summary(model: ReportModel, run: ReportRun): Html {
  const best = model.kind === 'study' ? model.best : undefined;
  const heading =
    best === undefined || model.kind !== 'study'
      ? html`${model.kind === 'walk-forward' ? 'Out of sample' : 'Result'}`
      : html`Best trial <span class="number">#${best.number}</span>`;
  const cards = [
    { label: 'Ending equity', value: formatMoney(run.endingEquity), hint: `from ${formatMoney(run.startingCash)}` },
    ...(model.kind === 'walk-forward' ? efficiencyCards(model) : []),
    ...Object.entries(run.metrics).map(([name, value]) => ({
      label: metricLabel(name),
      value: formatMetric(name, value),
      hint: model.kind === 'study' && name === model.objective.name ? 'the objective' : '',
    })),
  ];
  return html`<section aria-labelledby="summary-title">
<h2 id="summary-title">${heading}</h2>
<ul class="chips" aria-label="Parameters">${Object.entries(run.params).map(
    ([name, value]) => html`<li><span>${name}</span> ${scalarText(value)}</li>`,
  )}</ul>
<dl class="cards">${cards.map(
    ({ label, value, hint }) =>
      html`<div class="card"><dt>${label}</dt><dd>${value}</dd>${hint !== '' && html`<dd class="hint">${hint}</dd>`}</div>`,
  )}</dl>
</section>`;
}

function luck({ trials, overfitting }: StudyReportModel): Html | false {
  if (typeof overfitting === 'object') return overfittingSection(overfitting);
  const complete = trials.filter(({ state }) => state === 'complete').length;
  if (overfitting !== 'not-computed' || complete < 2) return false;
  return html`<aside class="note" role="note"><strong>About luck.</strong> The best of ${formatCount(complete)} trials looks better than it
is, because it was chosen for its result. This page holds no statistic that tells skill from luck: all figures are in-sample.
Judge the choice on later data that took no part in it.</aside>`;
}

function curves({ equity, startingCash, endingEquity, metrics }: ReportRun, more: string): Html {
  const { times } = equity;
  const span = times.length === 0 ? '' : `, ${formatTime(times[0]!)} to ${formatTime(times[times.length - 1]!)}`;
  const label = `Equity from ${formatMoney(startingCash)} to ${formatMoney(endingEquity)}${span}`;
  const deepest = formatPercent(metrics.maxDrawdown);
  return html`<section class="panel" aria-labelledby="equity-title">
<h2 id="equity-title">Equity and drawdown</h2>
<p class="caption">Drag to zoom, double-click to see all again. All times UTC.${more}</p>
<div class="chart" id="equity" role="group" aria-label="${label}. Arrow keys move along the curve." tabindex="0"></div>
<div class="chart" id="drawdown" role="group" aria-label="Drawdown, deepest ${deepest}. Arrow keys move along the curve." tabindex="0"></div>
</section>`;
}

function searchCharts({ objective, trials, parameters }: StudyReportModel): Html {
  const count = (state: string): number => trials.filter((trial) => trial.state === state).length;
  const states = (['complete', 'pruned', 'failed', 'running'] as const)
    .map((state) => ({ state, trials: count(state) }))
    .filter((entry) => entry.trials > 0)
    .map((entry) => `${formatCount(entry.trials)} ${entry.state}`)
    .join(', ');
  const name = metricLabel(objective.name);
  const axis = (id: string, label: string): Html =>
    html`<label>${label} <select id="${id}">${parameters.map((parameter) => html`<option>${parameter.name}</option>`)}</select></label>`;
  return html`<section class="panel" aria-labelledby="heat-title">
<h2 id="heat-title">${name} over two parameters</h2>
<form class="controls" id="heat-controls">${axis('heat-x', 'Across')} ${axis('heat-y', 'Up')}
<label>Cell shows <select id="heat-by"><option value="best">the best</option><option value="mean">the mean</option></select></label></form>
<div id="heat" class="heat" role="group" tabindex="0" aria-describedby="heat-readout" aria-label="Heat map of ${name}. Arrow keys move from cell to cell."></div>
<p class="readout" id="heat-readout" aria-live="polite">Point at a cell, or focus the map and use the arrow keys.</p>
</section>
<section class="panel" aria-labelledby="history-title">
<h2 id="history-title">${name} by trial</h2>
<p class="caption">${states}. The line is the best so far; it ${objective.direction === 'maximize' ? 'only rises' : 'only falls'}.</p>
<div class="chart" id="history" role="group" aria-label="${name} of each trial, with the best so far. Arrow keys move from trial to trial." tabindex="0"></div>
</section>`;
}

function topTrials({ top, parameters, objective, plateau }: StudyReportModel): Html {
  const metricNames = Object.keys(top[0]!.metrics).filter((name) => name !== objective.name);
  const head = (label: string, numeric = true): Html =>
    html`<th scope="col"${numeric && trusted(' class="num"')}><button type="button">${label}</button></th>`;
  return html`<section class="panel" aria-labelledby="top-title">
<h2 id="top-title">Top trials</h2>
${plateau !== undefined && plateauCaption(plateau, objective.name)}
<div class="scroll" tabindex="0" role="region" aria-labelledby="top-title"><table class="sortable" id="top">
<thead><tr>${head('Trial')}${parameters.map(({ name, kind }) => head(name, kind === 'int' || kind === 'float'))}${head(metricLabel(objective.name))}${plateau !== undefined && head('Plateau')}${metricNames.map((name) => head(metricLabel(name)))}</tr></thead>
<tbody>${top.map(
    ({ number, params, value, plateau: mean, metrics }) =>
      html`<tr>${numberCell(number, `#${number}`)}${parameters.map(({ name }) => scalarCell(params[name]))}${numberCell(value, formatMetric(objective.name, value))}${plateau !== undefined && numberCell(mean, formatMetric(objective.name, mean))}${metricNames.map((name) => numberCell(metrics[name], formatMetric(name, metrics[name])))}</tr>
`,
  )}</tbody></table></div>
</section>`;
}

function plateauCaption(
  { number, params, value, mean, neighbours }: NonNullable<StudyReportModel['plateau']>,
  objective: string,
): Html {
  const point = Object.entries(params)
    .map(([name, each]) => `${name} ${scalarText(each)}`)
    .join(', ');
  return html`<p class="caption" id="plateau">Plateau: the mean over a trial and its ${formatCount(neighbours)} nearest neighbours, of which a value that only one point has
leaves little. It is best around trial #${number} (${point}): ${formatMetric(objective, mean)}, itself ${formatMetric(objective, value)}.</p>`;
}

function fillsTable(fills: readonly ReportFill[]): Html {
  if (fills.length === 0) return html`<section class="panel"><h2>Fills</h2><p>The run never traded.</p></section>`;
  const shown = fills.slice(0, fillsShown);
  const caption =
    shown.length === fills.length
      ? `${counted(fills.length, 'fill')}.`
      : `The first ${formatCount(shown.length)} of ${formatCount(fills.length)} fills.`;
  return html`<section class="panel" aria-labelledby="fills-title">
<h2 id="fills-title">Fills</h2><p class="caption">${caption}</p>
<div class="scroll tall" tabindex="0" role="region" aria-labelledby="fills-title"><table id="fills">
<thead><tr><th scope="col">Time (UTC)</th><th scope="col">Symbol</th><th scope="col">Side</th><th scope="col" class="num">Quantity</th><th scope="col" class="num">Price</th><th scope="col" class="num">Fee</th></tr></thead>
<tbody>${shown.map(
    ({ time, symbol, side, quantity, price, fee }) =>
      html`<tr><td>${formatTime(time)}</td><td>${symbol}</td><td class="${side}">${side}</td><td class="num">${formatQuantity(quantity)}</td><td class="num">${formatQuantity(price)}</td><td class="num">${formatMoney(fee)}</td></tr>
`,
  )}</tbody></table></div>
</section>`;
}

function provenance({ provenance: entries }: ReportModel): Html {
  return html`<section class="panel" aria-labelledby="provenance-title">
<h2 id="provenance-title">Provenance</h2>
<dl class="provenance">${Object.entries(entries).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</section>`;
}

const counted = (count: number, what: string): string => `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;

const numberCell = (value: number | null | undefined, text: string): Html =>
  html`<td class="num" data-value="${value ?? ''}">${text}</td>`;

const scalarCell = (value: ReportScalar | undefined): Html =>
  typeof value === 'number'
    ? numberCell(value, formatShort(value))
    : html`<td>${value === undefined ? '' : String(value)}</td>`;

const scalarText = (value: ReportScalar): string =>
  typeof value === 'number' ? formatShort(value, 12) : String(value);
