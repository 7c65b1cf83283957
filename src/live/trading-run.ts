import { toDecimal } from '../core/decimal.js';
import { GrowingColumn } from '../data/growing-column.js';
import { DirectHistory } from '../data/history.js';
import { streamedIndicators } from '../engine/indicator-sharing.js';
import { MONEY_DECIMALS, type ResolvedRunOptions } from '../engine/run-options.js';
import { type FullRun, type RunInput, Simulation } from '../engine/simulation.js';
import type { Sleeve } from '../engine/sleeve.js';
import type { AnyDefinition } from '../engine/strategy.js';
import { type ArrivedEvent, type ArrivingMarket, capacityOf, enterEvents } from './arriving-market.js';
import type { AccountTerms, BrokerAccount } from './broker.js';
import { OrderDesk } from './order-desk.js';

/** One strategy instance on its way through the bars. */
interface Instance {
  readonly sleeve: Sleeve;
  readonly equity: GrowingColumn;
  desk: OrderDesk;
  /** Bars before the first decision, the current one included; undefined: the longest indicator's. */
  readonly warmUp: number | undefined;
  /** Whether the strategy takes part in the present bar. */
  isAwake: boolean;
}

/**
 * A strategy on a market that is still arriving: the strategy instances, their books and their result are those of a backtest, driven
 * bar by bar. The caller makes the steps, and waits between them for what the broker reports.
 */
export class TradingRun {
  readonly #market: ArrivingMarket;
  readonly #options: ResolvedRunOptions;
  readonly #simulation: Simulation;
  readonly #indicators: ReturnType<typeof streamedIndicators>;
  readonly #input: RunInput;
  #instances: readonly Instance[] = [];

  /** @param market stands at the opening of the run's first bar */
  constructor(definition: AnyDefinition, market: ArrivingMarket, options: ResolvedRunOptions, input: RunInput) {
    market.from = market.row;
    this.#market = market;
    this.#options = options;
    this.#input = input;
    this.#indicators = streamedIndicators(capacityOf(market.group.frequency));
    this.#simulation = new Simulation({
      definition,
      view: market,
      run: options,
      indicators: this.#indicators,
      history: new DirectHistory(),
    });
  }

  /** What the run asks of its broker. */
  get terms(): AccountTerms {
    const { accounts } = this.#simulation;
    return {
      accounts: accounts.map(({ assets, cash }) => ({
        symbols: assets.map(({ asset }) => asset.symbol),
        cash: toDecimal(cash, MONEY_DECIMALS).toString(),
      })),
      quantityDecimals: accounts[0]!.account.scales.quantity,
      run: this.#options,
    };
  }

  /** Lets the strategy declare. */
  begin(accounts: readonly BrokerAccount[]): void {
    const { sleeves } = this.#simulation;
    const capacity = capacityOf(this.#market.group.frequency);
    const equity = sleeves.map(() => GrowingColumn.ofDoubles(capacity));
    const desks = sleeves.map(({ broker }, index) => new OrderDesk(accounts[index]!, broker, index));
    const warmUps = this.#simulation.begin(
      this.#input,
      equity.map(({ values }) => values),
    );
    this.#instances = sleeves.map((sleeve, index) => ({
      sleeve,
      equity: equity[index]!,
      desk: desks[index]!,
      warmUp: warmUps[index],
      isAwake: false,
    }));
  }

  /** A bar opens. */
  openBar(): void {
    const { row } = this.#market;
    for (const instance of this.#instances) {
      instance.equity.push(0);
      instance.isAwake = this.#mayDecide(instance, row);
      if (instance.isAwake) instance.sleeve.openBar(row);
    }
  }

  /** The bar's splits and dividends happen, and what filled at its opening is entered. */
  enterOpening(events: readonly ArrivedEvent[]): void {
    const { row } = this.#market;
    for (const { sleeve } of this.#instances) enterEvents(sleeve.broker, events, this.#market);
    for (const { sleeve, desk } of this.#living()) {
      const { broker } = sleeve;
      if (broker.isWatched) broker.carry(row);
      if (broker.nextEventRow <= row) broker.applyEvents(row);
      desk.enterReports(row);
      sleeve.tell();
    }
  }

  /** The bar is known: what filled at its close is entered, and the strategy decides. */
  decide(): void {
    const { row } = this.#market;
    this.#indicators.advance();
    for (const instance of this.#living()) {
      const { sleeve, desk } = instance;
      sleeve.arrive(row);
      if (!instance.isAwake) continue;
      sleeve.closeBar(row);
      desk.enterReports(row);
      sleeve.tell();
      if (instance.warmUp !== undefined || sleeve.isReady(0)) sleeve.decide(row);
    }
  }

  /** The bar is over. */
  settleBar(): void {
    const { row } = this.#market;
    for (const { sleeve, desk, isAwake } of this.#living()) {
      if (!isAwake) continue;
      desk.enterReports(row);
      sleeve.settleBar(row);
      sleeve.broker.markTo(row + 1);
    }
  }

  /** Ends the run behind the last complete bar. */
  end(): FullRun {
    try {
      this.#simulation.end();
      return this.#simulation.result(this.#input.params);
    } finally {
      this.#simulation.rest();
    }
  }

  /** Instances of which some asset still trades. */
  #living(): readonly Instance[] {
    return this.#instances.filter(({ sleeve }) => this.#endOf(sleeve) > this.#market.row);
  }

  /** Whether a strategy may come to decide on the bar that opens. */
  #mayDecide({ sleeve, warmUp }: Instance, row: number): boolean {
    const first = this.#firstOf(sleeve);
    if (!sleeve.isActive || first === undefined || this.#endOf(sleeve) <= row) return false;
    return warmUp === undefined ? sleeve.isReady(1) : row >= first + warmUp - 1;
  }

  /** Axis row of the first bar of any asset of an instance. */
  #firstOf({ broker }: Sleeve): number | undefined {
    const rows = this.#assetsOf(broker).flatMap(({ listedFrom }) => listedFrom ?? []);
    return rows.length === 0 ? undefined : Math.min(...rows);
  }

  /** Axis row after the last of any asset of an instance. */
  #endOf({ broker }: Sleeve): number {
    return Math.max(...broker.lines.map(({ view }) => view.listing.end));
  }

  #assetsOf({ lines }: Sleeve['broker']): ArrivingMarket['assets'] {
    return this.#market.assets.filter((asset) => lines.some(({ view }) => view === asset));
  }
}
