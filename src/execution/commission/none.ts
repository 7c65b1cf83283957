import type { CommissionModel } from './commission.js';

/** Charges nothing. */
export const noCommission: CommissionModel = {
  specification: 'none',
  reads: 'fill',
  charge: (out) => out.clear(),
  estimatedRate: () => 0,
};
