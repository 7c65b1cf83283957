import {
  formatCount,
  formatMetric,
  formatMoney,
  formatPercent,
  formatShort,
  metricLabel,
  renderTable,
  type TextColumn,
} from '../report/index.js';
import type { CrossValidationResult } from '../validate/combinatorial.js';
import type { DoubleOutOfSampleResult } from '../validate/double-out-of-sample.js';
import type { WindowRun } from '../validate/out-of-sample.js';
import type { ParameterDrift } from '../validate/parameter-drift.js';
import type { WalkForwardResult, WalkForwardWindow } from '../validate/walk-forward-result.js';
import { wrap, wrapIndented } from './output.js';
import { counted, metricsDocument, paramsText, shortHash } from './text-blocks.js';

interface Style {
  readonly width: number;
  readonly color: boolean;
  readonly program: string;
}

/** Returns the document of a walk-forward. */
export function walkForwardDocument(result: WalkForwardResult) {
  const { strategy, bundle, objective, windowing, stitched, luck } = result;
  return {
    strategy: strategy.name,
    bundle: { name: bundle.name, version: bundle.version },
    study: { path: result.study ?? null, seed: result.seed, search: result.search },
    objective,
    windowing: {
      ...windowing,
      select: result.select,
      seam: result.seam,
      reinvest: result.reinvest,
      unusedBars: result.unusedBars,
    },
    windows: result.windows.map(windowDocument),
    stitched: {
      startingCash: stitched.startingCash.toString(),
      endingEquity: stitched.endingEquity.toString(),
      orders: stitched.orders,
      fills: stitched.fills.length,
      metrics: metricsDocument(stitched.metrics),
      luck: luck === undefined ? null : { ...luck, minimumTrackRecord: luck.minimumTrackRecord ?? null },
    },
    efficiency: result.efficiency ?? null,
    returnEfficiency: result.returnEfficiency ?? null,
    parameters: result.parameters.map(driftDocument),
    trials: result.trials,
    warnings: result.warnings,
    workers: result.workers,
    seconds: result.seconds,
    startupSeconds: result.startupSeconds,
  };
}

function windowDocument(window: WalkForwardWindow<unknown>): object {
  const { number, trials, params, trial, trained, train, validate, test, efficiency, testReads } = window;
  return {
    number,
    params: params ?? null,
    trial: trial ?? null,
    trials,
    train: { ...trained, ...(train === undefined ? { score: null } : runDocument(train)) },
    validate: validate === undefined ? null : { ...validate, score: validate.score ?? null },
    test: runDocument(test),
    efficiency: efficiency ?? null,
    testReads,
  };
}

const runDocument = (run: WindowRun): object => ({
  start: run.start,
  end: run.end,
  bars: run.bars,
  score: run.score ?? null,
  startingEquity: run.startingEquity.toString(),
  endingEquity: run.endingEquity.toString(),
  orders: run.orders,
  fills: run.fills.length,
  metrics: metricsDocument(run.metrics),
  orderStreamHash: run.orderStreamHash ?? null,
});

const driftDocument = (drift: ParameterDrift): object => ({
  name: drift.name,
  values: drift.values.map((value) => value ?? null),
  mean: drift.mean ?? null,
  coefficientOfVariation: drift.coefficientOfVariation ?? null,
  spread: drift.spread ?? null,
  agreement: drift.agreement ?? null,
  changes: drift.changes,
});

/** Returns every fill of the tests, as `--trades` lists them. */
export const testTrades = ({ windows }: WalkForwardResult): object[] =>
  windows.flatMap(({ number, test }) =>
    test.fills.map(({ asset, time, exact }) => ({
      window: number,
      time: new Date(time).toISOString(),
      symbol: asset.symbol,
      side: exact.quantity.isNegative() ? 'sell' : 'buy',
      quantity: exact.quantity.abs().toString(),
      price: exact.price.toString(),
      fee: exact.fee.toString(),
    })),
  );

/** Returns what a walk-forward found, for people: a row a window, the account of all tests, and how steady the parameters were. */
export function walkForwardText(result: WalkForwardResult, style: Style): string {
  const { strategy, bundle, objective, windows, stitched, trials, workers, seconds } = result;
  const { metrics } = stitched;
  const luck = luckText(result);
  const facts = ['annualReturn', 'maxDrawdown', 'sharpe', 'trades'].map(
    (name) => `${metricLabel(name).toLowerCase()} ${formatMetric(name, metrics[name as 'sharpe'])}`,
  );
  return [
    `${strategy.name} on ${bundle.name} ${shortHash(bundle.version)}${bundle.synthetic ? ' (synthetic)' : ''}`,
    wrap(`Walk-forward, ${counted(windows.length, 'window')}: ${designText(result)}`, style.width),
    `${formatCount(trials.total)} trials by ${result.search} search, ${counted(workers, 'worker')}, ${seconds.toFixed(2)} s`,
    '',
    windowTable(result, style),
    '',
    `Out of sample, ${result.seam === 'carry' ? 'positions carried' : 'windows closed'}: ${formatMoney(stitched.startingCash.toString())} becomes ${formatMoney(stitched.endingEquity.toString())}`,
    `  ${facts.join(', ')}`,
    ...(luck === undefined ? [] : [wrapIndented(`  ${luck}`, style.width)]),
    `  efficiency ${ratio(result.efficiency)} (${metricLabel(objective.metric).toLowerCase()} out of sample over in sample), of returns ${ratio(result.returnEfficiency)}`,
    '',
    driftTable(result.parameters, style),
    ...(result.study === undefined
      ? []
      : ['', `Next: ${style.program} report ${result.study}/window-01.log --out window-01.html`]),
  ].join('\n');
}

/** Returns how far the account of all tests can be luck, in a sentence; undefined where that is not known. */
export function luckText({ luck }: Pick<WalkForwardResult, 'luck'>): string | undefined {
  if (luck === undefined) return undefined;
  const { sessions, probabilisticSharpe, minimumTrackRecord } = luck;
  const probability = `its true Sharpe ratio is above 0 with a probability of ${formatPercent(probabilisticSharpe, 1)}, by ${formatCount(sessions)} returns`;
  if (minimumTrackRecord === undefined) return probability;
  return `${probability}; 95 % would need ${formatCount(minimumTrackRecord)} like these`;
}

/** Returns how the data were cut, in words. */
export function designText({ windowing, unusedBars }: Pick<WalkForwardResult, 'windowing' | 'unusedBars'>): string {
  const { train, validate, test, step, anchored, purge = 0, embargo = 0 } = windowing;
  const parts = [
    `train ${spanText(train)}${anchored === true ? ' anchored' : ''}`,
    ...(validate === undefined ? [] : [`validate ${spanText(validate)}`]),
    `test ${spanText(test)}`,
    ...(step === undefined ? [] : [`step ${spanText(step)}`]),
    ...(purge > 0 ? [`purge ${purge}`] : []),
    ...(embargo > 0 ? [`embargo ${embargo}`] : []),
    ...(unusedBars > 0 ? [`${unusedBars} bars unused`] : []),
  ];
  return parts.join(', ');
}

const spanText = (span: number | string): string => (/^\d+$/.test(String(span)) ? `${span} bars` : String(span));

const ratio = (value: number | undefined): string => formatMetric('ratio', value);

/** Columns that parameters may take of a table before they share one. */
const PARAMETER_COLUMNS = 28;

function windowTable({ windows, objective, parameters }: WalkForwardResult, style: Style): string {
  const validates = windows[0]!.validate !== undefined;
  const name = objective.metric;
  const texts = parameters.map(({ values }) => values.map((value) => (value === undefined ? '' : String(value))));
  const widths = parameters.map((parameter, k) =>
    Math.max(parameter.name.length, ...texts[k]!.map((text) => text.length)),
  );
  const isWide = widths.reduce((sum, width) => sum + width + 2, 0) > PARAMETER_COLUMNS;
  const columns: TextColumn[] = [
    { header: '#', align: 'right' },
    { header: 'test from', whole: true },
    { header: 'to', whole: true },
    ...(isWide
      ? [{ header: 'parameters' }]
      : parameters.map((parameter): TextColumn => ({ header: parameter.name, align: 'right' }))),
    { header: `${metricLabel(name).toLowerCase()} in`, align: 'right' },
    ...(validates ? [{ header: 'valid', align: 'right' } as const] : []),
    { header: 'out', align: 'right' },
    { header: 'return', align: 'right' },
  ];
  const rows = windows.map(({ number, params, train, validate, test }, row) => [
    String(number),
    test.start.slice(0, 10),
    test.end.slice(0, 10),
    ...(isWide
      ? [params === undefined ? 'none' : paramsText(params as Readonly<Record<string, unknown>>)]
      : texts.map((values) => values[row]!)),
    formatMetric(name, train?.score),
    ...(validates ? [formatMetric(name, validate?.score)] : []),
    formatMetric(name, test.score),
    formatMetric('totalReturn', test.metrics.totalReturn),
  ]);
  return renderTable(columns, rows, style);
}

function driftTable(parameters: readonly ParameterDrift[], style: Style): string {
  const columns: TextColumn[] = [
    { header: 'parameter' },
    { header: 'chosen, window by window' },
    { header: 'mean', align: 'right' },
    { header: 'CV', align: 'right' },
    { header: 'spread', align: 'right' },
    { header: 'agree', align: 'right' },
  ];
  const rows = parameters.map(({ name, values, mean, coefficientOfVariation, spread, agreement }) => [
    name,
    values.map((value) => (value === undefined ? '–' : String(value))).join(' '),
    mean === undefined ? '–' : formatShort(mean, 4),
    formatMetric('cv', coefficientOfVariation),
    formatMetric('spread', spread),
    agreement === undefined ? '–' : `${Math.round(agreement * 100)} %`,
  ]);
  return renderTable(columns, rows, style);
}

/** Returns the document of a combinatorial cross-validation. */
export function crossValidationDocument(result: CrossValidationResult) {
  const { strategy, bundle, objective, split, splits, paths } = result;
  return {
    strategy: strategy.name,
    bundle: { name: bundle.name, version: bundle.version },
    objective,
    split,
    splits: splits.map(({ tests, params, trial, trainScore, testScore, ...facts }) => ({
      ...facts,
      params: params ?? null,
      trial: trial ?? null,
      trainScore: trainScore ?? null,
      testScore: testScore ?? null,
      tests: tests.map(runDocument),
    })),
    paths: paths.map(({ number, splits: of, metrics, score }) => ({
      number,
      splits: of,
      score: score ?? null,
      metrics,
    })),
    efficiency: result.efficiency ?? null,
    parameters: result.parameters.map(driftDocument),
    trials: result.trials,
    workers: result.workers,
    seconds: result.seconds,
  };
}

/** Returns what a cross-validation found, for people. */
export function crossValidationText(result: CrossValidationResult, style: Style): string {
  const { strategy, bundle, objective, split, splits, paths, trials, workers, seconds } = result;
  const name = objective.metric;
  const columns: TextColumn[] = [
    { header: 'path', align: 'right' },
    { header: 'splits, group by group' },
    { header: metricLabel(name).toLowerCase(), align: 'right' },
    ...['totalReturn', 'maxDrawdown', 'trades'].map(
      (metric): TextColumn => ({ header: metricLabel(metric).toLowerCase(), align: 'right' }),
    ),
  ];
  const rows = paths.map(({ number, splits: of, score, metrics }) => [
    String(number),
    of.join(' '),
    formatMetric(name, score),
    formatMetric('totalReturn', metrics.totalReturn),
    formatMetric('maxDrawdown', metrics.maxDrawdown),
    formatMetric('trades', metrics.trades),
  ]);
  return [
    `${strategy.name} on ${bundle.name} ${shortHash(bundle.version)}${bundle.synthetic ? ' (synthetic)' : ''}`,
    `Cross-validation, ${counted(splits.length, 'split')} of ${split.groups} groups, ${split.testGroups} tested, purge ${split.purge ?? 0}, embargo ${split.embargo ?? 0}`,
    `${formatCount(trials.total)} trials, ${counted(workers, 'worker')}, ${seconds.toFixed(2)} s`,
    '',
    renderTable(columns, rows, style),
    '',
    `Efficiency ${ratio(result.efficiency)} (${metricLabel(name).toLowerCase()} out of sample over in sample)`,
    '',
    driftTable(result.parameters, style),
  ].join('\n');
}

/** Returns the document of a comparison of designs. */
export function doubleDocument(result: DoubleOutOfSampleResult) {
  const { designs, chosen, searched, unseen, kept } = result;
  return {
    strategy: unseen.strategy.name,
    bundle: { name: unseen.bundle.name, version: unseen.bundle.version },
    objective: unseen.objective,
    designs: designs.map(({ windowing, score, windows, refused }) => ({
      windowing,
      score: score ?? null,
      windows,
      refused: refused ?? null,
    })),
    chosen,
    kept: kept ?? null,
    searched: walkForwardDocument(searched),
    unseen: walkForwardDocument(unseen),
  };
}

/** Returns what a comparison of designs found, for people. */
export function doubleText(result: DoubleOutOfSampleResult, style: Style): string {
  const { designs, chosen, unseen, searched, kept } = result;
  const name = unseen.objective.metric;
  const columns: TextColumn[] = [
    { header: '', align: 'right' },
    { header: 'design' },
    { header: 'windows', align: 'right' },
    { header: metricLabel(name).toLowerCase(), align: 'right' },
  ];
  const rows = designs.map(({ windowing, windows, score, refused }, index) => [
    index === chosen ? '*' : '',
    designText({ windowing, unusedBars: 0 }),
    String(windows),
    refused === undefined ? formatMetric(name, score) : 'no room',
  ]);
  const last = searched.windows.at(-1)!.test.end;
  return [
    `Designs, compared by what they traded out of sample up to ${last}`,
    '',
    renderTable(columns, rows, style),
    '',
    wrap(
      `The best of them on bars that no design has touched, from ${unseen.windows[0]!.test.start}; it keeps ${ratio(kept)} of its ${metricLabel(name).toLowerCase()}:`,
      style.width,
    ),
    '',
    walkForwardText(unseen, style),
  ].join('\n');
}
