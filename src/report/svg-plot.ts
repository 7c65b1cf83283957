import { formatShort } from './format.js';
import { type Html, html } from './html.js';

/** Of every chart that needs no script, in units of its picture. */
export const size = { width: 480, height: 260, left: 66, right: 12, top: 12, bottom: 42 } as const;
/** The part of it that the axes enclose. */
export const inner = {
  width: size.width - size.left - size.right,
  height: size.height - size.top - size.bottom,
} as const;

/** What an axis shows, and the values at both of its ends where it has a scale. */
export interface Axis {
  readonly low?: number;
  readonly high?: number;
  readonly title: string;
  /** @defaultValue three digits */
  readonly format?: (value: number) => string;
}

/** A chart's frame: the labels of both ends and the middle of each axis, and its drawing. An axis that is left out has neither scale nor title. */
export function frame(label: string, drawing: Html, x: Axis, y?: Axis): Html {
  const bottom = size.top + inner.height;
  return html`<svg class="plot" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${label}">
<rect class="frame" x="${size.left}" y="${size.top}" width="${inner.width}" height="${inner.height}"/>
${drawing}
${ends(x).map(
  ({ place, text, anchor }) =>
    html`<text x="${fixed(size.left + place * inner.width)}" y="${bottom + 16}" text-anchor="${anchor}">${text}</text>`,
)}${ends(y).map(
  ({ place, text, lift }) =>
    html`<text x="${size.left - 6}" y="${fixed(bottom - place * inner.height + lift)}" text-anchor="end">${text}</text>`,
)}
<text class="axis" x="${fixed(size.left + inner.width / 2)}" y="${size.height - 6}" text-anchor="middle">${x.title}</text>
${y !== undefined && html`<text class="axis" x="12" y="${fixed(size.top + inner.height / 2)}" text-anchor="middle" transform="rotate(-90 12 ${fixed(size.top + inner.height / 2)})">${y.title}</text>`}
</svg>`;
}

/** Where an axis is labelled: both ends and the middle. */
const places = [
  { place: 0, anchor: 'start', lift: 0 },
  { place: 0.5, anchor: 'middle', lift: 4 },
  { place: 1, anchor: 'end', lift: 8 },
] as const;

function ends(axis: Axis | undefined) {
  if (axis?.low === undefined || axis.high === undefined) return [];
  const { low, high, format = (value) => formatShort(value, 3) } = axis;
  return places.map((at) => ({ ...at, text: format(low + (high - low) * at.place) }));
}

/** Returns the least and the greatest value, with a little space around them. */
export function rangeOf(values: readonly number[]): { readonly low: number; readonly high: number } {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const space = (high - low || Math.abs(high) || 1) * 0.05;
  return { low: low - space, high: high + space };
}

/** A coordinate as an attribute holds it. */
export const fixed = (value: number): string => String(Number(value.toFixed(1)));
