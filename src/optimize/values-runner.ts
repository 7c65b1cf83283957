import type { GivenParams } from '../engine/params.js';
import { gatherSessionValues, sessionEnds } from '../engine/sessions-of-run.js';
import type { CreateRunner } from '../parallel/executor.js';
import type { ValuesTask } from './session-values.js';

import { openTrials, type TrialSetup } from './trial-runner.js';

/** Runs trials again for nothing but their account value at the end of each session. */
export const createRunner: CreateRunner<ValuesTask, Float64Array> = async (given) => {
  const setup = given as TrialSetup;
  const { simulation, space, bundle, view, dispose } = await openTrials(setup);
  const ends = sessionEnds(view);
  return {
    run({ stream, params }) {
      try {
        const input = { params: space.fromFlat(params) as GivenParams, seed: setup.seed };
        simulation.summary({ ...input, randomLabels: ['trial', stream] });
        return gatherSessionValues(ends, simulation.equity, new Float64Array(ends?.length ?? view.to - view.from));
      } finally {
        bundle.restore();
      }
    },
    dispose,
  };
};
