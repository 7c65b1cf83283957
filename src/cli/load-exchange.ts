import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../core/errors.js';
import { didYouMean } from '../core/suggest.js';
import type { CandleExchange } from '../data/index.js';

/** An exchange and the symbols that are wanted of it. */
export interface ExchangeSymbols {
  readonly exchange: CandleExchange;
  readonly symbols: readonly string[];
}

/** What of ccxt's exchanges is set here. */
interface CcxtExchange extends CandleExchange {
  urls?: { api?: unknown };
}

/**
 * Returns the exchange that words like `binance:BTC/USDT` name, loaded from the ccxt that is installed in the current folder or beside
 * Hindcast, and their symbols.
 *
 * @param baseUrl where to ask instead of the exchange's own servers; the paths stay
 * @throws UsageError `INVALID_SYMBOL`, `SEVERAL_EXCHANGES`, `CCXT_MISSING`, `UNKNOWN_EXCHANGE`
 */
export async function loadExchange(
  words: readonly string[],
  baseUrl: string | undefined,
  timeoutMs: number | undefined,
): Promise<ExchangeSymbols> {
  const pairs = words.map((word) => {
    const [, id, symbol] = /^([^:]+):(.+)$/.exec(word) ?? [];
    if (id !== undefined && symbol !== undefined) return { id, symbol };
    throw new UsageError('INVALID_SYMBOL', {
      message: `'${word}' names no market. Write exchange and symbol: binance:BTC/USDT.`,
      details: { word },
    });
  });
  const [id, other] = [...new Set(pairs.map((pair) => pair.id))];
  if (other !== undefined) {
    throw new UsageError('SEVERAL_EXCHANGES', {
      message: `One ingest is of one exchange, but ${id} and ${other} are named. Ingest the second one with --append.`,
      details: { exchanges: [id, other] },
    });
  }
  const ccxt = await loadCcxt();
  const known = Array.isArray(ccxt.exchanges) ? (ccxt.exchanges as string[]) : [];
  const make = known.includes(id!) ? ccxt[id!] : undefined;
  if (typeof make !== 'function') {
    throw new UsageError('UNKNOWN_EXCHANGE', {
      message: `ccxt has no exchange '${id}'.${didYouMean(id!, known)}`,
      details: { exchange: id },
    });
  }
  // Hindcast keeps the rate limit, so that a repetition counts too.
  const settings = { enableRateLimit: false, ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }) };
  const exchange = new (make as new (options: object) => CcxtExchange)(settings);
  if (baseUrl !== undefined && exchange.urls !== undefined) exchange.urls.api = moved(exchange.urls.api, baseUrl);
  return { exchange, symbols: pairs.map((pair) => pair.symbol) };
}

async function loadCcxt(): Promise<Readonly<Record<string, unknown>>> {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    let path: string;
    try {
      path = createRequire(from).resolve('ccxt');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') continue;
      throw error;
    }
    const loaded = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    return (loaded.default ?? loaded) as Readonly<Record<string, unknown>>;
  }
  throw new UsageError('CCXT_MISSING', {
    message: 'Bars of exchanges need ccxt, which is not installed here. Install it: npm install ccxt',
  });
}

/** Returns addresses, however deep in lists and records, with another beginning in place of scheme and host. */
function moved(addresses: unknown, baseUrl: string): unknown {
  if (typeof addresses === 'string') return addresses.replace(/^https?:\/\/[^/]+/, baseUrl.replace(/\/+$/, ''));
  if (typeof addresses !== 'object' || addresses === null) return addresses;
  return Object.fromEntries(Object.entries(addresses).map(([key, value]) => [key, moved(value, baseUrl)]));
}
