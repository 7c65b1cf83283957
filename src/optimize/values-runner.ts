import type { MarketView } from '../engine/market-view.js';
import type { GivenParams } from '../engine/params.js';
import { sessionEnds } from '../engine/sessions-of-run.js';
import type { CreateRunner } from '../parallel/executor.js';
import type { ValuesTask } from './session-values.js';

import { openTrials, type TrialSetup } from './trial-runner.js';

/** Runs trials again for nothing but their account value at the end of each session. */
export const createRunner: CreateRunner<ValuesTask, Float64Array> = async (given) => {
  const setup = given as TrialSetup;
  const trials = await openTrials(setup, 1);
  const { simulations, space } = trials;
  const { seed } = setup;
  let seen: MarketView | undefined;
  let ends: Int32Array | undefined;
  return {
    run: ({ stream, params }) =>
      simulations.use(
        'whole',
        (view) => [view],
        ([simulation], view) => {
          if (view !== seen) ends = sessionEnds(view);
          seen = view;
          simulation!.summary({ params: space.fromFlat(params) as GivenParams, seed, randomLabels: ['trial', stream] });
          return simulation!.sessionValues(ends, new Float64Array(ends?.length ?? view.to - view.from));
        },
      ),
    dispose: () => trials[Symbol.dispose](),
  };
};
