import { formatCount, formatShort } from './format.js';
import { type Html, html } from './html.js';
import type { ReportOverfitting, ReportSplits } from './report-model.js';
import { fixed, frame, inner, rangeOf, size } from './svg-plot.js';

/** Returns the section about luck: a verdict, every number with what it says and what it does not, and two charts that need no script. */
export function overfittingSection({ verdict, findings, splits }: ReportOverfitting): Html {
  return html`<section class="panel" aria-labelledby="luck-title" id="luck">
<h2 id="luck-title">Is it luck?</h2>
<p class="verdict">${verdict}</p>
${splits !== undefined && charts(splits)}
<dl class="findings">${findings.map(
    ({ name, label, value, says, saysNot }) => html`<div class="finding" data-finding="${name}">
<dt>${label}<span class="value">${value}</span></dt>
<dd>${says}</dd>
<dd class="hint"><strong>Not said:</strong> ${saysNot}</dd>
</div>`,
  )}</dl>
</section>`;
}

function charts(splits: ReportSplits): Html {
  return html`<div class="pair">
<figure>${logitChart(splits)}<figcaption class="caption">Rank in the other half of the trial that is best in one, for ${formatCount(splits.count)} ways to cut the record. Left of 0, coloured: no better than the median of all.</figcaption></figure>
<figure>${degradationChart(splits)}<figcaption class="caption">Annual Sharpe ratio of the chosen trial in the half that it was chosen on, and in the other. The line is the least squares fit.</figcaption></figure>
</div>`;
}

function logitChart({ logits, count }: ReportSplits): Html {
  const { low, width, counts } = logits;
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const step = inner.width / counts.length;
  const bars = counts.map((height, bin) => {
    const tall = (height / most) * inner.height;
    const isBad = low + (bin + 0.5) * width <= 0;
    return html`<rect class="${isBad ? 'bad' : 'good'}" x="${fixed(size.left + bin * step)}" y="${fixed(size.top + inner.height - tall)}" width="${fixed(step - 1)}" height="${fixed(tall)}"/>`;
  });
  const high = low + counts.length * width;
  return frame(
    `Histogram of ${formatCount(count)} logits from ${formatShort(low, 3)} to ${formatShort(high, 3)}`,
    html`${bars}<line class="zero" x1="${fixed(size.left + inner.width / 2)}" x2="${fixed(size.left + inner.width / 2)}" y1="${size.top}" y2="${size.top + inner.height}"/>`,
    { low, high, title: 'logit of the rank out of sample' },
    { low: 0, high: (100 * most) / count, title: '% of the splits' },
  );
}

function degradationChart({ points, line }: ReportSplits): Html {
  const x = rangeOf(points.map(([inSample]) => inSample));
  const y = rangeOf([0, ...points.map(([, outOfSample]) => outOfSample)]);
  const across = (value: number): number => size.left + ((value - x.low) / (x.high - x.low)) * inner.width;
  const up = (value: number): number => size.top + inner.height - ((value - y.low) / (y.high - y.low)) * inner.height;
  const inside = (value: number): number => Math.min(y.high, Math.max(y.low, value));
  const [first, last] = [x.low, x.high].map((value) => inside(line.intercept + line.slope * value));
  return frame(
    `Sharpe ratio of the chosen trial in the other half over that in its own, ${formatCount(points.length)} points, slope ${formatShort(line.slope, 3)}`,
    html`<line class="zero" x1="${size.left}" x2="${size.left + inner.width}" y1="${fixed(up(0))}" y2="${fixed(up(0))}"/>${points.map(
      ([inSample, outOfSample]) =>
        html`<circle class="${outOfSample < 0 ? 'bad' : 'good'}" cx="${fixed(across(inSample))}" cy="${fixed(up(outOfSample))}" r="2"/>`,
    )}<line class="fit" x1="${fixed(across(x.low))}" y1="${fixed(up(first!))}" x2="${fixed(across(x.high))}" y2="${fixed(up(last!))}"/>`,
    { ...x, title: 'in sample' },
    { ...y, title: 'out of sample' },
  );
}
