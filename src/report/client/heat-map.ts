import { formatCount, formatShort } from '../format.js';
import type { PageData } from '../page-data.js';
import { type HeatAxis, type HeatCell, heatAxis, heatCells, placesOf } from './heat-grid.js';
import { heatColor } from './palette.js';

type Study = NonNullable<PageData['study']>;

const margin = { top: 8, right: 8, bottom: 44, left: 76 };

function svg(name: string, attributes: Readonly<Record<string, string | number>>, parent?: Element): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  parent?.append(element);
  return element;
}

/** Draws the heat map with its selectors, legend and readout. */
export function drawHeatMap(study: Study): void {
  const box = document.getElementById('heat')!;
  const select = (id: string): HTMLSelectElement => document.getElementById(id) as HTMLSelectElement;
  const [acrossSelect, upSelect, bySelect] = [select('heat-x'), select('heat-y'), select('heat-by')];
  const varied = study.columns.map((column, k) => ({ k, size: placesOf(column) })).filter(({ size }) => size > 1);
  if (study.columns.length === 0 || study.values.every((value) => value === null)) {
    box.textContent = 'Nothing to draw.';
    return;
  }
  acrossSelect.selectedIndex = varied[0]?.k ?? 0;
  upSelect.selectedIndex = varied[1]?.k ?? study.columns.findIndex((_, k) => k !== acrossSelect.selectedIndex);
  if (upSelect.selectedIndex < 0) upSelect.parentElement!.hidden = true;

  let selected = -1;
  let state: Drawing | undefined;
  const draw = (): void => {
    const x = heatAxis(study.columns[acrossSelect.selectedIndex]!);
    const column = study.columns[upSelect.selectedIndex];
    const y =
      column === undefined ? { name: '', labels: [''], places: new Int8Array(study.values.length) } : heatAxis(column);
    state = render(box, study, x, y, bySelect.value === 'mean' ? 'mean' : 'best');
    selected = -1;
  };
  const show = (cell: number): void => {
    if (state === undefined) return;
    selected = cell;
    state.mark(cell);
    document.getElementById('heat-readout')!.textContent = state.text(cell);
  };
  bySelect.addEventListener('change', draw);
  // A parameter over itself says nothing: choosing the other axis's swaps the two.
  let axes = [acrossSelect.selectedIndex, upSelect.selectedIndex] as const;
  for (const [element, other, was] of [
    [acrossSelect, upSelect, 0],
    [upSelect, acrossSelect, 1],
  ] as const) {
    element.addEventListener('change', () => {
      if (element.selectedIndex === other.selectedIndex) other.selectedIndex = axes[was];
      axes = [acrossSelect.selectedIndex, upSelect.selectedIndex];
      draw();
    });
  }
  box.addEventListener('pointermove', ({ target }) => {
    const cell = (target as Element).getAttribute('data-cell');
    if (cell !== null && Number(cell) !== selected) show(Number(cell));
  });
  box.addEventListener('keydown', (event) => {
    if (state === undefined) return;
    const { across, up } = state;
    const moves: Readonly<Record<string, [number, number]>> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const [column, row] =
      selected < 0 ? [0, 0] : [(selected % across) + move[0], Math.floor(selected / across) + move[1]];
    show(clamp(row, up) * across + clamp(column, across));
  });
  draw();
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth === width) return;
    width = box.clientWidth;
    draw();
  }).observe(box);
}

interface Drawing {
  readonly across: number;
  readonly up: number;
  mark(cell: number): void;
  text(cell: number): string;
}

function render(box: HTMLElement, study: Study, x: HeatAxis, y: HeatAxis, by: 'best' | 'mean'): Drawing {
  const cells = heatCells(study, x, y);
  const shown = cells.map((cell) => cell?.[by]);
  const known = shown.filter((value) => value !== undefined);
  const low = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = known.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const brightIsHigh = study.objective.direction === 'maximize';
  const shareOf = (value: number): number => {
    const share = high > low ? (value - low) / (high - low) : 1;
    return brightIsHigh ? share : 1 - share;
  };
  const [across, up] = [x.labels.length, y.labels.length];
  const width = Math.max(240, box.clientWidth);
  const cellWidth = (width - margin.left - margin.right) / across;
  const cellHeight = Math.max(14, Math.min(44, cellWidth, 420 / up));
  const height = margin.top + up * cellHeight + margin.bottom;
  const root = svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
  const leftOf = (column: number): number => margin.left + column * cellWidth;
  const topOf = (row: number): number => margin.top + (up - 1 - row) * cellHeight;
  const gap = Math.min(cellWidth, cellHeight) > 8 ? 1 : 0;
  shown.forEach((value, k) => {
    svg(
      'rect',
      {
        'data-cell': k,
        class: value === undefined ? 'empty' : 'cell',
        x: leftOf(k % across),
        y: topOf(Math.floor(k / across)),
        width: cellWidth - gap,
        height: cellHeight - gap,
        ...(value === undefined ? {} : { fill: heatColor(shareOf(value)) }),
      },
      root,
    );
  });
  const text = (content: string, attributes: Readonly<Record<string, string | number>>): void => {
    svg('text', attributes, root).textContent = content;
  };
  const widest = Math.max(...x.labels.map((label) => label.length)) * 6.6 + 10;
  const everyX = Math.ceil(widest / cellWidth);
  const everyY = Math.ceil(20 / cellHeight);
  const first = (label: string): string => label.split(' – ')[0]!;
  x.labels.forEach((label, k) => {
    if (k % everyX === 0)
      text(first(label), { x: leftOf(k) + cellWidth / 2, y: height - margin.bottom + 16, 'text-anchor': 'middle' });
  });
  y.labels.forEach((label, k) => {
    if (k % everyY === 0)
      text(shortened(first(label)), { x: margin.left - 8, y: topOf(k) + cellHeight / 2 + 4, 'text-anchor': 'end' });
  });
  text(x.name, { class: 'axis', x: margin.left + (across * cellWidth) / 2, y: height - 8, 'text-anchor': 'middle' });
  const middle = margin.top + (up * cellHeight) / 2;
  text(y.name, { class: 'axis', x: 14, y: middle, 'text-anchor': 'middle', transform: `rotate(-90 14 ${middle})` });
  const marker = svg(
    'rect',
    { class: 'marker', width: cellWidth - gap, height: cellHeight - gap, visibility: 'hidden' },
    root,
  );
  box.replaceChildren(root, legend(low, high, brightIsHigh, study.objective.name, by));
  box.dataset.cells = String(known.length);
  return {
    across,
    up,
    mark: (cell) => {
      marker.setAttribute('x', String(leftOf(cell % across)));
      marker.setAttribute('y', String(topOf(Math.floor(cell / across))));
      marker.setAttribute('visibility', 'visible');
    },
    text: (cell) => readout(cells[cell], x, y, cell, study.objective.name),
  };
}

function readout(cell: HeatCell | undefined, x: HeatAxis, y: HeatAxis, index: number, objective: string): string {
  const across = x.labels.length;
  const place = `${x.name} ${x.labels[index % across]}${y.name === '' ? '' : `, ${y.name} ${y.labels[Math.floor(index / across)]}`}`;
  if (cell === undefined) return `${place}: no trial with a value`;
  return `${place}: best ${objective} ${formatShort(cell.best, 5)} (trial #${cell.trial}), mean ${formatShort(cell.mean, 5)} of ${formatCount(cell.count)} ${cell.count === 1 ? 'trial' : 'trials'}`;
}

function legend(low: number, high: number, brightIsHigh: boolean, objective: string, by: string): HTMLElement {
  const box = document.createElement('div');
  box.className = 'legend';
  const end = (value: number): HTMLElement => {
    const label = document.createElement('span');
    label.textContent = formatShort(value, 4);
    return label;
  };
  const strip = svg('svg', { width: 180, height: 12, viewBox: '0 0 180 12', 'aria-hidden': 'true' });
  for (let k = 0; k < 60; k++) {
    svg('rect', { x: k * 3, y: 0, width: 3.2, height: 12, fill: heatColor(brightIsHigh ? k / 59 : 1 - k / 59) }, strip);
  }
  const name = document.createElement('span');
  name.className = 'legend-name';
  name.textContent = `${by} ${objective}; brighter is better`;
  box.append(end(low), strip, end(high), name);
  return box;
}

const shortened = (label: string): string => (label.length > 8 ? `${label.slice(0, 7)}…` : label);
const clamp = (value: number, length: number): number => Math.min(length - 1, Math.max(0, value));
