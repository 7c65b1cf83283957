// The thread's side of the pool: keeps runners by job, claims tasks from leases, posts results in batches.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { SerializedError } from '../core/errors.js';
import type { Runner } from './executor.js';
import { monotonicNow } from './monotonic-clock.js';
import { portableError } from './portable-error.js';
import type { FromWorker, Results, ToWorker, WorkerBirth } from './protocol.js';
import { createRunnerOf, isThenable } from './runner-host.js';
import { WorkerSlot } from './worker-slot.js';

/** Results are posted at the end of a lease, and between two tasks when the last post is this many milliseconds ago. */
const POST_EVERY = 50;

const port = parentPort as MessagePort;
const birth = workerData as WorkerBirth;
const slot = new WorkerSlot(birth.slot);
const runners = new Map<number, Runner>();
const inbox: ToWorker[] = [];
let handling = false;

// A thread's standard output would land in the process's and corrupt what that prints for machines. Reading it in the
// parent instead would keep the process alive as long as the thread.
process.stdout.write = process.stderr.write.bind(process.stderr);

const recorder =
  birth.recording === undefined
    ? undefined
    : await (await import('../profiling/recorder.js')).Recorder.start(birth.recording);

const post = (message: FromWorker): void => port.postMessage(message);

port.on('message', (message: ToWorker) => {
  inbox.push(message);
  if (!handling) void handleInbox();
});
post({ kind: 'ready' });

async function handleInbox(): Promise<void> {
  handling = true;
  for (let message = inbox.shift(); message !== undefined; message = inbox.shift()) {
    if (message.kind === 'lease') await runLease(message);
    else if (message.kind === 'attach') await attach(message);
    else if (message.kind === 'release') await release(message.job);
    else if (message.kind === 'load') await import(message.module).catch(() => {});
    else await stop();
  }
  handling = false;
}

async function attach(message: Extract<ToWorker, { kind: 'attach' }>): Promise<void> {
  slot.beginSetup(message.job, monotonicNow());
  const answer = await setUp(message);
  slot.endSetup();
  post(answer);
}

async function setUp(message: Extract<ToWorker, { kind: 'attach' }>): Promise<FromWorker> {
  try {
    const { workerId, threads } = birth;
    const progress = (fraction: number): void => slot.progress(fraction);
    runners.set(message.job, await createRunnerOf(message, { workerId, threads, progress }));
    return { kind: 'attached', job: message.job };
  } catch (thrown) {
    return { kind: 'refused', job: message.job, error: portableError(thrown) };
  }
}

async function release(job: number): Promise<void> {
  const runner = runners.get(job);
  runners.delete(job);
  try {
    await runner?.dispose?.();
  } catch (thrown) {
    process.emitWarning(`disposing a runner failed: ${portableError(thrown).message}`);
  }
  post({ kind: 'released', job });
}

async function stop(): Promise<void> {
  if (recorder !== undefined) post({ kind: 'recorded', recording: recorder.stop() });
  for (const job of [...runners.keys()]) await release(job);
  // A timer or socket that a runner left open would keep the thread alive.
  process.exit(0);
}

/** Claims and runs the tasks of a lease; awaits only where a runner returns a promise. */
async function runLease({ job, lease, tasks, prompt }: Extract<ToWorker, { kind: 'lease' }>): Promise<void> {
  const runner = runners.get(job);
  let values: unknown[] = [];
  let milliseconds: number[] = [];
  let failures: [number, SerializedError][] = [];
  let now = monotonicNow();
  const postEvery = prompt ? 0 : POST_EVERY;
  let postAt = now + postEvery;
  while (runner !== undefined) {
    const index = slot.claim(lease);
    if (index < 0) break;
    slot.begin(lease, index, now);
    const startedAt = now;
    let value: unknown;
    try {
      const returned = runner.run(tasks[index]);
      value = isThenable(returned) ? await returned : returned;
    } catch (thrown) {
      value = undefined;
      failures.push([values.length, portableError(thrown)]);
    }
    slot.end();
    now = monotonicNow();
    values.push(value);
    milliseconds.push(now - startedAt);
    if (now >= postAt) {
      postResults({ kind: 'results', lease, values, milliseconds, failures, done: false });
      values = [];
      milliseconds = [];
      failures = [];
      now = monotonicNow();
      postAt = now + postEvery;
    }
  }
  postResults({ kind: 'results', lease, values, milliseconds, failures, done: true });
}

function postResults(results: Results): void {
  try {
    post(results);
  } catch {
    post(withoutUncloneable(results));
  }
}

/** Turns every value that cannot cross threads into a failure of its own task. */
function withoutUncloneable(results: Results): Results {
  const failures = [...results.failures];
  const values = results.values.map((value, at) => {
    try {
      structuredClone(value);
      return value;
    } catch (thrown) {
      const { message } = portableError(thrown);
      const details = { reason: message };
      const text = `The task's result cannot cross threads: ${message} Return plain data: no functions, no promises inside.`;
      failures.push([at, { name: 'RunError', code: 'RESULT_NOT_CLONEABLE', message: text, details }]);
      return undefined;
    }
  });
  failures.sort(([a], [b]) => a - b);
  return { ...results, values, failures };
}
