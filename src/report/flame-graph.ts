import type { CallTree, Frame, Owner, Place } from '../profiling/call-tree.js';
import { type Html, html } from './html.js';

/** A function as a bar: `x` and `width` in pixels, `depth` 0 at the root. */
export interface FlameBar {
  readonly call: CallTree;
  readonly depth: number;
  readonly x: number;
  readonly width: number;
}

/** What a flame graph is drawn with. */
export interface FlameGraphOptions {
  readonly title: string;
  /** Says whose a function is, and where. */
  readonly placeOf: (frame: Frame) => Place;
  /** @defaultValue 1200 */
  readonly width?: number;
  /** Bars narrower than so many pixels are left out, with what they call. @defaultValue 0.5 */
  readonly leastWidth?: number;
}

const ROW = 18;
const MARGIN = 12;
/** Above the first row of bars, with one row of names of colours. */
const HEADER = 64;
const FONT = 11;
/** Width of a letter of a monospaced font, as a share of its size; a little more than any common one has. */
const LETTER = 0.615;
/** Levels of stand-ins on top: all threads, each thread. */
const STAND_INS = 2;

const COLORS: Readonly<Record<Exclude<Owner, 'hindcast'>, string>> = {
  strategy: '#ffb45e',
  library: '#e3d48b',
  node: '#ccd1d8',
  native: '#f0a3a0',
};
const NAMES: Readonly<Record<Exclude<Owner, 'hindcast'>, string>> = {
  strategy: 'strategy',
  library: 'libraries',
  node: 'Node',
  native: 'native code, garbage collector',
};
const STAND_IN = '#e9ebee';
/** Pale enough for dark letters, and apart for rooms that call each other. */
const ROOMS: Readonly<Record<string, string>> = {
  cli: '#c9d6a3',
  core: '#b9e6e0',
  data: '#8fc7e8',
  engine: '#c9a6ee',
  execution: '#9fb4f2',
  indicators: '#8ddba4',
  live: '#f2b8d8',
  market: '#cdeeb4',
  metrics: '#7fd8d4',
  optimize: '#b3b6f7',
  parallel: '#a8d8b9',
  portfolio: '#e6b3f0',
  report: '#d8cdb8',
  validate: '#f0c7e6',
};
const OTHER_ROOM = '#c4cbe0';

/**
 * Returns where the bars of a tree lie: a bar is as wide as its share of the root's total, callees stand beneath their caller side by side,
 * the dearest first, and the caller's own share is what they leave free. Bars narrower than `leastWidth` are left out, with all beneath them.
 */
export function flameBars(root: CallTree, width: number, leastWidth = 0): FlameBar[] {
  const bars: FlameBar[] = [];
  const scale = root.total > 0 ? width / root.total : 0;
  const place = (call: CallTree, depth: number, x: number): void => {
    const own = call.total * scale;
    if (own < leastWidth) return;
    bars.push({ call, depth, x, width: own });
    let at = x;
    for (const child of call.children) {
      place(child, depth + 1, at);
      at += child.total * scale;
    }
  };
  place(root, 0, 0);
  return bars;
}

/** Returns a flame graph of milliseconds as an SVG file that needs nothing beside itself; pointing at a bar shows its figures. */
export const renderFlameGraph = (root: CallTree, options: FlameGraphOptions): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${flameGraph(root, options).markup}\n`;

/** Returns a flame graph as a part of a page: no style, so that no content security policy forbids it. */
export function flameGraph(
  root: CallTree,
  { title, placeOf, width = 1200, leastWidth = 0.5 }: FlameGraphOptions,
): Html {
  const inner = width - 2 * MARGIN;
  const bars = flameBars(root, inner, leastWidth);
  const left = countCalls(root) - bars.length;
  const rows = Math.max(0, ...bars.map(({ depth }) => depth)) + 1;
  const paints = new Map<string, string>();
  const painted = bars.map((bar) => {
    const { color, legend } = paintOf(bar, placeOf);
    if (legend !== undefined) paints.set(legend, color);
    return { bar, color };
  });
  const legends = placeLegends(paints, width);
  const top = HEADER + Math.max(0, ...legends.map(({ row }) => row)) * ROW;
  const height = top + rows * ROW + 30;
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT}" fill="#16181d">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${MARGIN}" y="24" font-size="15" font-weight="bold">${title}</text>
${legendOf(legends)}
${painted.map(({ bar, color }) => drawBar(bar, top, root.total, color, placeOf))}
<text x="${MARGIN}" y="${height - 10}" fill="#555b66">${left > 0 && `${left.toLocaleString('en-US')} of ${(left + bars.length).toLocaleString('en-US')} bars are narrower than ${leastWidth} pixels and left out. `}Callers stand above what they call; the width is the time. Point at a bar for its figures.</text>
</svg>`;
}

function drawBar(
  { call, depth, x, width }: FlameBar,
  header: number,
  whole: number,
  color: string,
  placeOf: FlameGraphOptions['placeOf'],
): Html {
  const { frame, total, self } = call;
  const { file } = placeOf(frame);
  const where = file === '' ? '' : ` (${file}${frame.line > 0 ? `:${frame.line}` : ''})`;
  const figures = `${total.toFixed(2)} ms, ${share(total, whole)}; itself ${self.toFixed(2)} ms, ${share(self, whole)}`;
  const letters = Math.floor((width - 6) / (FONT * LETTER));
  const left = MARGIN + x;
  const top = header + depth * ROW;
  const label =
    letters < 3 ? undefined : frame.name.length <= letters ? frame.name : `${frame.name.slice(0, letters - 1)}…`;
  return html`<g class="bar"><title>${`${frame.name}${where}\n${figures}`}</title><rect x="${fixed(left)}" y="${top}" width="${fixed(width)}" height="${ROW - 1}" rx="1" fill="${color}" stroke="#fff" stroke-width="0.5"/>${label !== undefined && html`<text x="${fixed(left + 3)}" y="${top + 12.5}">${label}</text>`}</g>
`;
}

/** Colours say whose the code is; Hindcast's rooms have one each. */
function paintOf(
  { call: { frame }, depth }: FlameBar,
  placeOf: FlameGraphOptions['placeOf'],
): { readonly color: string; readonly legend?: string } {
  if (depth < STAND_INS) return { color: STAND_IN };
  const { owner, file } = placeOf(frame);
  if (owner !== 'hindcast') return { color: COLORS[owner], legend: NAMES[owner] };
  const room = file.split('/')[1] ?? '';
  return { color: ROOMS[room] ?? OTHER_ROOM, legend: `hindcast ${room}` };
}

function legendOf(legends: readonly PlacedLegend[]): Html {
  return html`${legends.map(
    ({ name, color, x, row }) =>
      html`<rect x="${x}" y="${38 + row * ROW}" width="12" height="12" rx="2" fill="${color}"/><text x="${x + 17}" y="${48 + row * ROW}">${name}</text>
`,
  )}`;
}

interface PlacedLegend {
  readonly name: string;
  readonly color: string;
  readonly x: number;
  readonly row: number;
}

/** Sets names of colours in rows, as words are set in lines. */
function placeLegends(paints: ReadonlyMap<string, string>, width: number): PlacedLegend[] {
  let x = MARGIN;
  let row = 0;
  return [...paints]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, color]) => {
      const own = 24 + Math.ceil(name.length * FONT * LETTER);
      if (x + own > width - MARGIN && x > MARGIN) {
        x = MARGIN;
        row++;
      }
      const placed = { name, color, x, row };
      x += own + 14;
      return placed;
    });
}

const countCalls = ({ children }: CallTree): number => children.reduce((sum, child) => sum + countCalls(child), 1);

const share = (part: number, whole: number): string => `${whole > 0 ? ((100 * part) / whole).toFixed(1) : '0.0'} %`;

/** Pixels as an attribute holds them. */
const fixed = (value: number): string => value.toFixed(2).replace(/\.?0+$/, '');
