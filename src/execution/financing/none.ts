import type { FinancingModel } from './financing.js';

/** Charges nothing. */
export const noFinancing: FinancingModel = {
  specification: 'none',
  isFree: true,
  charge: (out) => out.clear(),
  reset: () => {},
};
