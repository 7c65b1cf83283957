import { asEpochMs, type EpochMs } from '../core/brand.js';
import { UsageError } from '../core/errors.js';
import { SeededRandom } from '../core/random.js';
import { didYouMean } from '../core/suggest.js';
import type { BarGroup } from '../data/bundle.js';
import type { Indicator, Reading, Series } from '../indicators/indicator.js';
import type { Asset } from '../market/asset.js';
import type { Field, Frequency } from '../market/bars.js';
import type { DateRule, TimeRule } from '../market/schedule-rules.js';
import { sessionAxis } from '../market/session-axis.js';
import type { Clock } from './clock.js';
import type { Declarations } from './declarations.js';
import type { RunView } from './market-view.js';
import type { ScheduledFunction, ScheduleOptions, Schedules } from './schedule.js';
import type { Context, OrderApi, Portfolio, Setup } from './strategy.js';

/** What a strategy logs: the message, its facts, and where it stood. */
export interface LogEntry {
  readonly time: EpochMs;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What one run gives to the handlers of one strategy instance, beside the objects that live for all runs. */
export interface RunState {
  /** Undefined once everything is declared. */
  declarations: Declarations | undefined;
  readonly schedules: Schedules;
  /** Labels of the random stream: the trial's and the sleeve's. */
  randomLabels: readonly (string | number)[];
  seed: number | string;
  random: SeededRandom | undefined;
  record: (name: string, value: number) => void;
  log: (entry: LogEntry) => void;
}

/**
 * The part that `initialize` and the handlers share. Functions are bound, so that destructuring is safe. What knows more than the
 * clock allows is private at run time too: not every strategy is type-checked.
 */
abstract class CommonContext {
  readonly assets: readonly Asset[];
  readonly asset: Asset;
  readonly portfolio: Portfolio;
  readonly #clock: Clock;
  readonly #view: RunView;
  readonly #run: RunState;

  constructor(parts: ContextParts) {
    this.assets = parts.assets;
    this.asset = parts.assets[0]!;
    this.portfolio = parts.portfolio;
    this.#clock = parts.clock;
    this.#view = parts.view;
    this.#run = parts.run;
  }

  readonly symbol = (name: string): Asset => {
    const asset = this.assets.find(({ symbol }) => symbol === name);
    if (asset !== undefined) return asset;
    const known = this.assets.map(({ symbol }) => symbol);
    throw new UsageError('UNKNOWN_SYMBOL', {
      message: `This run has no symbol '${name}'.${didYouMean(name, known)}`,
      details: { name, known },
    });
  };

  readonly random = (): number => {
    this.#run.random ??= SeededRandom.derive(this.#run.seed, ...this.#run.randomLabels);
    return this.#run.random.next();
  };

  readonly log = (message: string, facts: Readonly<Record<string, unknown>> = {}): void => {
    this.#run.log({ time: this.instant(), message, facts });
  };

  protected instant(): EpochMs {
    const { row, beforeOpen } = this.#clock;
    const { opens, closes } = this.#view.group;
    return asEpochMs(beforeOpen || row < 0 ? opens[row + 1]! : closes[row]!);
  }
}

/** What contexts are made of. */
export interface ContextParts {
  readonly assets: readonly Asset[];
  readonly portfolio: Portfolio;
  readonly clock: Clock;
  readonly view: RunView;
  readonly run: RunState;
}

/** Stands before `initialize`: declares, cannot order. */
export class SetupContext extends CommonContext implements Setup {
  readonly #run: RunState;

  constructor(parts: ContextParts) {
    super(parts);
    this.#run = parts.run;
    Object.freeze(this);
  }

  readonly series = (asset: Asset, field: Field, frequency?: Frequency): Series =>
    this.#declarationsFor('series').series(asset, field, frequency);

  readonly indicator = (<I extends readonly Field[], O extends string>(
    recipe: Indicator<I, O>,
    source: Asset | { readonly [K in keyof I]: Series },
    frequency?: Frequency,
  ): Reading<O> =>
    this.#declarationsFor('indicator').indicator(
      recipe as unknown as Indicator<readonly Field[], string>,
      source as Asset | Readonly<Record<string, Series>>,
      frequency,
    ) as Reading<O>) as Setup['indicator'];

  readonly schedule = (date: DateRule, time: TimeRule, run: ScheduledFunction, options?: ScheduleOptions): void => {
    this.#declarationsFor('schedule');
    this.#run.schedules.add(date, time, run, options);
  };

  #declarationsFor(name: string): Declarations {
    const { declarations } = this.#run;
    if (declarations === undefined) {
      throw new UsageError('DECLARED_TOO_LATE', {
        message: `${name}() belongs into initialize: nothing is declared later.`,
      });
    }
    return declarations;
  }
}

/** Stands before the handlers: acts. */
export class TradingContext extends CommonContext implements Context {
  /** What `initialize` returned. A plain field, the only one that changes: it is read on every bar. */
  state: unknown = undefined;
  readonly order: OrderApi;
  readonly session: Context['session'];
  readonly #run: RunState;

  constructor(parts: ContextParts, order: OrderApi) {
    super(parts);
    this.#run = parts.run;
    this.order = order;
    this.session = new SessionView(parts.clock, parts.view);
    // The context lives for many runs: what one strategy would change, the next would see.
    for (const name of Object.keys(this)) {
      if (name !== 'state') Object.defineProperty(this, name, { writable: false, configurable: false });
    }
    Object.preventExtensions(this);
  }

  get now(): EpochMs {
    return this.instant();
  }

  readonly record = (name: string, value: number): void => this.#run.record(name, value);
}

/** The current session by its calendar, whatever of it has bars. */
class SessionView {
  readonly #clock: Clock;
  readonly #group: BarGroup;

  constructor(clock: Clock, { group }: RunView) {
    this.#clock = clock;
    this.#group = group;
    Object.freeze(this);
  }

  get minutesSinceOpen(): number {
    return (this.#now - sessionAxis(this.#group).openOf(this.#row)) / MINUTE;
  }

  get minutesToClose(): number {
    return (sessionAxis(this.#group).closeOf(this.#row) - this.#now) / MINUTE;
  }

  /** The axis row whose session this is. */
  get #row(): number {
    const { row, beforeOpen } = this.#clock;
    return beforeOpen ? row + 1 : row;
  }

  get #now(): number {
    return (this.#clock.beforeOpen ? this.#group.opens : this.#group.closes)[this.#row]!;
  }
}

const MINUTE = 60_000;
