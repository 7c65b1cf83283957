import type { Command } from 'commander';
import { SESSION_VALUE_BYTES } from '../optimize/session-values.js';
import type { SearchControl, StudyReport } from '../optimize/study-run.js';
import type { Executor } from '../parallel/executor.js';
import type { RecordingSink } from '../profiling/recorder.js';
import { formatCount } from '../report/index.js';
import { judgeSearch } from '../validate/judged-study.js';
import type { LookaheadReport } from '../validate/lookahead.js';
import type { Selection } from '../validate/selection.js';
import { cacheOptions } from './cache-options.js';
import { lookaheadDocument, lookaheadText } from './lookahead-document.js';
import { openProfile, PROFILE_HELP, type ProfileResult } from './profile-option.js';
import { ProgressDisplay } from './progress.js';
import { chooseTrial, chosenDocument, selectionOf } from './robust-choice.js';
import type { Session } from './session.js';
import { allTrials, firstFailed, studyDocument, studyText, verdictText } from './study-document.js';
import { counted } from './text-blocks.js';
import { duration, wholeNumber } from './values.js';

/** What the options of a running search are read into. */
export interface SearchFlags {
  readonly jobs?: number;
  readonly timeout?: number;
  readonly trialTimeout?: number;
  readonly workerMemory?: number;
  readonly all?: true;
  readonly top?: number;
  readonly lookahead?: boolean;
  readonly overfitting?: boolean;
  readonly select?: string;
  readonly profile?: string;
}

/** Workers of a search that has ended, for as long as nobody interrupts. */
interface Workers {
  readonly executor: Executor;
  readonly signal: AbortSignal;
  readonly display: ProgressDisplay;
}

/** Starts a search under the given control. */
type StartSearch = (control: SearchControl) => Promise<StudyReport>;

/** Proves that the best trial of a search does not look ahead; undefined where that is not done in passing. */
type ProveBest = (report: StudyReport, by?: Workers) => Promise<LookaheadReport | undefined>;

/** What is asked about a search that has ended. */
interface Asked {
  readonly flags: SearchFlags;
  readonly prove: ProveBest;
  readonly selection: Selection | undefined;
}

/** Rows of the ranked table. */
const DEFAULT_TOP = 10;

/** Adds the options of running a search: the same for a new one and one that goes on. */
export function addSearchOptions(command: Command): Command {
  return command
    .option(
      '--jobs <count>',
      'worker threads; 1 uses none, -1 all cores (default: -1)',
      wholeNumber('jobs', { min: 1, allowed: [-1] }),
    )
    .option('--timeout <span>', 'start no trial after 90s, 5m, 2h (default: none)', duration('timeout'))
    .option('--trial-timeout <span>', 'a trial that takes longer fails (default: none)', duration('trial-timeout'))
    .option(
      '--worker-memory <mib>',
      "heap of a worker; a trial that needs more fails (default: Node's own)",
      wholeNumber('worker-memory', { min: 8 }),
    )
    .option('--top <count>', `best trials shown (default: ${DEFAULT_TOP})`, wholeNumber('top', { min: 1 }))
    .option(
      '--select <rule>',
      'rank by plateaus too, the mean over a trial and its nearest: plateau, plateau:12 with 12 (default: the best alone)',
    )
    .option('--all', 'add every trial to the JSON document')
    .option('--profile <folder>', PROFILE_HELP)
    .option('--no-lookahead', 'skip the proof that the best trial does not look ahead')
    .option('--no-overfitting', 'skip the statistics of how far the best trial can be luck');
}

/**
 * Runs a search with progress and Ctrl-C, and prints what it found: for people as soon as it has ended, and below it what is to be thought of that, when
 * that is known. Ends with 130 when it was interrupted, with 1 when every trial failed.
 */
export async function search(
  session: Session,
  flags: SearchFlags,
  start: StartSearch,
  prove: ProveBest,
): Promise<void> {
  const asked: Asked = { flags, prove, selection: selectionOf(flags.select) };
  const profiling = await openProfile(flags.profile);
  using profiled = await profiling?.start();
  // A profile is of the search alone, so what follows waits for it.
  const onFound =
    profiling === undefined
      ? (found: StudyReport, by: Workers) => printFound(session, asked, found, { by })
      : undefined;
  const report = await runWithProgress(session, flags, start, profiled?.sink, onFound);
  const profile = await profiled?.finish(`${report.strategy.name} on ${report.bundle.name}`, {
    name: 'trial',
    count: report.trialsRun,
  });
  if (onFound === undefined) await printFound(session, asked, report, { profile });
  await conclude(session, report);
}

/** Prints what a search found, the table first, asks what is to be thought of it, and prints that: before its threads have ended, where there are any. */
async function printFound(
  { output }: Session,
  { flags, prove, selection }: Asked,
  report: StudyReport,
  { by, profile }: { readonly by?: Workers; readonly profile?: ProfileResult | undefined },
): Promise<void> {
  const { top = DEFAULT_TOP } = flags;
  const chosen = selection && (await chooseTrial(report, selection));
  by?.display.say(undefined);
  output.text(studyText(report, top, output, chosen));
  const checks = new Checks(report, by?.display);
  const proving = flags.lookahead === false ? undefined : checks.of('does it look ahead?', prove(report, by));
  const judging = report.sessionValues && checks.of('is it luck?', judgeSearch(report));
  const [judged, proof] = await Promise.all([judging, proving]);
  const all = flags.all === true ? { name: 'all', items: allTrials(report) } : undefined;
  const document = {
    ...studyDocument(report, top, judged, chosen),
    ...(selection === undefined ? {} : { selected: chosen === undefined ? null : chosenDocument(chosen) }),
    lookahead: proof === undefined ? null : lookaheadDocument(proof),
    ...(profile === undefined ? {} : { profile: profile.document }),
  };
  const text = [
    ...verdictText(report, judged, output),
    ...(profile === undefined ? [] : ['', profile.text(output)]),
  ].join('\n');
  if (output.json || text !== '') await output.resultWith(document, all, () => text);
  if (proof?.clean === false) output.warn(`The best trial does not pass.\n${lookaheadText(proof).join('\n')}`);
}

/** What is asked about the best trial, on the progress line until it is answered. */
class Checks {
  readonly #best: number | undefined;
  readonly #display: ProgressDisplay | undefined;
  readonly #open = new Set<string>();

  constructor({ best, stopped }: StudyReport, display: ProgressDisplay | undefined) {
    this.#best = best?.number;
    this.#display = stopped === 'interrupted' ? undefined : display;
  }

  /** Returns the answer, and shows the question until then. */
  async of<T>(question: string, answer: Promise<T>): Promise<T> {
    this.#open.add(question);
    this.#tell();
    try {
      return await answer;
    } finally {
      this.#open.delete(question);
      this.#tell();
    }
  }

  #tell(): void {
    if (this.#best === undefined) return;
    this.#display?.say(this.#open.size === 0 ? undefined : `Trial ${this.#best}: ${[...this.#open].join(' ')}`);
  }
}

/** Runs a search with progress and Ctrl-C. */
export async function runWithProgress(
  session: Session,
  {
    jobs,
    timeout,
    trialTimeout,
    workerMemory,
    overfitting = true,
  }: Pick<SearchFlags, 'jobs' | 'timeout' | 'trialTimeout' | 'workerMemory' | 'overfitting'>,
  start: StartSearch,
  profile?: RecordingSink,
  onFound?: (report: StudyReport, by: Workers) => Promise<void>,
): Promise<StudyReport> {
  const { io, log, output } = session;
  using display = new ProgressDisplay(session);
  using interruption = io.interruptible(() => {
    display.interrupt('Stopping; finished trials are kept. Ctrl-C again kills at once.');
  });
  const report = await start({
    jobs,
    timeoutMs: timeout,
    trialTimeoutMs: trialTimeout,
    heapLimitMb: workerMemory,
    growing: true,
    profile,
    ...cacheOptions(session),
    signal: interruption.signal,
    sessionValueBytes: overfitting ? SESSION_VALUE_BYTES : undefined,
    onWarning: (message) => output.warn(message),
    onFound: onFound && ((found, executor) => onFound(found, { executor, signal: interruption.signal, display })),
    onStart: (begun) => log.info({ event: 'search-started', ...begun }),
    onProgress: ({ done, found, total, best, pruned, failed, elapsedMs, workers }) =>
      display.show({
        done,
        total,
        doneBefore: found,
        elapsedMs,
        best: best === undefined ? undefined : { name: 'value', value: best.value, number: best.number },
        pruned,
        failed,
        workers,
      }),
  });
  const { trials, workers, seconds, startupSeconds, stopped } = report;
  if (interruption.signal.aborted && stopped !== 'interrupted') {
    session.exitCode = 130;
    output.note('Interrupted when the search was done: the best trial is not proved to know nothing of its future.');
  }
  log.info({ event: 'search-finished', trials, workers, seconds, startupSeconds, stopped });
  return report;
}

/** Sets the exit code, and says what the user should know of how the search ended. */
async function conclude(session: Session, report: StudyReport): Promise<void> {
  const { output } = session;
  const { stopped, trials, study } = report;
  const resume =
    study.path === undefined
      ? 'It was in memory; --study FILE keeps one.'
      : `Go on with:\n  ${output.program} resume ${study.path}`;
  const failed = await firstFailed(report);
  if (stopped === 'interrupted') {
    session.exitCode = 130;
    output.note(`Interrupted with ${counted(trials.total, 'trial')} finished. ${resume}`);
  } else if (stopped === 'timeout') {
    output.note(`The deadline ended the search with ${counted(trials.total, 'trial')}. ${resume}`);
  }
  if (failed === undefined) return;
  const first = `trial ${failed.number}: ${failed.reason}`;
  if (trials.failed < trials.total)
    output.warn(`${formatCount(trials.failed)} of ${formatCount(trials.total)} trials failed; the first is ${first}`);
  else {
    if (session.exitCode === 0) session.exitCode = 1;
    const { failed: count } = trials;
    output.error({
      code: 'EVERY_TRIAL_FAILED',
      message:
        count === 1
          ? `The only trial failed: ${failed.reason}`
          : `All ${formatCount(count)} trials failed; the first is ${first}`,
      details: {},
    });
  }
}
