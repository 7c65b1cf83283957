import type { Amount } from '../core/decimal.js';
import { UsageError } from '../core/errors.js';
import { rejectUnknownKeys } from '../core/suggest.js';

/** What a strategy must never do, whatever it decides. Each account is checked for itself; in sleeves, each sleeve's. */
export interface TradingControls {
  /** Worth of all positions, long and short, over the account's value. Checked when an order is given and when it fills. */
  readonly maxLeverage?: number;
  /** Units of one asset, long or short, working orders counted in. */
  readonly maxPosition?: Amount;
  /** Units of one order. */
  readonly maxOrderSize?: Amount;
  /** Money of one order at the last known close; an order in units of an asset without one is a breach. */
  readonly maxOrderValue?: Amount;
  /** Orders of a run. */
  readonly maxOrders?: number;
  /** Orders of a day. */
  readonly maxOrdersPerDay?: number;
  /** No order that would lead to a short position. */
  readonly longOnly?: boolean;
  /** Symbols not to be ordered; those that the run does not have say nothing. */
  readonly restricted?: readonly string[];
  /** `stop` ends the run with a RunError at the first breach; `log` lets the orders pass and logs at the end, once for each control. @defaultValue 'stop' */
  readonly breach?: 'stop' | 'log';
}

/** One of the controls that can be breached. */
export type ControlName = Exclude<keyof TradingControls, 'breach'>;

const KEYS = [
  'maxLeverage',
  'maxPosition',
  'maxOrderSize',
  'maxOrderValue',
  'maxOrders',
  'maxOrdersPerDay',
  'longOnly',
  'restricted',
  'breach',
] as const satisfies readonly (keyof TradingControls)[];

/** Throws UsageError `INVALID_STRATEGY` for controls that say nothing sensible, naming the one and its value. */
export function checkControls(controls: TradingControls): void {
  rejectUnknownKeys('controls', controls, KEYS);
  const refuse = (name: keyof TradingControls, rule: string): UsageError =>
    new UsageError('INVALID_STRATEGY', {
      message: `The control '${name}' is ${rule}, not ${JSON.stringify(controls[name]) ?? 'undefined'}.`,
      details: { control: name },
    });
  for (const name of ['maxOrders', 'maxOrdersPerDay'] as const) {
    const value = controls[name];
    if (value !== undefined && !(Number.isInteger(value) && value >= 0)) throw refuse(name, 'a whole number from 0');
  }
  for (const name of ['maxLeverage', 'maxPosition', 'maxOrderSize', 'maxOrderValue'] as const) {
    const value = controls[name];
    if (value !== undefined && !(Number(value) >= 0 && Number.isFinite(Number(value)))) {
      throw refuse(name, 'a number from 0');
    }
  }
  const { longOnly, restricted, breach } = controls;
  if (longOnly !== undefined && typeof longOnly !== 'boolean') throw refuse('longOnly', 'true or false');
  if (
    restricted !== undefined &&
    !(Array.isArray(restricted) && restricted.every((name) => typeof name === 'string'))
  ) {
    throw refuse('restricted', 'a list of symbols');
  }
  if (breach !== undefined && breach !== 'stop' && breach !== 'log') throw refuse('breach', "'stop' or 'log'");
}
