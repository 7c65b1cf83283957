import { UsageError } from '../core/errors.js';
import { ScaledInteger } from '../core/scaled-integer.js';
import { Clock } from '../engine/clock.js';
import { MONEY_DECIMALS } from '../engine/run-options.js';
import { SimulatedBroker } from '../engine/simulated-broker.js';
import { accountOf, tradingRules } from '../engine/simulation.js';
import { parseSlippage } from '../execution/models.js';
import { sessionAxis } from '../market/session-axis.js';
import { ArrivingMarket } from './arriving-market.js';
import type { AccountTerms, Broker, BrokerAccount } from './broker.js';
import type { Feed, FeedEvent } from './feed.js';
import { PaperAccount } from './paper-account.js';

/**
 * A broker that fills orders on the bars of a feed by the models of the backtest, with accounts of its own and without latency: an order
 * given before a bar is there for its fills. A fill at an opening is reported when its bar has arrived, before anybody else sees the bar.
 */
export class PaperBroker implements Broker {
  readonly #market: ArrivingMarket;
  #accounts: readonly PaperAccount[] = [];

  constructor(feed: Feed) {
    this.#market = new ArrivingMarket(feed);
  }

  /** Throws UsageError `NO_PAPER_SLIPPAGE` for slippage that needs more than prices and volume, `ALREADY_OPEN` for a second run. */
  async open({ accounts, quantityDecimals, run }: AccountTerms): Promise<readonly BrokerAccount[]> {
    if (this.#accounts.length > 0) {
      throw new UsageError('ALREADY_OPEN', { message: 'This paper broker has a run already. Make one for each run.' });
    }
    const slippage = parseSlippage(run.slippage);
    if (slippage.needsQuotes || slippage.volatilityBars > 0) {
      throw new UsageError('NO_PAPER_SLIPPAGE', {
        message: `The paper broker knows the prices and the volume of a bar, and the slippage '${slippage.specification}' asks for more. Choose fixed, bps, spread or volume-share.`,
        details: { slippage: slippage.specification },
      });
    }
    const market = this.#market;
    this.#accounts = accounts.map(({ symbols, cash }) => {
      const clock = new Clock(0);
      const broker = new SimulatedBroker({
        clock,
        assets: symbols.map((symbol) => market.assets.find(({ asset }) => asset.symbol === symbol)!),
        account: accountOf(run, quantityDecimals),
        slippage,
        ...tradingRules(run),
        sessions: market.group.times,
        instantOf: (opens, row) => (opens ? market.group.opens : market.group.closes)[row]!,
        closesSession: (row) => sessionAxis(market.group).closesSession(row),
      });
      broker.start(ScaledInteger.fromDecimalString(cash, MONEY_DECIMALS, 'exact', 'cash'), NO_EQUITY, market.row);
      clock.moveTo(market.row - 1);
      return new PaperAccount(broker, clock, run.fill);
    });
    return this.#accounts;
  }

  async hear(event: FeedEvent): Promise<void> {
    const market = this.#market;
    market.hear(event);
    const { row } = market;
    if (event.kind === 'opening') for (const account of this.#accounts) account.openBar(row);
    else if (event.kind === 'arrived') {
      const events = market.takeEvents();
      market.complete();
      for (const account of this.#accounts) account.tradeOpening(events, market, row);
    } else if (event.kind === 'complete') for (const account of this.#accounts) account.tradeBar(row);
    else if (event.kind === 'closed') for (const account of this.#accounts) account.close(row);
    for (const account of this.#accounts) await account.reported;
  }
}

/** The paper broker keeps no record of what an account was worth. */
const NO_EQUITY = new Float64Array(0);
