import type { HindcastError } from '../../src/core/errors.js';

/** Returns what a function throws, or what its promise rejects with. Throws itself where nothing was thrown. */
export async function errorOf(run: () => unknown): Promise<HindcastError> {
  try {
    await run();
  } catch (error) {
    return error as HindcastError;
  }
  throw new Error('nothing was thrown');
}
