// A process that measures an arm: what it is told to do, as often as it is told, until the channel is closed.
import { serializeError } from '../core/errors.js';
import { importStrategy, loadStrategy } from '../engine/strategy-loader.js';
import { doWork } from './do-work.js';
import { beginPeak, peakRssBytes, pssBytes } from './resources.js';
import type { FromMeasuring, ToMeasuring, Work } from './work.js';

let prepared: { readonly work: Work; readonly compiled: Awaited<ReturnType<typeof loadStrategy>> } | undefined;

async function prepare(work: Work): Promise<FromMeasuring> {
  const compiled =
    work.compiled === undefined
      ? await loadStrategy(work.strategy)
      : { ...work.compiled, strategy: await importStrategy(work.compiled.url, work.strategy) };
  prepared = { work, compiled };
  return { kind: 'ready', sourceHash: compiled.sourceHash };
}

async function measure(): Promise<FromMeasuring> {
  const { work, compiled } = prepared!;
  // What earlier runs left over is not this run's.
  globalThis.gc?.();
  beginPeak();
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const describe = await doWork(work, compiled);
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const sample = { seconds, cpuSeconds: (user + system) / 1e6, peakRssBytes: peakRssBytes(), pssBytes: pssBytes() };
  return { kind: 'done', sample, result: await describe() };
}

/** Does the work once more, recorded: that takes its time, so no run that counts is. */
async function profile(): Promise<FromMeasuring> {
  const { work, compiled } = prepared!;
  const { Profiler } = await import('../profiling/profiler.js');
  using profiler = await Profiler.start();
  await doWork(work, compiled, profiler.sink);
  return { kind: 'profiled', profile: profiler.finish() };
}

const answerTo = (message: ToMeasuring): Promise<FromMeasuring> => {
  if (message.kind === 'prepare') return prepare(message.work);
  return message.kind === 'run' ? measure() : profile();
};

process.on('message', (message: ToMeasuring) => {
  const answer = answerTo(message);
  answer.then(
    (done) => process.send!(done),
    (thrown: unknown) => process.send!({ kind: 'failed', error: serializeError(thrown) } satisfies FromMeasuring),
  );
});
// Threads that a pool keeps do not hold it.
process.once('disconnect', () => process.exit());
