import { formatCount, formatMetric, formatNumber, formatPercent, formatShort, metricLabel } from './format.js';
import { type Html, html, trusted } from './html.js';
import type { ReportRobustness, ReportScalar } from './report-model.js';
import { type Axis, fixed, frame, inner, rangeOf, size } from './svg-plot.js';

type Spread = ReportRobustness['spreads'][number];
type Curve = ReportRobustness['curves'][number];
type Surface = ReportRobustness['surfaces'][number];

/** Returns the section about what is left of a run when something of it is changed: spreads, findings, costs, parameters. No chart needs a script. */
export function robustnessSection(model: ReportRobustness): Html {
  const { spreads, findings, costs, curves, surfaces, metric, remarks } = model;
  const name = metricLabel(metric);
  // One scale for all: what a parameter hardly changes shall look so.
  const scale = scaleOf(
    metric,
    curves.flatMap((curve) => curve.metrics),
  );
  return html`<section class="panel" aria-labelledby="robustness-title" id="robustness">
<h2 id="robustness-title">What is left of it otherwise?</h2>
${spreads.length > 0 && spreadFigures(spreads)}
<dl class="findings">${findings.map(
    (finding) => html`<div class="finding" data-finding="${finding.name}">
<dt>${finding.label}<span class="value">${finding.value}</span></dt>
<dd>${finding.says}</dd>
</div>`,
  )}</dl>
${costs !== undefined && html`<div class="pair">${costFigure(costs)}</div>`}
${curves.length > 0 && html`<h3>${name}, one parameter at a time</h3>\n<div class="pair">${curves.map((curve) => curveFigure(curve, metric, scale))}</div>`}
${surfaces.length > 0 && html`<h3>${name}, two parameters at a time</h3>\n<div class="pair">${surfaces.map((surface) => surfaceFigure(surface, metric))}</div>`}
${remarks.map((remark) => html`<p class="caption">Not made: ${remark}</p>`)}
</section>`;
}

/** The spreads of each figure as boxes, and all of them as a table. */
function spreadFigures(spreads: readonly Spread[]): Html {
  const head = (label: string): Html => html`<th scope="col" class="num">${label}</th>`;
  return html`<div class="pair">${spreads.map(
    (spread) =>
      html`<figure>${boxChart(spread)}<figcaption class="caption">${metricLabel(spread.metric)}: lines from the 5th to the 95th percentile, boxes the middle half, a tick the median. Dashed: the run itself, ${formatMetric(spread.metric, spread.recorded)}.</figcaption></figure>`,
  )}</div>
<div class="scroll" tabindex="0" role="region" aria-label="Spreads of the figures"><table id="spreads">
<thead><tr><th scope="col">Figure</th><th scope="col">Changed</th>${['Runs', '5 %', '25 %', 'Median', '75 %', '95 %'].map(head)}</tr></thead>
<tbody>${spreads.flatMap(({ metric, kinds }) =>
    kinds.map(
      ({ label, runs, ...spread }) =>
        html`<tr><td>${metricLabel(metric)}</td><td>${label}</td><td class="num">${formatCount(runs)}</td>${(['p5', 'p25', 'median', 'p75', 'p95'] as const).map((at) => html`<td class="num">${formatMetric(metric, spread[at])}</td>`)}</tr>\n`,
    ),
  )}</tbody></table></div>`;
}

function boxChart({ metric, recorded, kinds }: Spread): Html {
  const x = rangeOf([...kinds.flatMap(({ p5, p95 }) => [p5, p95]), ...(recorded === null ? [] : [recorded])]);
  const across = (value: number): string => fixed(size.left + ((value - x.low) / (x.high - x.low)) * inner.width);
  const row = inner.height / kinds.length;
  const line = (place: string, top: number, tall: number, kind: string): Html =>
    html`<line class="${kind}" x1="${place}" x2="${place}" y1="${fixed(top)}" y2="${fixed(top + tall)}"/>`;
  const boxes = kinds.map(({ label, p5, p25, median, p75, p95 }, index) => {
    const top = size.top + index * row;
    const middle = fixed(top + row * 0.65);
    const isBad = metric === 'maxDrawdown' ? false : median < 0;
    return html`<text x="${size.left + 4}" y="${fixed(top + row * 0.32)}">${label}</text><line class="whisker" x1="${across(p5)}" x2="${across(p95)}" y1="${middle}" y2="${middle}"/><rect class="${isBad ? 'bad' : 'good'}" x="${across(p25)}" y="${fixed(top + row * 0.45)}" width="${fixed(Math.max(1, Number(across(p75)) - Number(across(p25))))}" height="${fixed(row * 0.4)}"/>${line(across(median), top + row * 0.4, row * 0.5, 'median')}`;
  });
  const zero = x.low < 0 && x.high > 0 ? line(across(0), size.top, inner.height, 'axis-zero') : html``;
  return frame(
    `${metricLabel(metric)} of ${kinds.map(({ label, p5, p95 }) => `${label} ${formatMetric(metric, p5)} to ${formatMetric(metric, p95)}`).join('; ')}`,
    html`${zero}${boxes}${recorded !== null && line(across(recorded), size.top, inner.height, 'zero')}`,
    { ...x, title: metricLabel(metric), format: axisText(metric) },
  );
}

/** The axis of a metric that all of some values fit on. */
function scaleOf(metric: string, values: readonly (number | null)[]): Scale {
  const known = values.filter((value) => value !== null);
  return {
    ...rangeOf(known.length === 0 ? [0] : known),
    title: metricLabel(metric),
    format: axisText(metric),
  };
}

const axisText =
  (metric: string) =>
  (value: number): string =>
    formatMetric(metric, value).endsWith(' %') ? formatPercent(value, 0) : formatMetric(metric, value);

type Scale = Required<Axis>;

/** A line through the values that are known, over places of equal width; the place of the run is a ring. */
function placedLine(
  label: string,
  values: readonly (number | null)[],
  base: number | undefined,
  names: readonly string[],
  title: string,
  y: Scale,
): Html {
  const step = inner.width / values.length;
  const across = (at: number): string => fixed(size.left + (at + 0.5) * step);
  const up = (value: number): string =>
    fixed(size.top + inner.height - ((value - y.low) / (y.high - y.low)) * inner.height);
  const points = values.flatMap((value, at) => (value === null ? [] : [{ at, value }]));
  const every = Math.ceil(values.length / 8);
  return frame(
    label,
    html`${y.low < 0 && y.high > 0 && html`<line class="axis-zero" x1="${size.left}" x2="${size.left + inner.width}" y1="${up(0)}" y2="${up(0)}"/>`}<polyline class="curve" points="${points.map(({ at, value }) => `${across(at)},${up(value)}`).join(' ')}"/>${points.map(
      ({ at, value }) =>
        html`<circle class="${at === base ? 'base' : 'good'}" cx="${across(at)}" cy="${up(value)}" r="${at === base ? 5 : 3}"/>`,
    )}${names.map(
      (name, at) =>
        at % every === 0 &&
        html`<text x="${across(at)}" y="${size.top + inner.height + 16}" text-anchor="middle">${name}</text>`,
    )}`,
    { title },
    y,
  );
}

function costFigure(costs: NonNullable<ReportRobustness['costs']>): Html {
  const told = costs.map(({ bps, totalReturn }) => `${bps} bps ${formatPercent(totalReturn, 1)}`).join(', ');
  const chart = placedLine(
    `Total return under slippage: ${told}`,
    costs.map(({ totalReturn }) => totalReturn),
    undefined,
    costs.map(({ bps }) => String(bps)),
    'slippage, bps',
    scaleOf(
      'totalReturn',
      costs.map(({ totalReturn }) => totalReturn),
    ),
  );
  return html`<figure>${chart}<figcaption class="caption">Total return under slippage in place of its own: ${told}.</figcaption></figure>`;
}

const valueText = (value: ReportScalar): string => (typeof value === 'number' ? formatShort(value, 4) : String(value));

const stabilityText = (stability: number | null): string =>
  `stability ${formatNumber(stability)} (1: it stays the same; 0: it is gone)`;

function curveFigure({ parameter, values, metrics, base, stability }: Curve, metric: string, scale: Scale): Html {
  const told = values.map((value, at) => `${valueText(value)}: ${formatMetric(metric, metrics[at])}`).join(', ');
  const label = `${metricLabel(metric)} over ${parameter}: ${told}`;
  const chart = placedLine(label, metrics, base, values.map(valueText), parameter, scale);
  return html`<figure>${chart}<figcaption class="caption">${parameter}: ${stabilityText(stability)}. The ring is the run.</figcaption></figure>`;
}

/** A table whose cells are shaded by how good they are among all of the surface. */
function surfaceFigure({ parameters, values, metrics, base, stability }: Surface, metric: string): Html {
  const known = metrics.flat().filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const shade = (value: number | null): string =>
    value === null || !(high > low)
      ? 'shade-none'
      : `shade-${Math.min(7, Math.floor(((value - low) / (high - low)) * 8))}`;
  const [down, across] = parameters;
  return html`<figure><div class="scroll" tabindex="0" role="region" aria-label="${metricLabel(metric)} over ${down} and ${across}"><table class="surface">
<thead><tr><th scope="col">${down} \\ ${across}</th>${values[1].map((value) => html`<th scope="col" class="num">${valueText(value)}</th>`)}</tr></thead>
<tbody>${metrics.map(
    (row, i) =>
      html`<tr><th scope="row">${valueText(values[0][i]!)}</th>${row.map(
        (value, j) =>
          html`<td class="num ${shade(value)}${i === base[0] && j === base[1] && trusted(' own')}">${formatMetric(metric, value)}</td>`,
      )}</tr>\n`,
  )}</tbody></table></div><figcaption class="caption">${down} and ${across}: ${stabilityText(stability)}. Framed: the run.</figcaption></figure>`;
}
