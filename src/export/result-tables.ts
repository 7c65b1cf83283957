import type { BacktestResult } from '../engine/result.js';
import type { RoundTripMethod } from '../metrics/round-trips.js';
import type { Table } from './table.js';

/** Names of the tables of a result, in their order. */
export const RESULT_TABLES = ['fills', 'round-trips', 'equity', 'recorded'] as const;

/**
 * Returns the tables of a result: its fills, its round trips, the account value by bar, and what was recorded by bar.
 * What is money is decimal; the account value at each close is a mark, and a number.
 *
 * @param method how the round trips are matched. @defaultValue 'fifo'
 */
export function resultTables(result: BacktestResult, method: RoundTripMethod = 'fifo'): Table[] {
  const { fills, times, equity, recordedNames } = result;
  const trips = result.roundTrips(method);
  const tables: Record<(typeof RESULT_TABLES)[number], Table['columns']> = {
    fills: [
      { name: 'time', kind: 'time', values: fills.map(({ time }) => time) },
      { name: 'symbol', kind: 'text', values: fills.map(({ asset }) => asset.symbol) },
      { name: 'side', kind: 'text', values: fills.map(({ quantity }) => (quantity < 0 ? 'sell' : 'buy')) },
      { name: 'quantity', kind: 'decimal', values: fills.map(({ exact }) => exact.quantity.abs()) },
      { name: 'price', kind: 'decimal', values: fills.map(({ exact }) => exact.price) },
      { name: 'fee', kind: 'decimal', values: fills.map(({ exact }) => exact.fee) },
    ],
    'round-trips': [
      { name: 'symbol', kind: 'text', values: trips.map(({ asset }) => asset.symbol) },
      { name: 'side', kind: 'text', values: trips.map(({ side }) => side) },
      { name: 'quantity', kind: 'decimal', values: trips.map(({ quantity }) => quantity) },
      { name: 'entryTime', kind: 'time', values: trips.map(({ entryTime }) => entryTime) },
      { name: 'entryPrice', kind: 'decimal', values: trips.map(({ exact }) => exact.entryPrice) },
      { name: 'exitTime', kind: 'time', values: trips.map(({ exitTime }) => exitTime) },
      { name: 'exitPrice', kind: 'decimal', values: trips.map(({ exact }) => exact.exitPrice) },
      { name: 'bars', kind: 'integer', values: trips.map(({ bars }) => bars) },
      { name: 'commission', kind: 'decimal', values: trips.map(({ commission }) => commission) },
      { name: 'profit', kind: 'decimal', values: trips.map(({ profit }) => profit) },
      { name: 'return', kind: 'number', values: trips.map((trip) => trip.return) },
      { name: 'mae', kind: 'number', values: trips.map(({ mae }) => mae) },
      { name: 'mfe', kind: 'number', values: trips.map(({ mfe }) => mfe) },
    ],
    equity: [
      { name: 'time', kind: 'time', values: times },
      { name: 'equity', kind: 'number', values: equity },
    ],
    recorded: [
      { name: 'time', kind: 'time', values: times },
      ...recordedNames.map((name) => ({ name, kind: 'number', values: result.recorded(name) }) as const),
    ],
  };
  return RESULT_TABLES.map((name) => ({ name, columns: tables[name] }));
}
