// One combination of W2 as a task: of Hindcast's pool (createRunner) and of piscina's (the default export). Bars lie in shared memory.
import { type PlainMarket, plainLevel } from './plain-rules.js';

interface Task {
  readonly market: PlainMarket;
  readonly fast: number;
  readonly slow: number;
  readonly threshold: number;
}

/** Returns the figures of one combination. */
export default function run({ market, fast, slow, threshold }: Task) {
  const own = { ...market, curve: new Float64Array(market.bars) };
  return { fast, slow, threshold, ...plainLevel(own, fast, slow, threshold) };
}

/** The same as a runner of Hindcast's pool. */
export const createRunner = () => ({ run });
