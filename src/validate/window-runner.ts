import { evaluateJoined } from '../optimize/joined-trial.js';
import type { TrialResult, TrialTask } from '../optimize/search.js';
import { evaluate, openTrials, type TrialSetup } from '../optimize/trial-runner.js';
import type { CreateRunner, Runner } from '../parallel/executor.js';
import type { RowRange } from './span.js';

/** The parts of windows on which parameters are chosen. Test rows are not among them: no worker knows where they are. */
export interface ChoosingRows {
  readonly train: readonly RowRange[];
  readonly validate: RowRange | undefined;
}

/** What a worker needs to run the trials of all windows. */
export interface WindowSetup extends TrialSetup {
  /** By place, from 0. */
  readonly windows: readonly ChoosingRows[];
}

/** A trial of one window. */
export interface WindowTask extends TrialTask {
  /** Place of the window, from 0. */
  readonly window: number;
  readonly part: 'train' | 'validate';
}

/** Windows whose simulations a worker keeps ready: several are searched at a time. */
const WINDOWS_KEPT = 16;

/** Opens market and strategy once for all windows; then runs trials, each as if it were the only one. */
export const createRunner: CreateRunner<WindowTask, TrialResult> = async (given) => {
  const setup = given as WindowSetup;
  const trials = await openTrials(setup, WINDOWS_KEPT);
  const { simulations, space } = trials;
  const runner: Runner<WindowTask, TrialResult> = {
    run(task) {
      const { train, validate } = setup.windows[task.window]!;
      return simulations.use(
        `${task.window} ${task.part}`,
        () => (task.part === 'train' ? train : [validate!]),
        (parts) =>
          parts.length === 1 ? evaluate(parts[0]!, space, setup, task) : evaluateJoined(parts, space, setup, task),
      );
    },
    dispose: () => trials[Symbol.dispose](),
  };
  return runner;
};
