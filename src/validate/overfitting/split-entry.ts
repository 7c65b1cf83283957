import type { CreateRunner, Runner } from '../../parallel/executor.js';
import { type Beginning, Splits, type SplitsHandle } from './cscv.js';

/** Judges parts of the splits that a handle brings: what it finds lies in their memory. */
export const createRunner: CreateRunner<Beginning, null> = async (setup): Promise<Runner<Beginning, null>> => {
  const splits = new Splits(setup as SplitsHandle);
  return {
    run: (beginning) => {
      splits.judge(beginning);
      return null;
    },
  };
};
