/** Speed-ups are ratios of times: a saving of 75 % is 4 times as fast, and two of them multiply. */

/** Returns the share of time saved by a speed-up: 4 saves 0.75, 0.5 saves -1. */
export const savingOf = (timeRatio: number): number => 1 - 1 / timeRatio;

/** Returns the speed-up of a saving below 1: 0.7497 is 3.995 times as fast. */
export const timeRatioOf = (saved: number): number => 1 / (1 - saved);

/**
 * Returns the speed-up of several, each measured on top of those before it: their product. Savings in per cent cannot be added: 50 % and
 * 50 % is 75 %.
 */
export const composed = (timeRatios: readonly number[]): number =>
  timeRatios.reduce((product, ratio) => product * ratio, 1);
