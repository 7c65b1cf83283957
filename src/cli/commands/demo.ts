import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { UsageError } from '../../core/errors.js';
import { openBundle } from '../../data/reader.js';
import { sampleMarket } from '../../data/sample-market.js';
import { BundleStore } from '../../data/store.js';
import { type WrittenBundle, writeBundle } from '../../data/writer.js';
import { backtest } from '../../engine/backtest.js';
import type { BacktestResult } from '../../engine/result.js';
import { loadStrategy } from '../../engine/strategy-loader.js';
import { sessionValuesPath } from '../../optimize/session-values.js';
import { readStudyRecord } from '../../optimize/study-record.js';
import { type StudyReport, searchStrategy } from '../../optimize/study-run.js';
import { formatCount, formatMetric, formatMoney, formatNumber, renderReport } from '../../report/index.js';
import { type JudgedStudy, judgeSearch } from '../../validate/judged-study.js';
import { walkForwardOfFile } from '../../validate/walk-forward.js';
import type { WalkForwardResult } from '../../validate/walk-forward-result.js';
import { overfittingText } from '../overfitting.js';
import { checkReportPath, writeReport } from '../report-file.js';
import { runWithProgress } from '../search.js';
import type { Session } from '../session.js';
import { rankedTable, studyDocument } from '../study-document.js';
import { studyModel } from '../study-model.js';
import { counted, metricsDocument, paramsText, shortHash } from '../text-blocks.js';
import { walkForwardDocument } from '../walk-forward-document.js';
import { walkForwardModel } from '../walk-forward-model.js';
import { withWalkProgress } from '../walk-progress.js';

/** Name of the demo's bundle. */
const BUNDLE = 'sample';
const STUDY_FILE = 'demo-study.log';
const REPORT_FILE = 'report.html';
const WALK_FILE = 'walk-forward.html';
/** How the walk-forward cuts the twenty years, and how many trials a window has. */
const WALK = { train: '6y', test: '2y' } as const;
const WALK_TRIALS = 60;
/** The parameters of the one backtest: ordinary ones, so that the search has something to find. */
const PARAMS = { fast: 20, slow: 50, threshold: 0.005 };
/** Trading for nothing would flatter whoever trades most. */
const COMMISSION = 'percent:0.001';
/** Rows of the ranked table. */
const TOP = 10;
const STRATEGY = fileURLToPath(new URL('../../../examples/sma-crossover.ts', import.meta.url));

/** Adds `demo [--out DIR]`. */
export function registerDemo(program: Command, session: Session): void {
  program
    .command('demo')
    .description(
      "Makes a synthetic market, stores it as the bundle 'sample', runs a strategy once, searches its 1,100 combinations on every core, walks forward through them, and writes reports.",
    )
    .option('--out <folder>', `where ${REPORT_FILE}, ${WALK_FILE} and ${STUDY_FILE} go (default: here)`)
    .addHelpText('after', '\nExample:\n  $ hindcast demo --out /tmp/demo')
    .action(({ out = '.' }: { readonly out?: string }) => demo(session, out));
}

async function demo(session: Session, folder: string): Promise<void> {
  const { output } = session;
  const study = join(folder, STUDY_FILE);
  const reportFile = join(folder, REPORT_FILE);
  const walkFile = join(folder, WALK_FILE);
  makeFolder(folder);
  checkReportPath(reportFile);
  checkReportPath(walkFile);
  removeOldStudy(study);
  const store = new BundleStore();
  refuseOtherSample(store);

  const draft = sampleMarket();
  const bundle = await writeBundle(store, BUNDLE, draft);
  const { assets, times } = draft.groups[0]!;
  output.text(
    [
      '1  A market',
      `   ${counted(assets.length, 'invented symbol')} with ${formatCount(times.length)} daily bars each, splits and dividends included.`,
      `   SYNTHETIC: a program made these prices; they say nothing about any market.`,
      `   Bundle ${BUNDLE} ${shortHash(bundle.version)} in ${store.directory}`,
      '',
    ].join('\n'),
  );

  const result = await runOnce(bundle);
  output.text(onceText(result));

  const options = { bundle: `${BUNDLE}@${bundle.version}`, commission: COMMISSION };
  const report = await runWithProgress(session, {}, (control) =>
    searchStrategy({ ...control, file: STRATEGY, market: options, search: 'grid', study }),
  );
  if (report.stopped === 'interrupted') {
    session.exitCode = 130;
    output.note('The demo was interrupted.');
    return output.result(documentOf(bundle, result, report, undefined, null, null, null), () => '');
  }
  const judged = await judgeSearch(report);
  output.text(searchText(report, judged, output));

  const walk = await withWalkProgress(session, {}, (control) =>
    walkForwardOfFile(STRATEGY, { ...control, ...options, ...WALK, search: 'random', trials: WALK_TRIALS }),
  );
  output.text(walkText(walk));
  writeReport(reportFile, renderReport(await studyModel(readStudyRecord(study), judged)));
  writeReport(walkFile, renderReport(walkForwardModel(walk)));
  output.result(documentOf(bundle, result, report, judged, walk, reportFile, walkFile), () =>
    [
      '5  Reports',
      `   ${reportFile}: the search; open it in a browser.`,
      `   ${walkFile}: the walk-forward.`,
      '',
      nextSteps(session, report, study),
    ].join('\n'),
  );
}

function walkText({ windows, trials, stitched, efficiency, seconds }: WalkForwardResult): string {
  const { metrics } = stitched;
  const facts = [
    `annual return ${formatMetric('annualReturn', metrics.annualReturn)}`,
    `max drawdown ${formatMetric('maxDrawdown', metrics.maxDrawdown)}`,
    `sharpe ${formatMetric('sharpe', metrics.sharpe)}`,
  ];
  return [
    '4  A walk-forward',
    `   Searched on ${WALK.train}, traded on the ${WALK.test} behind them: ${counted(windows.length, 'window')}, ${formatCount(trials.total)} trials in ${seconds.toFixed(1)} s.`,
    '   What was traded, on prices that no parameter had seen:',
    `   ${facts.join(', ')}`,
    `   Efficiency ${formatMetric('ratio', efficiency)}: what of the in-sample sharpe was left.`,
    '',
  ].join('\n');
}

async function runOnce({ directory }: WrittenBundle): Promise<BacktestResult> {
  const { strategy } = await loadStrategy(STRATEGY);
  using bundle = openBundle(directory);
  return backtest(strategy, { bundle, params: PARAMS, commission: COMMISSION });
}

function onceText({ startingCash, endingEquity, metrics }: BacktestResult): string {
  const facts = [
    `annual return ${formatMetric('annualReturn', metrics.annualReturn)}`,
    `max drawdown ${formatMetric('maxDrawdown', metrics.maxDrawdown)}`,
    `sharpe ${formatMetric('sharpe', metrics.sharpe)}`,
    counted(metrics.trades ?? 0, 'trade'),
  ];
  return [
    '2  One backtest',
    `   sma-crossover ${paramsText(PARAMS)}, commission ${COMMISSION}`,
    `   ${formatMoney(startingCash.toString())} becomes ${formatMoney(endingEquity.toString())}:`,
    `   ${facts.join(', ')}`,
    '',
  ].join('\n');
}

function searchText(
  report: StudyReport,
  judged: JudgedStudy | undefined,
  style: { readonly width: number; readonly color: boolean },
): string {
  const { trials, workers, seconds, trialsPerSecond, top, objective } = report;
  return [
    '3  A search',
    `   All ${formatCount(trials.total)} combinations on ${counted(workers, 'core')} in ${seconds.toFixed(1)} s: ${formatNumber(trialsPerSecond, 0)} backtests a second.`,
    '',
    rankedTable(top.slice(0, TOP), [objective.metric], style),
    '',
    ...(judged === undefined
      ? [`The best of ${counted(trials.complete, 'trial')} is partly luck: judge it on data that took no part.`]
      : overfittingText(judged, style.width - 3)
    ).map((line) => `   ${line}`),
    '',
  ].join('\n');
}

function nextSteps({ output: { program } }: Session, { best }: StudyReport, study: string): string {
  return [
    'Next',
    ...(best === undefined ? [] : [`   ${program} reproduce ${study} --trial ${best.number}`]),
    `   ${program} bundles show ${BUNDLE}`,
    `   ${program} ingest csv YOUR-PRICES/*.csv --bundle mine`,
    `   ${program} optimize ${relative(process.cwd(), STRATEGY)} --bundle mine --study mine.log`,
    `   ${program} walkforward ${relative(process.cwd(), STRATEGY)} --bundle mine \\\n     --train 2y --test 6m`,
  ].join('\n');
}

function documentOf(
  bundle: WrittenBundle,
  result: BacktestResult,
  report: StudyReport,
  judged: JudgedStudy | undefined,
  walk: WalkForwardResult | null,
  reportFile: string | null,
  walkFile: string | null,
): object {
  return {
    synthetic: true,
    bundle: { name: bundle.name, version: bundle.version },
    backtest: {
      params: PARAMS,
      startingCash: result.startingCash.toString(),
      endingEquity: result.endingEquity.toString(),
      metrics: metricsDocument(result.metrics),
      orderStreamHash: result.orderStreamHash,
    },
    // The first five minutes are short: the command lookahead makes the proof.
    optimize: { ...studyDocument(report, TOP, judged), lookahead: null },
    walkForward: walk === null ? null : { ...walkForwardDocument(walk), report: walkFile },
    report: reportFile,
  };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new UsageError('FOLDER_UNUSABLE', {
      message: `Cannot make the folder ${folder}: ${(cause as Error).message}. Choose another place.`,
      details: { folder },
      cause,
    });
  }
}

/** Yesterday's demo may go; a study of yours that happens to have its name may not. */
function removeOldStudy(path: string): void {
  if (!existsSync(path)) return;
  if (!isDemo(path)) {
    throw new UsageError('STUDY_EXISTS', {
      message: `${path} exists and is not the demo's. Move it away, or give another folder: hindcast demo --out FOLDER.`,
      details: { path },
    });
  }
  rmSync(path);
  rmSync(sessionValuesPath(path), { force: true });
}

function isDemo(path: string): boolean {
  try {
    const { facts } = readStudyRecord(path);
    return facts.synthetic && facts.bundleName === BUNDLE;
  } catch {
    return false;
  }
}

function refuseOtherSample(store: BundleStore): void {
  const newest = store.versionsOf(BUNDLE).at(-1);
  if (newest === undefined) return;
  using bundle = openBundle(join(store.directory, BUNDLE, newest.version));
  if (bundle.manifest.synthetic === true) return;
  throw new UsageError('SAMPLE_EXISTS', {
    message: `A bundle '${BUNDLE}' of real data is here already. Run the demo with another store: HINDCAST_HOME=FOLDER hindcast demo.`,
    details: { bundle: BUNDLE, store: store.directory },
  });
}
