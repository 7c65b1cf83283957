import { formatCount, formatShort } from './format.js';
import { type Html, html } from './html.js';
import type { ReportOverfitting, ReportSplits } from './report-model.js';

const size = { width: 480, height: 260, left: 54, right: 12, top: 12, bottom: 42 } as const;
const inner = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom } as const;

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

interface Axis {
  readonly low: number;
  readonly high: number;
  readonly title: string;
}

/** A chart's frame: the labels of both ends and the middle of each axis, and its drawing. */
function frame(label: string, drawing: Html, x: Axis, y: Axis): Html {
  const bottom = size.top + inner.height;
  const places = [0, 0.5, 1] as const;
  const anchors = ['start', 'middle', 'end'] as const;
  return html`<svg class="plot" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${label}">
<rect class="frame" x="${size.left}" y="${size.top}" width="${inner.width}" height="${inner.height}"/>
${drawing}
${places.map(
  (place, k) =>
    html`<text x="${fixed(size.left + place * inner.width)}" y="${bottom + 16}" text-anchor="${anchors[k]!}">${at(x, place)}</text><text x="${size.left - 6}" y="${fixed(bottom - place * inner.height + (k === 2 ? 8 : k === 1 ? 4 : 0))}" text-anchor="end">${at(y, place)}</text>`,
)}
<text class="axis" x="${fixed(size.left + inner.width / 2)}" y="${size.height - 6}" text-anchor="middle">${x.title}</text>
<text class="axis" x="14" y="${fixed(size.top + inner.height / 2)}" text-anchor="middle" transform="rotate(-90 14 ${fixed(size.top + inner.height / 2)})">${y.title}</text>
</svg>`;
}

const at = ({ low, high }: Axis, place: number): string => formatShort(low + (high - low) * place, 3);

function rangeOf(values: readonly number[]): { readonly low: number; readonly high: number } {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const space = (high - low || Math.abs(high) || 1) * 0.05;
  return { low: low - space, high: high + space };
}

const fixed = (value: number): string => String(Number(value.toFixed(1)));
