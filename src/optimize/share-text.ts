import type { Frequency } from '../market/bars.js';
import type { Fidelity } from './samplers/sampler.js';

/** What a trial over part of the data fails with whose strategy asks for what the part lacks. */
export const SHARE_LACKS = 'SHARE_LACKS';

/** A fidelity of some kinds. */
export type FidelityOf<Part extends Fidelity['part']> = Extract<Fidelity, { readonly part: Part }>;

/** Returns a share of the data in words, such as `11.1 % of the data`, `3 of 8 symbols` or `1w bars, 20.6 % as many`. */
export function shareText(budget: number, fidelity?: Fidelity): string {
  const share = `${Number((budget * 100).toPrecision(3))} %`;
  if (fidelity?.part === 'symbols') return `${symbolsIn(budget, fidelity)} of ${fidelity.order.length} symbols`;
  if (fidelity?.part === 'frequency') return `${lengthOf(budget, fidelity)} bars, ${share} as many`;
  return `${share} of the data`;
}

/** Returns how many symbols a share of them is. */
export const symbolsIn = (budget: number, { order }: FidelityOf<'symbols'>): number =>
  Math.round(budget * order.length);

/** Returns the length of the bars that a share stands for: it is one of those of the ladder. */
export const lengthOf = (budget: number, { lengths }: FidelityOf<'frequency'>): Frequency =>
  lengths.find(({ share }) => share === budget)!.frequency;
