// A job for every thread of a pool: collects what nobody holds any more. Each task waits for the others, so that every thread has one.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** `arrived`: a shared integer, 0 at first. */
export const createRunner = (arrived, { threads }) => ({
  run() {
    collect();
    const before = Atomics.add(arrived, 0, 1);
    Atomics.notify(arrived, 0);
    const all = (Math.floor(before / threads) + 1) * threads;
    for (let now = Atomics.load(arrived, 0); now < all; now = Atomics.load(arrived, 0)) Atomics.wait(arrived, 0, now);
  },
});
