import uPlot from 'uplot';
import { formatPercent, formatShort, formatTime } from '../format.js';
import type { PageData } from '../page-data.js';
import { onSchemeChange, palette } from './palette.js';

const utc = (seconds: number): Date => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC');
const font = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

type Build = (width: number) => uPlot.Options;
type Columns = readonly [readonly number[], ...(readonly (number | null)[])[]];

/** Draws a chart into its box: as wide as the box, again when the box or the colour scheme changes. */
function mount(id: string, columns: Columns, build: Build): void {
  const box = document.getElementById(id);
  if (box === null) return;
  const data = columns.map((column) => [...column]) as unknown as uPlot.AlignedData;
  if (data[0].length === 0) {
    box.textContent = 'Nothing to draw.';
    return;
  }
  let chart: uPlot | undefined;
  const draw = (): void => {
    chart?.destroy();
    chart = new uPlot(build(box.clientWidth), data, box);
  };
  draw();
  new ResizeObserver(() => {
    if (chart !== undefined && chart.width !== box.clientWidth)
      chart.setSize({ width: box.clientWidth, height: chart.height });
  }).observe(box);
  onSchemeChange(draw);
  box.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -25, PageDown: 25 }[event.key];
    if (chart === undefined || step === undefined) return;
    event.preventDefault();
    const last = data[0].length - 1;
    const from = chart.cursor.idx ?? (step > 0 ? -1 : last + 1);
    const index = Math.min(last, Math.max(0, from + step));
    const place = { left: chart.valToPos(data[0][index]!, 'x'), top: chart.over.clientHeight / 2 };
    // The third argument, which the types leave out, moves the cursor of charts in step as well.
    (chart.setCursor as (place: object, fire: boolean, publish: boolean) => void)(place, true, true);
  });
  box.dataset.points = String(data[0].length);
}

function axes(valueText: (value: number) => string, size = 68): uPlot.Axis[] {
  const { muted, grid } = palette();
  const common = { stroke: muted, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  return [
    { ...common, space: 64, size: 32 },
    { ...common, size, values: (_chart, ticks) => ticks.map((tick) => valueText(tick)) },
  ];
}

/** Whole amounts with a suffix, so that the axis stays narrow. */
function compact(value: number): string {
  const size = Math.abs(value);
  for (const [unit, suffix] of [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (size >= unit) return `${formatShort(value / unit, 4)}${suffix}`;
  }
  return formatShort(value, 4);
}

const short = (chart: uPlot.Options['width']): boolean => chart < 560;

/** Draws the account value and, below it on the same time axis, the fall from its peak; behind them a band for every other window, where there are windows. */
export function drawEquity(
  { times, values, drawdown }: PageData['equity'],
  bands: NonNullable<PageData['walk']>['bands'] = [],
): void {
  const sync = { key: 'time', setSeries: false, scales: ['x', null] as [string, null] };
  const timeText = (_chart: uPlot, seconds: number | null): string =>
    seconds === null ? '–' : formatTime(seconds * 1000);
  const cursor = { sync, y: false, drag: { x: true, y: false, setScale: true } } as const;
  const hooks = bands.length === 0 ? {} : { hooks: { drawClear: [(chart: uPlot) => drawBands(chart, bands)] } };
  mount('equity', [times, values], (width) => {
    const { accent, accentSoft } = palette();
    return {
      width,
      height: short(width) ? 240 : 320,
      tzDate: utc,
      ...hooks,
      cursor,
      axes: axes(compact),
      series: [
        { label: 'Time', value: timeText },
        {
          label: 'Equity',
          stroke: accent,
          width: 1.5,
          fill: accentSoft,
          points: { show: false },
          value: (_chart, value) => formatShort(value ?? Number.NaN, 12),
        },
      ],
      scales: { y: { range: (_chart, low, high) => padded(low, high) } },
    };
  });
  mount('drawdown', [times, drawdown], (width) => {
    const { loss, lossSoft } = palette();
    return {
      width,
      height: short(width) ? 150 : 170,
      tzDate: utc,
      ...hooks,
      cursor,
      axes: axes((value) => `${formatShort(value * 100, 3)} %`),
      series: [
        { label: 'Time', value: timeText },
        {
          label: 'Drawdown',
          stroke: loss,
          width: 1,
          fill: lossSoft,
          fillTo: 0,
          points: { show: false },
          value: (_chart, value) => formatPercent(value),
        },
      ],
      scales: { y: { range: (_chart, low) => [Math.min(low, -0.01) * 1.05, 0] } },
    };
  });
}

/** Shades every other band, and numbers them all where there is room. */
function drawBands(chart: uPlot, bands: readonly (readonly [number, number])[]): void {
  const { band, muted } = palette();
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${Math.round(11 * devicePixelRatio)}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  for (const [index, [from, to]] of bands.entries()) {
    const left = chart.valToPos(from, 'x', true);
    const right = chart.valToPos(to, 'x', true);
    if (index % 2 === 0) {
      ctx.fillStyle = band;
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    if (right - left < 22 * devicePixelRatio) continue;
    ctx.fillStyle = muted;
    ctx.fillText(String(index + 1), (left + right) / 2, bbox.top + 4 * devicePixelRatio);
  }
  ctx.restore();
}

/** Draws where each window's choice stands between its parameter's bounds, a line a parameter. */
export function drawDrift({ numbers, drift }: NonNullable<PageData['walk']>): void {
  const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5]];
  mount('drift', [numbers, ...drift.map(({ positions }) => positions)], (width) => {
    const { lines } = palette();
    return {
      width,
      height: short(width) ? 220 : 260,
      cursor: { y: false, drag: { x: false, y: false } },
      axes: axes((value) => formatShort(value, 3), 44).map((axis, index) =>
        index === 0 ? { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100] } : axis,
      ),
      scales: {
        x: { time: false, range: (_chart, low, high) => [low - 0.25, high + 0.25] },
        y: { range: () => [-0.05, 1.05] },
      },
      series: [
        { label: 'Window', value: (_chart, value) => (value === null ? '–' : String(value)) },
        ...drift.map(({ name, values }, index): uPlot.Series => {
          const stroke = lines[index % lines.length]!;
          return {
            label: name,
            stroke,
            width: 2,
            dash: dashes[Math.floor(index / lines.length) % dashes.length]!,
            points: { show: true, size: 7, fill: stroke },
            value: (_chart, _position, _series, row) =>
              row === null || row === undefined ? '–' : String(values[row] ?? '–'),
          };
        }),
      ],
    };
  });
}

function padded(low: number, high: number): [number, number] {
  const space = (high - low || Math.abs(high) || 1) * 0.06;
  return [low - space, high + space];
}

/** Draws the objective by trial number, and the best so far as a line of steps. */
export function drawHistory({ numbers, values, objective }: NonNullable<PageData['study']>): void {
  const better = objective.direction === 'maximize' ? Math.max : Math.min;
  let best: number | null = null;
  const running = values.map((value) => {
    if (value !== null) best = best === null ? value : better(best, value);
    return best;
  });
  const size = numbers.length > 20_000 ? 2 : numbers.length > 3_000 ? 3 : 5;
  const valueText = (_chart: uPlot, value: number | null): string => (value === null ? '–' : formatShort(value, 5));
  mount('history', [numbers, values, running], (width) => {
    const { accent, point } = palette();
    const stepped = uPlot.paths.stepped!({ align: 1 });
    return {
      width,
      height: short(width) ? 240 : 280,
      cursor: { y: false, drag: { x: true, y: false } },
      axes: axes((value) => formatShort(value, 4)),
      scales: {
        x: { time: false, range: (_chart, low, high) => (low === high ? [low - 1, high + 1] : [low, high]) },
        y: { range: (_chart, low, high) => padded(low, high) },
      },
      series: [
        { label: 'Trial', value: (_chart, value) => (value === null ? '–' : `#${value}`) },
        {
          label: objective.name,
          stroke: point,
          paths: () => null,
          points: { show: true, size, width: 0, fill: point },
          value: valueText,
        },
        { label: 'Best so far', stroke: accent, width: 2, paths: stepped, points: { show: false }, value: valueText },
      ],
    };
  });
}
