import { assertInteger } from '../core/assert.js';
import { type Amount, toScaled } from '../core/decimal.js';
import { UsageError } from '../core/errors.js';
import { checkKinds, givenText, type OptionKind } from '../core/option-kind.js';
import { Rounding } from '../core/scaled-integer.js';
import { nearestHint, rejectUnknownKeys } from '../core/suggest.js';
import type { IntrabarRule, StopLimitRule } from '../execution/matching.js';
import { parseBorrow, parseCommission, parseFinancing, parseSlippage } from '../execution/models.js';
import type { Sizing, Unaffordable } from '../portfolio/account.js';
import { parseAccount } from './account-options.js';
import type { Delisting } from './corporate-actions.js';
import type { FillRule } from './fill-rule.js';
import type { ExitsFrom } from './resting-orders.js';
import type { Liquidation } from './simulated-broker.js';

/** How a run trades, whatever the strategy and the data. */
export interface RunOptions {
  /**
   * Opening cash, above 0, of at most 8 decimals; a number of more, as 1e5 / 3 is, is rounded to the nearest amount, half to even.
   * @defaultValue 100,000
   */
  readonly cash?: Amount | undefined;
  /** Where orders fill. @defaultValue 'next-open' */
  readonly fill?: FillRule | undefined;
  /** `percent:0.001`, `per-share:0.005,min=1` and others of docs/concepts/costs.md. @defaultValue the strategy's `costs`, else 'none' */
  readonly commission?: string | undefined;
  /** `bps:5`, `volume-share:0.025,0.1` and others of docs/concepts/costs.md. @defaultValue the strategy's `costs`, else 'none' */
  readonly slippage?: string | undefined;
  /** What becomes of an order that cash cannot pay, fee included. @defaultValue 'trim' */
  readonly unaffordable?: Unaffordable | undefined;
  /** `cash`, `margin` (initial requirement 0.5, maintenance 0.25), `margin:initial=0.3,maintenance=0.2`, `margin:leverage=10`. @defaultValue 'cash' */
  readonly account?: string | undefined;
  /** `none`, or `borrow:0.03` a year on the value of short positions. @defaultValue 'none' */
  readonly borrow?: string | undefined;
  /** `none`, or `interest:0.05,credit=0.01` a year on borrowed cash and on cash at hand. @defaultValue 'none' */
  readonly financing?: string | undefined;
  /** Share of a dividend that is withheld as tax from long positions, at least 0 and below 1. @defaultValue 0 */
  readonly withholding?: number | undefined;
  /** What becomes of a position whose asset's data end before the run does. @defaultValue 'hold' */
  readonly delisting?: Delisting | undefined;
  /**
   * What is assumed of orders that wait for a price where a bar does not say what came first; `close`: that they see closes alone.
   * @defaultValue 'pessimistic'
   */
  readonly intrabar?: IntrabarRule | undefined;
  /** How long orders work that do not say so: until they are cancelled, or to the end of the session (zipline's EODCancel). @defaultValue 'gtc' */
  readonly timeInForce?: 'gtc' | 'day' | undefined;
  /** From which bar on the exits of a bracket work: the bar of their entry, or the next. @defaultValue 'entry-bar' */
  readonly exitsFrom?: ExitsFrom | undefined;
  /** How a stop-limit is judged on its bar: `from-open`, or `whole-bar` of docs/concepts/other-engines.md. @defaultValue 'from-open' */
  readonly stopLimits?: StopLimitRule | undefined;
  /** How orders for money become units: `fractional`, `whole-units`, or `unit-cost` of docs/concepts/other-engines.md. @defaultValue 'fractional' */
  readonly sizing?: Sizing | undefined;
  /** Whether positions are closed at the opening or the close of the run's last bar. @defaultValue 'never' */
  readonly liquidate?: Liquidation | undefined;
  /** Bars that an order takes to reach the market, whole, from 0; exits of a bracket lie there already. @defaultValue 0 */
  readonly delay?: number | undefined;
  /** Bars in a year, for annual figures. @defaultValue the calendar's sessions a year, times the bars of a session */
  readonly annualization?: number | undefined;
  /** Symbol of the bundle that statistics compare a run with; it need not be traded. @defaultValue none */
  readonly benchmark?: string | undefined;
}

/** What a strategy is charged where a run does not say otherwise. */
export type DefaultCosts = Pick<RunOptions, 'commission' | 'slippage' | 'borrow' | 'financing'>;

export const COST_KEYS = [
  'commission',
  'slippage',
  'borrow',
  'financing',
] as const satisfies readonly (keyof DefaultCosts)[];

/** Run options with every choice made: plain data that crosses threads and is written into journals. */
export interface ResolvedRunOptions {
  /** An exact decimal. */
  readonly cash: string;
  readonly fill: FillRule;
  readonly commission: string;
  readonly slippage: string;
  readonly unaffordable: Unaffordable;
  readonly account: string;
  readonly borrow: string;
  readonly financing: string;
  readonly withholding: number;
  readonly delisting: Delisting;
  readonly intrabar: IntrabarRule;
  readonly timeInForce: 'gtc' | 'day';
  readonly exitsFrom: ExitsFrom;
  readonly stopLimits: StopLimitRule;
  readonly sizing: Sizing;
  readonly liquidate: Liquidation;
  /** Undefined for none. */
  readonly delay: number | undefined;
  readonly annualization: number | undefined;
  readonly benchmark: string | undefined;
}

export const RUN_OPTION_KEYS = [
  'cash',
  'fill',
  'commission',
  'slippage',
  'unaffordable',
  'account',
  'borrow',
  'financing',
  'withholding',
  'delisting',
  'intrabar',
  'timeInForce',
  'exitsFrom',
  'stopLimits',
  'sizing',
  'liquidate',
  'delay',
  'annualization',
  'benchmark',
] as const;

/** Returns the run options among options, and the others. */
export function splitRunOptions<T extends RunOptions>(options: T): [RunOptions, Omit<T, keyof RunOptions>] {
  const run: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  const isRun = (key: string): boolean => (RUN_OPTION_KEYS as readonly string[]).includes(key);
  for (const [key, value] of Object.entries(options)) (isRun(key) ? run : rest)[key] = value;
  return [run as RunOptions, rest as Omit<T, keyof RunOptions>];
}

const FILL_RULES: readonly FillRule[] = ['next-open', 'next-close', 'same-close'];
const INTRABAR_RULES: readonly IntrabarRule[] = ['pessimistic', 'optimistic', 'close'];
const EXIT_BARS: readonly ExitsFrom[] = ['entry-bar', 'next-bar'];
const STOP_LIMIT_RULES: readonly StopLimitRule[] = ['from-open', 'whole-bar'];
const SIZINGS: readonly Sizing[] = ['fractional', 'whole-units', 'unit-cost'];
const LIQUIDATIONS: readonly Liquidation[] = ['never', 'last-open', 'last-close'];
const UNAFFORDABLE: readonly Unaffordable[] = ['trim', 'reject'];
const DELISTINGS: readonly Delisting[] = ['hold', 'close'];

const text = (takes: string): OptionKind => ({ takes, accepts: (value) => typeof value === 'string' });

const KINDS: Readonly<Record<string, OptionKind>> = {
  commission: text("a model such as 'percent:0.001'"),
  slippage: text("a model such as 'bps:5'"),
  account: text("a kind of account such as 'margin:leverage=2'"),
  borrow: text("a model such as 'borrow:0.03'"),
  financing: text("a model such as 'interest:0.05'"),
  benchmark: text("a symbol such as 'SPY'"),
};

/** Bars that an order may take to reach the market. */
const MOST_DELAY = 1000;

/** Decimals of money inside an account; a venue's own rounding would apply where it settles. */
export const MONEY_DECIMALS = 8;

/**
 * Checks and completes run options. Throws UsageError naming the option and the value.
 *
 * @param costs the strategy's own, which stand in for what the options leave out
 */
export function resolveRunOptions(options: RunOptions, costs: DefaultCosts = {}): ResolvedRunOptions {
  rejectUnknownKeys('the run', options, RUN_OPTION_KEYS);
  checkKinds(options, KINDS);
  checkKinds(costs, KINDS);
  const { cash = 100_000, fill = 'next-open', unaffordable = 'trim' } = options;
  const commission = options.commission ?? costs.commission ?? 'none';
  const slippage = options.slippage ?? costs.slippage ?? 'none';
  const amount = toScaled(
    cash,
    MONEY_DECIMALS,
    typeof cash === 'number' ? Rounding.HalfEven : 'exact',
    "option 'cash'",
  );
  if (amount.sign() <= 0) {
    throw new UsageError('INVALID_OPTION', {
      message: `Option 'cash' is an amount above 0, not ${String(cash)}.`,
      details: { option: 'cash' },
    });
  }
  oneOf('fill', fill, FILL_RULES);
  oneOf('unaffordable', unaffordable, UNAFFORDABLE);
  const borrow = options.borrow ?? costs.borrow ?? 'none';
  const financing = options.financing ?? costs.financing ?? 'none';
  const { account = 'cash' } = options;
  const { withholding = 0, delisting = 'hold', intrabar = 'pessimistic', timeInForce = 'gtc' } = options;
  oneOf('delisting', delisting, DELISTINGS);
  oneOf('intrabar', intrabar, INTRABAR_RULES);
  oneOf('timeInForce', timeInForce, ['gtc', 'day']);
  const { exitsFrom = 'entry-bar', stopLimits = 'from-open', sizing = 'fractional', liquidate = 'never' } = options;
  oneOf('exitsFrom', exitsFrom, EXIT_BARS);
  oneOf('stopLimits', stopLimits, STOP_LIMIT_RULES);
  if (intrabar === 'close' && stopLimits === 'whole-bar') {
    throw new UsageError('INVALID_OPTION', {
      message:
        "Option 'stopLimits' asks for the whole bar, and 'intrabar' for its close alone. Leave one of the two at its default.",
      details: { option: 'stopLimits', value: stopLimits, intrabar },
    });
  }
  oneOf('sizing', sizing, SIZINGS);
  oneOf('liquidate', liquidate, LIQUIDATIONS);
  if (!(typeof withholding === 'number' && withholding >= 0 && withholding < 1)) {
    throw new UsageError('INVALID_OPTION', {
      message: `Option 'withholding' is the share of a dividend that is withheld, at least 0 and below 1 such as 0.15, not ${givenText(withholding)}.`,
      details: { option: 'withholding' },
    });
  }
  const { annualization, delay = 0 } = options;
  assertInteger("option 'delay'", delay, { min: 0, max: MOST_DELAY });
  if (annualization !== undefined && !(Number.isFinite(annualization) && annualization > 0)) {
    throw new UsageError('INVALID_OPTION', {
      message: `Option 'annualization' is the number of bars in a year, above 0, not ${givenText(annualization)}.`,
      details: { option: 'annualization' },
    });
  }
  return Object.freeze({
    cash: amount.toString(MONEY_DECIMALS),
    fill,
    commission: parseCommission(commission).specification,
    slippage: parseSlippage(slippage).specification,
    unaffordable,
    account: parseAccount(account).specification,
    borrow: parseBorrow(borrow).specification,
    financing: parseFinancing(financing).specification,
    withholding,
    delisting,
    intrabar,
    timeInForce,
    exitsFrom,
    stopLimits,
    sizing,
    liquidate,
    delay: delay === 0 ? undefined : delay,
    annualization,
    benchmark: options.benchmark,
  });
}

function oneOf(option: string, value: unknown, known: readonly string[]): void {
  if (!known.includes(value as string)) {
    const hint = typeof value === 'string' ? nearestHint(value, known) : '';
    throw new UsageError('INVALID_OPTION', {
      message: `Option '${option}' is one of ${known.join(', ')}, not ${givenText(value)}.${hint}`,
      details: { option, value: typeof value === 'string' ? value : givenText(value), known },
    });
  }
}
