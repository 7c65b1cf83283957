import { inspect } from 'node:util';
import type { Decimal } from '../core/decimal.js';
import type { SerializedError } from '../core/errors.js';
import type { AnyDefinition, Context } from '../engine/strategy.js';
import type { Reading, Series } from '../indicators/indicator.js';

/** Where in a run something happened. */
export interface Moment {
  /** The opening of a bar, or its close; UTC milliseconds. */
  readonly instant: number;
  /** Whether it is the opening. */
  readonly beforeOpen: boolean;
}

/** What a handler did to the market. */
export interface Decision extends Moment {
  readonly handler: string;
  /** Calls of `order` as they were written, and orders taken off the book: `order.target(AAPL, 10)`, `cancel AAPL-3`. */
  readonly actions: readonly string[];
}

/** The values of one declared indicator at the closes of the bars that its account saw. */
export interface Watched {
  /** For people: `sma(20) of AAPL`. */
  readonly name: string;
  readonly values: Float64Array;
}

/** One account of a run: the whole of it, or a sleeve. */
export interface AccountTrace {
  /** Its symbols. */
  readonly symbols: string;
  readonly decisions: readonly Decision[];
  /** When the strategy was asked first, by `handleData`, by schedule or before a session; undefined when it never was. */
  readonly firstAsked: Moment | undefined;
  /** Closes of the bars on which `handleData` was asked. */
  readonly closes: Float64Array;
  readonly watched: readonly Watched[];
}

/** One fill, exact, as text. */
export interface TracedFill {
  /** Axis row of its bar. */
  readonly row: number;
  readonly text: string;
}

/** Everything that a run did, as plain data. */
export interface Trace {
  readonly accounts: readonly AccountTrace[];
  readonly fills: readonly TracedFill[];
  /** SHA-256 of the engine's own stream of orders; undefined when the run failed. */
  readonly orderStreamHash: string | undefined;
  readonly failure: SerializedError | undefined;
}

type Handlers = Pick<AnyDefinition, 'beforeTradingStart' | 'handleData' | 'onFill' | 'onOrder'>;
const HANDLERS = ['beforeTradingStart', 'handleData', 'onFill', 'onOrder'] as const satisfies (keyof Handlers)[];

/** Writes down what one run of a strategy decides. */
export class TraceRecorder {
  /** The strategy, heard: it decides what it would decide unheard. */
  readonly definition: AnyDefinition;
  readonly #accounts = new Map<string, AccountRecorder>();
  readonly #contexts = new WeakMap<Context, { readonly account: AccountRecorder; readonly context: Context }>();

  constructor(definition: AnyDefinition) {
    // What is made of the result comes after the run, and may well need all of it.
    const { analyze: _analyze, ...rest } = definition;
    const heard: Record<string, unknown> = { ...rest };
    const { initialize } = definition;
    if (initialize !== undefined) {
      heard.initialize = ((setup, params) => {
        const account = this.#account(setup);
        const indicator = (...args: Parameters<typeof setup.indicator>): Reading<string> => {
          const reading = setup.indicator(...args) as Reading<string>;
          account.watch(args[0] as never, args[1], reading);
          return reading;
        };
        const schedule: typeof setup.schedule = (date, time, scheduled, options) =>
          setup.schedule(
            date,
            time,
            (context, data) => {
              const heardContext = this.#heard(context);
              return heardContext.account.during('schedule', context, () => scheduled(heardContext.context, data));
            },
            options,
          );
        return initialize.call(definition, overlaid(setup, { indicator, schedule }), params);
      }) satisfies AnyDefinition['initialize'];
    }
    for (const name of HANDLERS) {
      const handler = definition[name] as ((context: Context, given: unknown, params: unknown) => unknown) | undefined;
      if (handler === undefined) continue;
      heard[name] = (context: Context, given: unknown, params: unknown): unknown => {
        const heardContext = this.#heard(context);
        return heardContext.account.during(name, context, () =>
          handler.call(definition, heardContext.context, given, params),
        );
      };
    }
    this.definition = heard as unknown as AnyDefinition;
  }

  /** Returns what was heard, by account. */
  accounts(): AccountTrace[] {
    return [...this.#accounts].map(([symbols, account]) => account.trace(symbols));
  }

  #account({ assets }: Pick<Context, 'assets'>): AccountRecorder {
    const symbols = assets.map(({ symbol }) => symbol).join(',');
    let account = this.#accounts.get(symbols);
    if (account === undefined) {
      account = new AccountRecorder();
      this.#accounts.set(symbols, account);
    }
    return account;
  }

  #heard(context: Context): { readonly account: AccountRecorder; readonly context: Context } {
    let heard = this.#contexts.get(context);
    if (heard === undefined) {
      const account = this.#account(context);
      heard = { account, context: overlaid(context, { order: account.heardOrders(context) }) };
      this.#contexts.set(context, heard);
    }
    return heard;
  }
}

/** What one account of a run decides. */
class AccountRecorder {
  readonly #decisions: Decision[] = [];
  readonly #closes: number[] = [];
  #firstAsked: Moment | undefined;
  readonly #watched: { readonly name: string; readonly series: Series; readonly values: number[] }[] = [];
  #actions: string[] = [];

  /** From now on keeps the values of a declared indicator. */
  watch(recipe: { readonly name: string; readonly args: readonly unknown[] }, source: unknown, reading: unknown): void {
    const symbol = (source as { readonly symbol?: unknown }).symbol;
    const name = `${recipe.name}(${recipe.args.map(argumentText).join(', ')}) of ${typeof symbol === 'string' ? symbol : 'other series'}`;
    const isOne = 'ready' in (reading as object) && typeof (reading as Series).ready === 'boolean';
    const outputs = isOne ? [['', reading as Series] as const] : Object.entries(reading as Record<string, Series>);
    for (const [output, series] of outputs) {
      this.#watched.push({ name: output === '' ? name : `${output} of ${name}`, series, values: [] });
    }
  }

  /** The account's order functions, which tell what they are called with. */
  heardOrders({ order }: Context): Context['order'] {
    const heard = (name: string, call: (...args: never[]) => unknown) =>
      name === 'open'
        ? call
        : (...args: never[]): unknown => {
            this.#actions.push(`order${name === '' ? '' : `.${name}`}(${args.map(argumentText).join(', ')})`);
            return call(...args);
          };
    const methods = Object.entries(order).map(([name, call]) => [name, heard(name, call as never)]);
    return Object.freeze(Object.assign(heard('', order as never), Object.fromEntries(methods))) as Context['order'];
  }

  /** Runs a handler and writes down what it did. */
  during<T>(handler: string, context: Context, run: () => T): T {
    const working = context.order.open();
    this.#actions = [];
    try {
      return run();
    } finally {
      const actions = this.#actions;
      for (const { status, id } of working) if (status === 'cancelled') actions.push(`cancel ${id}`);
      // Where nothing is done, as on most bars, the session is not looked up.
      if (this.#firstAsked === undefined || actions.length > 0) {
        const moment = { instant: context.now, beforeOpen: context.session.minutesSinceOpen === 0 };
        this.#firstAsked ??= moment;
        if (actions.length > 0) this.#decisions.push({ ...moment, handler, actions });
      }
      if (handler === 'handleData') {
        this.#closes.push(context.now);
        for (const { series, values } of this.#watched) values.push(series.value);
      }
    }
  }

  trace(symbols: string): AccountTrace {
    return {
      symbols,
      decisions: this.#decisions,
      firstAsked: this.#firstAsked,
      closes: Float64Array.from(this.#closes),
      watched: this.#watched.map(({ name, values }) => ({ name, values: Float64Array.from(values) })),
    };
  }
}

/** The same object with some members replaced. Not derived from it: its getters read private fields, and it is frozen. */
function overlaid<T extends object>(base: T, replaced: Readonly<Record<string, unknown>>): T {
  return new Proxy({} as T, {
    get: (_, key) => (Object.hasOwn(replaced, key) ? replaced[key as string] : base[key as keyof T]),
    set: (_, key, value) => Reflect.set(base, key, value, base),
    has: (_, key) => key in base,
    ownKeys: () => Reflect.ownKeys(base),
    getOwnPropertyDescriptor: (_, key) => {
      if (!Object.hasOwn(base, key)) return undefined;
      const value = Object.hasOwn(replaced, key) ? replaced[key as string] : base[key as keyof T];
      return { value, writable: false, enumerable: true, configurable: true };
    },
  });
}

function argumentText(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    const { symbol, sid } = value as { readonly symbol?: unknown; readonly sid?: unknown };
    if (typeof symbol === 'string' && sid !== undefined) return symbol;
    // An order by its name: the rest of it is the broker's.
    const { id, cancel } = value as { readonly id?: unknown; readonly cancel?: unknown };
    if (typeof id === 'string' && typeof cancel === 'function') return id;
    if (typeof (value as Decimal).toFixed === 'function') return String(value);
  }
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, sorted: true });
}
