import { formatCount, formatMetric, formatPercent, formatShort, metricLabel, notAvailable } from './format.js';
import { type Html, html, trusted } from './html.js';
import type { ReportScalar, ReportSpan, WalkForwardReportModel } from './report-model.js';

/** Stands below the curve of a walk-forward. */
export const bandsCaption =
  ' Each band is the test of one window: its parameters were chosen before it, and had not seen its prices.';

/** Returns what no single run has: how much of the in-sample promise was kept. */
export function efficiencyCards({ objective, efficiency, returnEfficiency }: WalkForwardReportModel) {
  const name = metricLabel(objective.name).toLowerCase();
  return [
    { label: 'Efficiency', value: formatMetric('ratio', efficiency), hint: `${name} out of sample over in sample` },
    { label: 'Return efficiency', value: formatMetric('ratio', returnEfficiency), hint: 'yearly, out over in' },
  ];
}

/** Returns the warnings, and how the data were cut. */
export function walkForwardNotes({ warnings, design, luck }: WalkForwardReportModel): Html {
  return html`${warnings.map(
    (text) => html`<aside class="note warning" role="note"><strong>Warning.</strong> ${text}</aside>
`,
  )}${
    luck !== undefined &&
    html`<aside class="note" role="note" id="luck"><strong>Is it luck?</strong> Of the account of all tests, ${luck}. No parameter was chosen by it, so nothing deflates it.</aside>
`
  }<aside class="note" role="note"><strong>How it was cut.</strong> ${design}. All parameters were chosen before the first test was read.</aside>`;
}

/** Returns the windows one by one, and how steady their parameters were. */
export function walkForwardSections(model: WalkForwardReportModel): Html {
  return html`${windowTable(model)}
${driftSection(model)}`;
}

function windowTable({ windows, objective, drift }: WalkForwardReportModel): Html {
  const name = metricLabel(objective.name);
  const validates = windows.some(({ validate }) => validate !== undefined);
  const head = (label: string, numeric = true): Html =>
    html`<th scope="col"${numeric && trusted(' class="num"')}><button type="button">${label}</button></th>`;
  return html`<section class="panel" aria-labelledby="windows-title">
<h2 id="windows-title">Windows</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="windows-title"><table class="sortable" id="windows">
<thead><tr>${head('Window')}${head('Training', false)}${validates && head('Validation', false)}${head('Test', false)}${drift.map((parameter) => head(parameter.name))}${head(`${name} in`)}${validates && head(`${name} on validation`)}${head(`${name} out`)}${head('Efficiency')}${head('Return')}${head('Fills')}</tr></thead>
<tbody>${windows.map(
    ({ number, params, train, validate, test, efficiency, totalReturn, fills }) =>
      html`<tr>${numberCell(number, String(number))}${spanCell(train)}${validates && spanCell(validate)}${spanCell(test)}${drift.map((parameter) => scalarCell(params[parameter.name]))}${scoreCell(objective.name, train.score)}${validates && scoreCell(objective.name, validate?.score ?? null)}${scoreCell(objective.name, test.score)}${scoreCell('ratio', efficiency)}${scoreCell('totalReturn', totalReturn)}${numberCell(fills, formatCount(fills))}</tr>
`,
  )}</tbody></table></div>
</section>`;
}

function driftSection({ drift }: WalkForwardReportModel): Html {
  const head = (label: string): Html => html`<th scope="col" class="num">${label}</th>`;
  return html`<section class="panel" aria-labelledby="drift-title">
<h2 id="drift-title">Parameter drift</h2>
<p class="caption">Where each window's choice stands between the bounds of its parameter, 0 the lower and 1 the upper. Flat lines are steady parameters; lines that jump were fitted to noise.</p>
<div class="chart" id="drift" role="group" aria-label="Parameters by window, between their bounds. Arrow keys move from window to window." tabindex="0"></div>
<div class="scroll" tabindex="0" role="region" aria-label="Steadiness of the parameters"><table id="drift-table">
<thead><tr><th scope="col">Parameter</th>${head('Mean')}${head('Coefficient of variation')}${head('Spread between bounds')}${head('Windows that agree')}</tr></thead>
<tbody>${drift.map(
    ({ name, mean, coefficientOfVariation, spread, agreement }) =>
      html`<tr><td>${name}</td>${numberCell(mean, mean === null ? notAvailable : formatShort(mean))}${scoreCell('ratio', coefficientOfVariation)}${scoreCell('ratio', spread)}${numberCell(agreement, formatPercent(agreement, 0))}</tr>
`,
  )}</tbody></table></div>
</section>`;
}

const numberCell = (value: number | null, text: string): Html =>
  html`<td class="num" data-value="${value ?? ''}">${text}</td>`;

const scoreCell = (name: string, value: number | null): Html => numberCell(value, formatMetric(name, value));

const scalarCell = (value: ReportScalar | undefined): Html =>
  typeof value === 'number'
    ? numberCell(value, formatShort(value))
    : html`<td>${value === undefined ? '' : String(value)}</td>`;

const spanCell = (span: ReportSpan | undefined): Html =>
  span === undefined
    ? html`<td></td>`
    : html`<td class="span" title="${formatCount(span.bars)} bars">${span.start} –<br>${span.end}</td>`;
