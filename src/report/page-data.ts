import { drawdownOf, representativeRows } from './downsample.js';
import type {
  ReportEquity,
  ReportModel,
  ReportParameter,
  ReportScalar,
  ReportTrial,
  StudyReportModel,
  WalkForwardReportModel,
} from './report-model.js';

/** One parameter of all trials. */
export type PageColumn = { readonly name: string } & (
  | {
      readonly kind: 'levels';
      /** Distinct values: numbers ascending, others in the order given. */
      readonly levels: readonly ReportScalar[];
      /** Place of each trial in the levels, -1 where a trial does not have the parameter. */
      readonly codes: readonly number[];
    }
  /** Numbers too many to be levels: the value of each trial, null where it has none. */
  | { readonly kind: 'continuous'; readonly values: readonly (number | null)[] }
);

/** What the page draws its charts from; everything else is in the markup. */
export interface PageData {
  /** Times in seconds; a value is null where it is missing. */
  readonly equity: {
    readonly times: readonly number[];
    readonly values: readonly (number | null)[];
    readonly drawdown: readonly (number | null)[];
  };
  readonly study?: {
    readonly objective: StudyReportModel['objective'];
    readonly numbers: readonly number[];
    readonly values: readonly (number | null)[];
    readonly columns: readonly PageColumn[];
  };
  readonly walk?: {
    /** First and last time of each test, in seconds: where the curve changes its parameters. */
    readonly bands: readonly (readonly [from: number, to: number])[];
    /** Numbers of the windows. */
    readonly numbers: readonly number[];
    readonly drift: readonly {
      readonly name: string;
      /** 0 to 1 between the parameter's bounds. */
      readonly positions: readonly (number | null)[];
      readonly values: readonly (ReportScalar | null)[];
    }[];
  };
}

/** More distinct numbers than this are no levels: the heat map puts them into bins. */
const mostLevels = 40;

/** Stretches of an equity curve; each keeps four rows at most, more than a wide screen has pixels for. */
const equityStretches = 1200;

/** Returns what the page needs to draw a model: columns, thinned and rounded to what an eye can see. */
export function pageData(model: ReportModel): PageData {
  const run = model.kind === 'study' ? model.best : model.run;
  const equity = equityData(run?.equity ?? { times: [], values: [] });
  if (model.kind === 'backtest') return { equity };
  if (model.kind === 'walk-forward') return { equity, walk: walkData(model) };
  return {
    equity,
    study: {
      objective: model.objective,
      numbers: model.trials.map(({ number }) => number),
      values: model.trials.map(({ value, state }) =>
        state === 'complete' && value !== null ? rounded(value, 6) : null,
      ),
      columns: model.parameters.map((parameter) => columnOf(parameter, model.trials)),
    },
  };
}

/** A band reaches from its window's first bar to the next one's, so that no gap shows between them. */
function walkData({ run, windows, drift }: WalkForwardReportModel): NonNullable<PageData['walk']> {
  const { times } = run.equity;
  let row = 0;
  const begins = windows.map(({ test }) => {
    const begin = row;
    row += test.bars;
    return times[begin]! / 1000;
  });
  const last = times[times.length - 1]! / 1000;
  return {
    bands: begins.map((from, index) => [from, begins[index + 1] ?? last]),
    numbers: windows.map(({ number }) => number),
    drift: drift.map(({ name, positions, values }) => ({
      name,
      positions: positions.map((position) => (position === null ? null : rounded(position, 4))),
      values,
    })),
  };
}

function equityData({ times, values }: ReportEquity): PageData['equity'] {
  const drawdown = drawdownOf(values);
  const rows = representativeRows([values, drawdown], equityStretches);
  return {
    times: rows.map((row) => times[row]! / 1000),
    values: rows.map((row) => rounded(values[row]!, 9)),
    drawdown: rows.map((row) => rounded(drawdown[row]!, 6)),
  };
}

function columnOf({ name, kind, values: declared }: ReportParameter, trials: readonly ReportTrial[]): PageColumn {
  const numeric = kind === 'int' || kind === 'float';
  const seen = new Set<ReportScalar>(numeric ? [] : declared);
  for (const { params } of trials) if (params[name] !== undefined) seen.add(params[name]);
  if (numeric && seen.size > mostLevels) {
    return { name, kind: 'continuous', values: trials.map(({ params }) => rounded(Number(params[name]), 6)) };
  }
  const levels = [...seen];
  if (numeric) levels.sort((a, b) => Number(a) - Number(b));
  const place = new Map(levels.map((value, index) => [value, index]));
  return {
    name,
    kind: 'levels',
    levels,
    codes: trials.map(({ params }) => (params[name] === undefined ? -1 : place.get(params[name])!)),
  };
}

const rounded = (value: number, digits: number): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(digits)) : null;
