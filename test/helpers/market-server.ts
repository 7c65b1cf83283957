import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a server does with a request. */
export type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

/** A server on the loopback of this machine, gone after the test. */
export interface MarketServer {
  readonly url: string;
  /** Address and arrival in milliseconds of every request so far. */
  readonly requests: { readonly url: URL; readonly at: number }[];
}

/** Starts a server that treats its requests by the handlers in turn, all further ones by the last. */
export async function marketServer(...handlers: readonly Handler[]): Promise<MarketServer> {
  const requests: MarketServer['requests'] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost');
    const handler = handlers[Math.min(requests.length, handlers.length - 1)]!;
    requests.push({ url, at: performance.now() });
    handler(request, response, url);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Answers with a text. */
export function answers(text: string, status = 200, headers: Readonly<Record<string, string>> = {}): Handler {
  return (_, response) => response.writeHead(status, headers).end(text);
}

/** Announces a text, sends half of it, and cuts the connection. */
export function cuts(text: string, announced: 'length' | 'chunks'): Handler {
  return (_, response) => {
    response.writeHead(200, announced === 'length' ? { 'content-length': String(Buffer.byteLength(text)) } : {});
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  };
}

/** Sends half of a text as if it were all: what a server that is stopped leaves of an answer without a length. */
export function breaksOff(text: string): Handler {
  return (_, response) => {
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, { connection: 'close' }).end(text.slice(0, text.length / 2));
  };
}

/** One row of a chart: instant of the open, then open, high, low, close, adjusted close and volume as the server writes them. */
export type ChartRow = readonly [time: string, ...numbers: string[]];

/** What {@link chartAnswer} says beside the rows. */
export interface ChartFacts {
  readonly currency?: string;
  readonly zone?: string;
  readonly dividends?: Readonly<Record<string, string>>;
  readonly splits?: Readonly<Record<string, string>>;
  /** Begin and end of the session that is on, or was last. */
  readonly session?: readonly [string, string];
  readonly isIntraday?: boolean;
}

const seconds = (time: string): number => Date.parse(time) / 1000;

/** Returns an answer in the shape of Yahoo's chart interface, v8, as it is known from its users. */
export function chartAnswer(rows: readonly ChartRow[], facts: ChartFacts = {}): string {
  const { currency = 'USD', zone = 'America/New_York', dividends = {}, splits = {}, session, isIntraday } = facts;
  const column = (place: number): string => `[${rows.map((row) => row[place]).join(',')}]`;
  const quoted = (records: readonly string[]): string => `{${records.join(',')}}`;
  const events = [
    `"dividends":${quoted(Object.entries(dividends).map(([time, amount]) => `"${seconds(time)}":{"amount":${amount},"date":${seconds(time)}}`))}`,
    `"splits":${quoted(Object.entries(splits).map(([time, ratio]) => `"${seconds(time)}":{"date":${seconds(time)},"numerator":${ratio.split(':')[0]},"denominator":${ratio.split(':')[1]},"splitRatio":"${ratio}"}`))}`,
  ];
  const period =
    session === undefined
      ? ''
      : `,"currentTradingPeriod":{"regular":{"timezone":"EDT","start":${seconds(session[0])},"end":${seconds(session[1])},"gmtoffset":-14400}}`;
  const adjusted = isIntraday === true ? '' : `,"adjclose":[{"adjclose":${column(5)}}]`;
  const stamps = `"timestamp":[${rows.map(([time]) => seconds(time)).join(',')}],`;
  return `{"chart":{"result":[{"meta":{"currency":"${currency}","symbol":"AAPL","exchangeName":"NMS","instrumentType":"EQUITY","gmtoffset":-14400,"timezone":"EDT","exchangeTimezoneName":"${zone}","regularMarketPrice":131.4,"priceHint":2${period},"dataGranularity":"1d","range":""},${rows.length === 0 ? '' : stamps}"events":{${events.join(',')}},"indicators":{"quote":[{"close":${column(4)},"open":${column(1)},"volume":${column(6)},"high":${column(2)},"low":${column(3)}}]${adjusted}}}],"error":null}}`;
}
