import { ScaledInteger } from '../core/scaled-integer.js';
import type { BarTicks, PriceTerms } from './matching.js';
import type { TimeInForce } from './order.js';
import { roundToTick } from './tick-rounding.js';
import type { OrderTicket } from './ticket.js';

/** How far an exit or a trailing stop stands from its reference: a share of it, or ticks. */
export type Distance = { readonly share: number } | { readonly ticks: number };

/** Where an exit of a bracket will stand once its entry fills. */
export type ExitPlace =
  | { readonly kind: 'price'; readonly ticks: number }
  | { readonly kind: 'distance'; readonly distance: Distance }
  | { readonly kind: 'trailing'; readonly distance: Distance };

/** An exit that waits for the fill of its entry. */
export interface PlannedExit {
  readonly ticket: OrderTicket;
  readonly role: 'stop-loss' | 'take-profit';
  /** Changed by splits alone. */
  place: ExitPlace;
}

/** What has filled of an order: units without sign, their traded value, and the fees paid. Most orders fill once or never, and need none. */
export class FilledPart {
  readonly units = new ScaledInteger();
  readonly gross = new ScaledInteger();
  readonly fees = new ScaledInteger();
}

/** What makes an order more than a plain market order: prices, duration, partners, and what of it has filled so far. Changed by the broker alone. */
export class OrderTerms implements PriceTerms {
  limit = Number.NaN;
  stop = Number.NaN;
  isTriggered = false;
  trailing: Distance | undefined = undefined;
  /** Whether a trailing stop follows closes alone. */
  followsClose = false;
  /** The best price that a trailing stop has seen, in ticks. */
  best = Number.NaN;
  timeInForce: TimeInForce = 'gtc';
  /** Instant from which on no bar opens for the order, in UTC milliseconds. */
  goodTill = Number.POSITIVE_INFINITY;
  on: 'open' | 'close' | undefined = undefined;
  /** Orders of which one fill cancels the others. */
  partners: readonly OrderTicket[] = [];
  /** Exits that the order's fills bring to life. */
  exits: readonly PlannedExit[] = [];
  /** Whether the order only ever reduces a position: the exit of a bracket. */
  isExit = false;
  /** The order whose fills an exit closes. */
  entry: OrderTicket | undefined = undefined;
  /** Signed units still to fill of an order in units; the two exits of a bracket share one register. */
  left = new ScaledInteger();
  /** Axis row within which an exit was born; -1 for an order that was given between bars. */
  bornWithin = -1;
  /** The asset's tick in the smallest unit of its decimals. */
  readonly tick: number;
  /** What has filled so far, kept where costs hang on it. */
  filledPart: FilledPart | undefined = undefined;
  /** Sum of units times price, for the average. */
  filledValue = 0;

  constructor(tick: number) {
    this.tick = tick;
  }

  /** Whether the order waits for a price. */
  get hasPrice(): boolean {
    return !Number.isNaN(this.limit) || !Number.isNaN(this.stop);
  }

  /** Whether it waits for its stop. */
  get waitsForStop(): boolean {
    return !Number.isNaN(this.stop) && !this.isTriggered;
  }

  /** Lets a trailing stop follow the best price of a bar that has closed. */
  trail(buys: boolean, { high, low, close }: BarTicks): void {
    if (this.trailing === undefined || this.isTriggered) return;
    const reached = this.followsClose ? close : buys ? low : high;
    this.best = buys ? Math.min(this.best, reached) : Math.max(this.best, reached);
    this.stop = awayFrom(this.best, this.trailing, buys ? 1 : -1, this.tick, !buys);
  }

  /** Turns prices and units at a split of `numerator` new shares for `denominator` old ones. */
  turn(
    buys: boolean,
    { numerator, denominator }: { readonly numerator: bigint; readonly denominator: bigint },
    turnUnits: (units: ScaledInteger) => void,
  ): void {
    const factor = Number(denominator) / Number(numerator);
    // Rounded as they were when the order was given: a limit in the favour of the trader, a stop likewise.
    this.limit = roundToTick(this.limit * factor, this.tick, buys);
    this.stop = roundToTick(this.stop * factor, this.tick, !buys);
    this.best *= factor;
    turnUnits(this.left);
    if (this.trailing !== undefined) this.trailing = turned(this.trailing, factor);
    for (const exit of this.exits) {
      const { place } = exit;
      exit.place =
        place.kind === 'price'
          ? { kind: 'price', ticks: Math.round(place.ticks * factor) }
          : { kind: place.kind, distance: turned(place.distance, factor) };
    }
  }
}

/** A distance in the shares after a split. */
const turned = (distance: Distance, factor: number): Distance =>
  'ticks' in distance ? { ticks: distance.ticks * factor } : distance;

/**
 * Returns the price at a distance from another, a multiple of the tick. All are in the smallest unit of the asset's decimals.
 *
 * @param side 1 above, -1 below
 * @param down which way it is rounded in the favour of the trader
 */
export function awayFrom(ticks: number, distance: Distance, side: 1 | -1, tick: number, down: boolean): number {
  const far = 'share' in distance ? ticks * (1 + side * distance.share) : ticks + side * distance.ticks;
  return roundToTick(far, tick, down);
}
