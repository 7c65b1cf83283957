import { UsageError } from '../core/errors.js';
import type { CommissionModel } from './commission/commission.js';
import { noCommission } from './commission/none.js';
import { perShareCommission } from './commission/per-share.js';
import { percentCommission } from './commission/percent.js';
import { type ModelForm, type ModelNumber, parseSpecification } from './model-specification.js';
import { basisPointSlippage } from './slippage/basis-points.js';
import { noSlippage } from './slippage/none.js';
import type { SlippageModel } from './slippage/slippage.js';

const COMMISSIONS: Readonly<Record<string, ModelForm>> = {
  none: { usage: 'none', positional: 0, named: [] },
  percent: { usage: 'percent:RATE', positional: 1, named: [] },
  'per-share': { usage: 'per-share:AMOUNT[,min=FEE]', positional: 1, named: ['min'] },
};

const SLIPPAGES: Readonly<Record<string, ModelForm>> = {
  none: { usage: 'none', positional: 0, named: [] },
  bps: { usage: 'bps:POINTS', positional: 1, named: [] },
};

/** Basis points in a price. */
const WHOLE_PRICE = 10_000;

/** Returns the commission model written as `none`, `percent:0.001` or `per-share:0.005,min=1`; throws UsageError otherwise. */
export function parseCommission(text: string): CommissionModel {
  const { name, positional, named } = parseSpecification('commission', text, COMMISSIONS);
  if (name === 'percent') return percentCommission(positional[0]!);
  if (name === 'per-share') return perShareCommission(positional[0]!, named.min);
  return noCommission;
}

/** Returns the slippage model written as `none` or `bps:5`, below 10,000 points; throws UsageError otherwise. */
export function parseSlippage(text: string): SlippageModel {
  const { name, positional } = parseSpecification('slippage', text, SLIPPAGES);
  return name === 'bps' ? basisPointSlippage(belowWholePrice(positional[0]!, text)) : noSlippage;
}

/** A sale that slips by the whole price would be given away, and beyond it be paid for. */
function belowWholePrice(points: ModelNumber, text: string): ModelNumber {
  if (points.value < WHOLE_PRICE) return points;
  throw new UsageError('INVALID_MODEL', {
    message: `The slippage '${text}' takes the whole price of a sale. Give less than 10000: one point is a hundredth of a per cent.`,
    details: { what: 'slippage', text },
  });
}
