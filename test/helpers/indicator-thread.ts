// A thread that wants indicator columns from a shared arena and reports what it got.
import { parentPort, workerData } from 'node:worker_threads';
import { type ArenaHandle, IndicatorArena } from '../../src/indicators/arena.js';
import { DirectIndicators, type IndicatorInputs, SharedIndicators } from '../../src/indicators/columns.js';
import { defineIndicator, sma } from '../../src/indicators/index.js';

/** What a thread is to do. */
export interface IndicatorJob {
  readonly arena: ArenaHandle;
  readonly closes: SharedArrayBuffer;
  /** Lengths of the averages that it wants; of none, it wants the sum below. */
  readonly windows: readonly number[];
  readonly patienceMs: number;
  /** Threads still to come. */
  readonly gate: SharedArrayBuffer;
  /** Row at which it stands still for ever; -1 for none. */
  readonly stopAt: number;
}

const { arena: handle, closes, windows, patienceMs, gate, stopAt } = workerData as IndicatorJob;
const arena = IndicatorArena.attach(handle);
const column = new Float64Array(closes);
const inputs: IndicatorInputs = {
  key: 'closes',
  length: column.length,
  columns: [column],
  kinds: ['price'],
  schedule: undefined,
};

/** A sum that stands still for ever at one row, in the thread that is told to. */
const total = defineIndicator({
  name: 'total',
  inputs: ['close'],
  create: () => {
    let sum = 0;
    let row = 0;
    return {
      warmUp: 1,
      step: (close) => {
        if (row++ === stopAt) {
          parentPort!.postMessage('computing');
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
        }
        sum += close;
        return sum;
      },
    };
  },
});

// All threads begin together: the last one to arrive opens the gate.
const waiting = new Int32Array(gate);
if (Atomics.sub(waiting, 0, 1) === 1) Atomics.notify(waiting, 0);
for (let left = Atomics.load(waiting, 0); left > 0; left = Atomics.load(waiting, 0)) Atomics.wait(waiting, 0, left);

const source = new SharedIndicators(arena, { patienceMs });
const direct = new DirectIndicators();
const recipes = windows.length === 0 ? [total()] : windows.map((length) => sma(length));
const different = recipes.filter((recipe) => {
  const shared = new BigUint64Array(source.columns(recipe, inputs).outputs.value!.slice().buffer);
  const own = new BigUint64Array(direct.columns(recipe, inputs).outputs.value!.slice().buffer);
  return own.some((bits, row) => bits !== shared[row]);
});
parentPort!.postMessage({
  different: different.length,
  inArena: recipes.every((recipe) => source.columns(recipe, inputs).outputs.value!.buffer === handle),
});
