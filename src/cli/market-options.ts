import type { Command } from 'commander';
import { UsageError } from '../core/errors.js';
import { BundleStore } from '../data/store.js';
import type { Delisting } from '../engine/corporate-actions.js';
import type { FillRule } from '../engine/fill-rule.js';
import type { MarketOptions } from '../engine/market.js';
import type { ExitsFrom } from '../engine/resting-orders.js';
import type { Liquidation } from '../engine/simulated-broker.js';
import type { IntrabarRule, StopLimitRule } from '../execution/matching.js';
import type { Frequency } from '../market/bars.js';
import type { Sizing, Unaffordable } from '../portfolio/account.js';
import { refuseHoldout } from '../validate/holdout.js';
import { anyNumber, list, positiveNumber, wholeNumber } from './values.js';

/** What the market options of a command line are read into. */
export interface MarketFlags {
  readonly bundle?: string;
  readonly symbols?: string[];
  readonly frequency?: string;
  readonly start?: string;
  readonly end?: string;
  readonly cash?: string;
  readonly fill?: string;
  readonly commission?: string;
  readonly slippage?: string;
  readonly unaffordable?: string;
  readonly account?: string;
  readonly borrow?: string;
  readonly financing?: string;
  readonly withholding?: number;
  readonly delisting?: string;
  readonly intrabar?: string;
  readonly timeInForce?: string;
  readonly exitsFrom?: string;
  readonly stopLimits?: string;
  readonly sizing?: string;
  readonly liquidate?: string;
  readonly delay?: number;
  readonly annualization?: number;
  readonly benchmark?: string;
}

/** Adds the options that say on what and how to trade: the same for one run and for a search. */
export function addMarketOptions(command: Command): Command {
  return command
    .option('--bundle <name>', 'the market (required); NAME@HASH is one version of it')
    .option('--symbols <list>', 'symbols A,B (default: all of the bundle)', list('symbols'))
    .option('--start <date>', 'first session, YYYY-MM-DD (default: the first)')
    .option('--end <date>', 'last session, inclusive (default: the last)')
    .option('--frequency <length>', 'bars of 1m, 1h, 1d, ... (default: the shortest of the bundle)')
    .option('--cash <amount>', 'opening cash (default: 100000)')
    .option('--commission <model>', "none, percent:0.001, per-share:0.005,min=1, ... (default: the strategy's)")
    .option('--slippage <model>', "none, bps:5, volume-share:0.025,0.1, ... (default: the strategy's)")
    .option('--fill <rule>', 'next-open, next-close, same-close (default: next-open)')
    .option('--unaffordable <rule>', 'trim or reject what cash cannot pay (default: trim)')
    .option('--account <kind>', 'cash, margin:initial=0.5,maintenance=0.25, margin:leverage=10 (default: cash)')
    .option('--borrow <model>', 'none, borrow:0.03 a year on short positions (default: none)')
    .option('--financing <model>', 'none, interest:0.05,credit=0.01 a year on cash (default: none)')
    .option('--withholding <share>', 'share of a dividend withheld as tax (default: 0)', anyNumber('withholding'))
    .option('--delisting <rule>', 'hold or close a position whose data end early (default: hold)')
    .option(
      '--intrabar <rule>',
      'pessimistic or optimistic where a bar is silent, or its close alone (default: pessimistic)',
    )
    .option('--time-in-force <word>', 'gtc or day, of orders that say nothing (default: gtc)')
    .option('--exits-from <bar>', 'exits of a bracket work from the entry-bar or the next-bar (default: entry-bar)')
    .option('--stop-limits <rule>', 'stop-limits are judged from-open or by the whole-bar (default: from-open)')
    .option('--sizing <rule>', 'orders for money: fractional, whole-units or unit-cost (default: fractional)')
    .option('--liquidate <when>', 'close what is held: never, last-open or last-close (default: never)')
    .option(
      '--delay <bars>',
      'bars that an order takes to reach the market (default: 0)',
      wholeNumber('delay', { min: 0 }),
    )
    .option('--annualization <bars>', "bars in a year (default: the calendar's own)", positiveNumber('annualization'))
    .option('--benchmark <symbol>', 'symbol of the bundle to compare with (default: none)');
}

/**
 * Returns the options of a market from the command line's; the engine checks their values.
 * @throws UsageError `MISSING_BUNDLE` naming what is ingested, `HOLDOUT_LOCKED` for a period that reaches into what is held out
 */
export function marketOptionsOf(flags: MarketFlags): MarketOptions & { readonly bundle: string } {
  const {
    bundle = missingBundle('--bundle NAME'),
    symbols,
    start,
    end,
    cash,
    commission,
    slippage,
    delay,
    annualization,
    benchmark,
  } = flags;
  refuseHoldout(bundle, end);
  return {
    bundle,
    symbols,
    start,
    end,
    frequency: flags.frequency as Frequency | undefined,
    cash,
    fill: flags.fill as FillRule | undefined,
    commission,
    slippage,
    unaffordable: flags.unaffordable as Unaffordable | undefined,
    account: flags.account,
    borrow: flags.borrow,
    financing: flags.financing,
    withholding: flags.withholding,
    delisting: flags.delisting as Delisting | undefined,
    intrabar: flags.intrabar as IntrabarRule | undefined,
    timeInForce: flags.timeInForce as 'gtc' | 'day' | undefined,
    exitsFrom: flags.exitsFrom as ExitsFrom | undefined,
    stopLimits: flags.stopLimits as StopLimitRule | undefined,
    sizing: flags.sizing as Sizing | undefined,
    liquidate: flags.liquidate as Liquidation | undefined,
    delay,
    annualization,
    benchmark,
  };
}

/** Refuses a command line that names no bundle. `usage` is what to write; the bundles that are here are named. */
export function missingBundle(usage: string): never {
  const known = new BundleStore().names();
  const here =
    known.length === 0 ? 'None is ingested yet; see: hindcast ingest --help.' : `Here are: ${known.join(', ')}.`;
  throw new UsageError('MISSING_BUNDLE', { message: `Say which bundle: ${usage}. ${here}`, details: { known } });
}
