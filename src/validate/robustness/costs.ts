import type { ScenarioFigures, Scenarios } from './scenarios.js';

/** What {@link costSensitivity} returns. */
export interface CostSensitivity {
  /** What each run was charged by slippage alone, in basis points of each fill's price, ascending, and what came out. */
  readonly points: readonly {
    readonly bps: number;
    readonly totalReturn: number | undefined;
    readonly sharpe: number | undefined;
    readonly endingEquity: string;
  }[];
  /**
   * Basis points of slippage at which the run ends with what it began with, to a hundredth; 0 where it loses without any, undefined where
   * it gains even at {@link MOST_BPS}.
   */
  readonly breakEvenBps: number | undefined;
}

/** Slippage beyond which nobody trades: a tenth of the price. */
export const MOST_BPS = 1000;

const GRID = [0, 1, 2, 5, 10, 20, 50, 100] as const;
/** Runs that narrow the break-even at a time: as many for any number of workers. */
const AT_ONCE = 4;

/**
 * Runs a strategy under rising slippage in place of its own, its commission staying, and finds the slippage at which nothing is left of its
 * gain.
 */
export async function costSensitivity(scenarios: Scenarios): Promise<CostSensitivity> {
  const at = (bps: readonly number[]): Promise<ScenarioFigures[]> =>
    scenarios.run(bps.map((points) => ({ run: { slippage: points === 0 ? 'none' : `bps:${points}` } })));
  const found = await at(GRID);
  const points = found.map(({ metrics, endingEquity }, index) => ({
    bps: GRID[index]!,
    totalReturn: metrics.totalReturn,
    sharpe: metrics.sharpe,
    endingEquity,
  }));
  const gains = (figures: ScenarioFigures): boolean => (figures.metrics.totalReturn ?? 0) > 0;
  let low = 0;
  let high: number | undefined;
  found.forEach((figures, index) => {
    if (high !== undefined) return;
    if (gains(figures)) low = GRID[index]!;
    else high = GRID[index]!;
  });
  if (high === undefined) {
    const [most] = await at([MOST_BPS]);
    if (gains(most!)) return { points, breakEvenBps: undefined };
    high = MOST_BPS;
  }
  while (high - low > 0.01) {
    const inner = between(low, high);
    if (inner.length === 0) break;
    const tried = await at(inner);
    const failing = tried.findIndex((figures) => !gains(figures));
    low = failing === 0 ? low : inner[failing < 0 ? inner.length - 1 : failing - 1]!;
    high = failing < 0 ? high : inner[failing]!;
  }
  return { points, breakEvenBps: high === 0 ? 0 : low };
}

/** So many values between two others, rounded to hundredths, without either. */
function between(low: number, high: number): number[] {
  const values = new Set<number>();
  for (let k = 1; k <= AT_ONCE; k++) {
    const value = Math.round((low + ((high - low) * k) / (AT_ONCE + 1)) * 100) / 100;
    if (value > low && value < high) values.add(value);
  }
  return [...values];
}
