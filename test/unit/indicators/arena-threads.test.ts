import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { IndicatorArena } from '../../../src/indicators/arena.js';
import type { IndicatorJob } from '../../helpers/indicator-thread.js';
import { compileModule } from '../../helpers/run-module.js';

interface Job extends Pick<IndicatorJob, 'windows' | 'patienceMs' | 'gate'>, Partial<Pick<IndicatorJob, 'stopAt'>> {
  readonly arena: IndicatorArena;
}

const rows = 20_000;
const closes = new SharedArrayBuffer(8 * rows);
new Float64Array(closes).forEach((_, row, column) => {
  column[row] = (10_000 + ((row * 7919) % 3001)) / 100;
});

const entry = await compileModule(`import './test/helpers/indicator-thread.ts';`);
afterAll(() => rmSync(entry));

function start({ arena, ...job }: Job): Worker {
  const workerData: IndicatorJob = { stopAt: -1, ...job, arena: arena.handle, closes };
  return new Worker(entry, { workerData });
}

/** A gate that opens when so many threads have come. */
function gateFor(threads: number): SharedArrayBuffer {
  const gate = new SharedArrayBuffer(4);
  new Int32Array(gate)[0] = threads;
  return gate;
}

async function report(worker: Worker): Promise<unknown> {
  const [message] = (await once(worker, 'message')) as unknown[];
  return message;
}

describe('IndicatorArena between threads', () => {
  it('computes each of 21 averages once for 4 threads, all with the bits of a recomputation', async () => {
    const arena = IndicatorArena.create({ byteLimit: 2 ** 24, columns: 100 });
    const windows = Array.from({ length: 21 }, (_, k) => 5 + 5 * k);
    const gate = gateFor(4);
    const workers = Array.from({ length: 4 }, (_, k) =>
      // Each begins elsewhere, so that threads meet at columns in every state.
      start({ arena, windows: [...windows.slice(5 * k), ...windows.slice(0, 5 * k)], patienceMs: 60_000, gate }),
    );
    expect(await Promise.all(workers.map(report))).toEqual(new Array(4).fill({ different: 0, inArena: true }));
    expect(arena.statistics()).toMatchObject({
      computed: 21,
      sharedHits: 63,
      takenOver: 0,
      withoutRoom: 0,
      bytes: 21 * rows * 8,
    });
  });

  it('all threads asking for one column at the same moment get one', async () => {
    const arena = IndicatorArena.create({ byteLimit: 2 ** 24, columns: 100 });
    const gate = gateFor(4);
    const workers = Array.from({ length: 4 }, () => start({ arena, windows: [200], patienceMs: 60_000, gate }));
    expect(await Promise.all(workers.map(report))).toEqual(new Array(4).fill({ different: 0, inArena: true }));
    expect(arena.statistics()).toMatchObject({ computed: 1, sharedHits: 3 });
  });

  it('does not wait for ever for a thread that was killed in mid-computation', async () => {
    const arena = IndicatorArena.create({ byteLimit: 2 ** 22, columns: 100 });
    const victim = start({ arena, windows: [], patienceMs: 0, gate: gateFor(1), stopAt: rows / 2 });
    expect(await report(victim)).toBe('computing');
    await victim.terminate();
    const heir = start({ arena, windows: [], patienceMs: 20, gate: gateFor(1) });
    expect(await report(heir)).toEqual({ different: 0, inArena: true });
    expect(arena.statistics()).toMatchObject({ computed: 1, takenOver: 1 });
    // The next thread finds the heir's column as if nothing had happened.
    const third = start({ arena, windows: [], patienceMs: 60_000, gate: gateFor(1) });
    expect(await report(third)).toEqual({ different: 0, inArena: true });
    expect(arena.statistics()).toMatchObject({ computed: 1, takenOver: 1, sharedHits: 1 });
  });

  it('a thread that may not wait computes for itself', async () => {
    const arena = IndicatorArena.create({ byteLimit: 2 ** 22, columns: 100 });
    const busy = start({ arena, windows: [], patienceMs: 0, gate: gateFor(1), stopAt: rows / 2 });
    expect(await report(busy)).toBe('computing');
    const other = start({ arena, windows: [], patienceMs: 0, gate: gateFor(1) });
    expect(await report(other)).toEqual({ different: 0, inArena: false });
    await busy.terminate();
    expect(arena.statistics()).toMatchObject({ computed: 0, takenOver: 0 });
  });
});
