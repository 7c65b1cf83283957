/** The same strategy on bars that arrive: a feed, a broker, and what drives a strategy between them. */

export type {
  AccountTerms,
  Broker,
  BrokerAccount,
  BrokerChange,
  BrokerOrder,
  BrokerReport,
  BrokerTerms,
} from './broker.js';
export type { BarEvent, Feed, FeedEvent } from './feed.js';
export { PaperBroker } from './paper-broker.js';
export { RecordedFeed, type RecordedFeedOptions } from './recorded-feed.js';
export { type TradeOptions, trade } from './trade.js';
