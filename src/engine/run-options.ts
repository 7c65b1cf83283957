import { type Amount, toScaled } from '../core/decimal.js';
import { UsageError } from '../core/errors.js';
import { Rounding } from '../core/scaled-integer.js';
import { nearestHint, rejectUnknownKeys } from '../core/suggest.js';
import { parseCommission, parseSlippage } from '../execution/models.js';
import type { Unaffordable } from '../portfolio/account.js';
import type { FillRule } from './simulated-broker.js';

/** How a run trades, whatever the strategy and the data. */
export interface RunOptions {
  /** Opening cash, above 0. @defaultValue 100,000 */
  readonly cash?: Amount | undefined;
  /** Where orders fill. @defaultValue 'next-open' */
  readonly fill?: FillRule | undefined;
  /** `none`, `percent:0.001`, `per-share:0.005,min=1`. @defaultValue 'none' */
  readonly commission?: string | undefined;
  /** `none`, `bps:5`. @defaultValue 'none' */
  readonly slippage?: string | undefined;
  /** What becomes of an order that cash cannot pay, fee included. @defaultValue 'trim' */
  readonly unaffordable?: Unaffordable | undefined;
  /** Bars in a year, for annual figures. @defaultValue the calendar's sessions a year, times the bars of a session */
  readonly annualization?: number | undefined;
}

/** Run options with every choice made: plain data that crosses threads and is written into journals. */
export interface ResolvedRunOptions {
  /** An exact decimal. */
  readonly cash: string;
  readonly fill: FillRule;
  readonly commission: string;
  readonly slippage: string;
  readonly unaffordable: Unaffordable;
  readonly annualization: number | undefined;
}

export const RUN_OPTION_KEYS = ['cash', 'fill', 'commission', 'slippage', 'unaffordable', 'annualization'] as const;

const FILL_RULES: readonly FillRule[] = ['next-open', 'next-close', 'same-close'];
const UNAFFORDABLE: readonly Unaffordable[] = ['trim', 'reject'];

/** Decimals of money inside an account; a venue's own rounding would apply where it settles. */
export const MONEY_DECIMALS = 8;

/** Checks and completes run options. Throws UsageError naming the option and the value. */
export function resolveRunOptions(options: RunOptions): ResolvedRunOptions {
  rejectUnknownKeys('the run', options, RUN_OPTION_KEYS);
  const { cash = 100_000, fill = 'next-open', commission = 'none', slippage = 'none', unaffordable = 'trim' } = options;
  const amount = toScaled(cash, MONEY_DECIMALS, Rounding.Down, "option 'cash'");
  if (amount.sign() <= 0) {
    throw new UsageError('INVALID_OPTION', {
      message: `Option 'cash' is an amount above 0, not ${String(cash)}.`,
      details: { option: 'cash' },
    });
  }
  oneOf('fill', fill, FILL_RULES);
  oneOf('unaffordable', unaffordable, UNAFFORDABLE);
  const { annualization } = options;
  if (annualization !== undefined && !(Number.isFinite(annualization) && annualization > 0)) {
    throw new UsageError('INVALID_OPTION', {
      message: `Option 'annualization' is the number of bars in a year, above 0, not ${String(annualization)}.`,
      details: { option: 'annualization' },
    });
  }
  return Object.freeze({
    cash: amount.toString(MONEY_DECIMALS),
    fill,
    commission: parseCommission(commission).specification,
    slippage: parseSlippage(slippage).specification,
    unaffordable,
    annualization,
  });
}

function oneOf(option: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) {
    throw new UsageError('INVALID_OPTION', {
      message: `Option '${option}' is one of ${known.join(', ')}, not '${value}'.${nearestHint(value, known)}`,
      details: { option, value, known },
    });
  }
}
