import { DataError } from '../../core/errors.js';
import type { Calendar } from '../../market/calendar.js';
import { DAY_MS, formatDate } from '../../market/civil-date.js';
import type { DividendDraft, SplitDraft } from '../draft.js';
import { type CsvSource, readCsv } from './csv-source.js';
import { type DefectLog, firstPlaces } from './defects.js';
import { readFactorFiles } from './lean-factors.js';
import { badByte, quote } from './number-cell.js';
import type { BarEvent } from './series.js';
import { Symbology } from './symbology.js';
import { StampReader } from './time-stamps.js';

/** Which events a file holds. */
export type EventKind = 'splits' | 'dividends';

/** One asset's life, in which its events must lie. */
export interface AssetLife {
  readonly calendar: Calendar;
  /** Labels of the sessions of its first and last bar. */
  readonly firstSession: number;
  readonly lastSession: number;
}

/** What became of the events of one file. */
export interface EventReport {
  readonly file: string;
  /** Data rows of the file. */
  readonly rows: number;
  /** Events that are in the draft. */
  readonly used: number;
  /** Events of symbols that are not ingested. */
  readonly otherSymbols: number;
  /** Events on a day without session, moved to the next one. */
  readonly moved: number;
  /** Events at or before an asset's first session or after its last, left out. */
  readonly outsideLife: number;
}

interface RawEvent {
  readonly row: number;
  readonly symbol: string;
  date: number;
  payDate: number | undefined;
  readonly value: string;
}

interface EventColumns {
  readonly symbol: number;
  readonly date: number;
  /** Whether the date is the last one on which the share still carries the right. */
  readonly isLastCumDate: boolean;
  readonly value: number;
  readonly payDate: number | undefined;
}

const VALUE_NAMES: Readonly<Record<EventKind, readonly string[]>> = {
  splits: ['ratio', 'split_ratio', 'ratio_new_per_old'],
  dividends: ['amount', 'dividend', 'dividend_per_share', 'dividend_per_share_approx'],
};
const WANTED: Readonly<Record<EventKind, string>> = {
  splits: "new shares for one old, such as '4', '0.05' or '1/3'",
  dividends: "a positive amount, such as '0.82'",
};
const DECIMAL = /^\d+(?:\.\d+)?$/;
const RATIO = /^\d+(?:\.\d+)?(?:\/\d+(?:\.\d+)?)?$/;

/**
 * Reads splits from CSV with the columns `symbol, ex_date, ratio` (new shares for one old: `4`, `0.05`, `1/3`). A column `last_cum_date`
 * or `ex_date_after` may stand in place of `ex_date`: the event then applies from the next session of the asset's calendar.
 *
 * @param lives the assets of the ingest by symbol: events of others are counted only
 * @throws DataError `UNKNOWN_EVENT_LAYOUT`, and what `readCsv` throws; defects of rows go to the log
 */
export async function readSplits(
  path: string,
  lives: ReadonlyMap<string, AssetLife>,
  log: DefectLog,
  names = new Symbology(),
): Promise<{ readonly splits: SplitDraft[]; readonly report: EventReport }> {
  const { events, report } = await readEvents(path, 'splits', lives, log, names);
  return { splits: events.map(({ symbol, date, value }) => ({ symbol, exDate: date, ratio: value })), report };
}

/** Reads dividends from CSV with the columns `symbol, ex_date, amount[, pay_date]`; otherwise like {@link readSplits}. */
export async function readDividends(
  path: string,
  lives: ReadonlyMap<string, AssetLife>,
  log: DefectLog,
  names = new Symbology(),
): Promise<{ readonly dividends: DividendDraft[]; readonly report: EventReport }> {
  const { events, report } = await readEvents(path, 'dividends', lives, log, names);
  const dividends = events.map(({ symbol, date, payDate, value }) => ({
    symbol,
    exDate: date,
    ...(payDate === undefined ? {} : { payDate }),
    amount: value,
  }));
  return { dividends, report };
}

async function readEvents(
  path: string,
  kind: EventKind,
  lives: ReadonlyMap<string, AssetLife>,
  log: DefectLog,
  names: Symbology,
): Promise<{ events: RawEvent[]; report: EventReport }> {
  const { file, columns, raw, rows } = await readCsv(path, async (source) => {
    const columns = eventColumns(source, kind);
    return { file: source.file, columns, ...(await readRows(source, columns, kind, log)) };
  });
  // A ticker stands for the asset that had it on the day of the event.
  const named = raw.map((event) => ({ ...event, symbol: names.holderOf(event.symbol, event.date) ?? event.symbol }));
  const { events, ...counts } = placeEvents(named, kind, file, columns.isLastCumDate, lives, log);
  return { events, report: { file, rows, ...counts } };
}

/** Returns the splits and dividends that bars have in columns of their own file, checked and placed like those of event files. */
export function columnEvents(
  events: readonly (BarEvent & { readonly symbol: string })[],
  lives: ReadonlyMap<string, AssetLife>,
  log: DefectLog,
): { readonly splits: SplitDraft[]; readonly dividends: DividendDraft[] } {
  const placed = (['splits', 'dividends'] as const).map((kind) => {
    const found: RawEvent[] = [];
    for (const file of new Set(events.map((event) => event.file))) {
      const raw: RawEvent[] = [];
      for (const event of events) {
        if (event.kind !== kind || event.file !== file) continue;
        const value = readValue(event.value.replace(':', '/'), kind);
        if (value === undefined)
          log.error('BAD_EVENT', file, `${quote(event.value)} is not ${WANTED[kind]}`, event.row);
        else raw.push({ row: event.row, symbol: event.symbol, date: midnight(event.label), payDate: undefined, value });
      }
      found.push(...placeEvents(raw, kind, file, false, lives, log).events);
    }
    return found;
  });
  const [splits = [], dividends = []] = placed;
  return {
    splits: splits.map(({ symbol, date, value }) => ({ symbol, exDate: date, ratio: value })),
    dividends: dividends.map(({ symbol, date, value }) => ({ symbol, exDate: date, amount: value })),
  };
}

/** Returns the splits and dividends of LEAN's factor files for the assets that are ingested, placed like those of event files. */
export async function factorEvents(
  path: string,
  lives: ReadonlyMap<string, AssetLife>,
  log: DefectLog,
): Promise<{ readonly splits: SplitDraft[]; readonly dividends: DividendDraft[] }> {
  const events = await readFactorFiles(path, new Set(lives.keys()));
  const placed = (kind: EventKind): RawEvent[] =>
    [...new Set(events.map(({ file }) => file))].flatMap((file) => {
      const own = events.filter((event) => event.kind === kind && event.file === file);
      const raw = own.map(({ symbol, lastCumDate, value, row }) => {
        return { row, symbol, date: lastCumDate, payDate: undefined, value };
      });
      return placeEvents(raw, kind, file, true, lives, log).events;
    });
  return {
    splits: placed('splits').map(({ symbol, date, value }) => ({ symbol, exDate: date, ratio: value })),
    dividends: placed('dividends').map(({ symbol, date, value }) => ({ symbol, exDate: date, amount: value })),
  };
}

/** Puts events on sessions of their asset's life; what cannot be placed is counted and reported. */
function placeEvents(
  raw: readonly RawEvent[],
  kind: EventKind,
  file: string,
  isLastCumDate: boolean,
  lives: ReadonlyMap<string, AssetLife>,
  log: DefectLog,
): { readonly events: RawEvent[] } & Pick<EventReport, 'used' | 'otherSymbols' | 'moved' | 'outsideLife'> {
  const events: RawEvent[] = [];
  const seen = new Map<string, RawEvent>();
  let otherSymbols = 0;
  const moved: string[] = [];
  const outside: string[] = [];
  for (const event of raw) {
    const life = lives.get(event.symbol);
    if (life === undefined) {
      otherSymbols++;
      continue;
    }
    const wanted = isLastCumDate ? event.date + DAY_MS : event.date;
    const session = life.calendar.sessionOnOrAfter(wanted);
    const place = `${event.symbol} ${formatDate(event.date)}`;
    if (
      session === undefined ||
      wanted < life.calendar.firstLabel ||
      session <= life.firstSession ||
      session > life.lastSession
    ) {
      outside.push(place);
      continue;
    }
    if (!isLastCumDate && session !== wanted) moved.push(`${place} to ${formatDate(session)}`);
    if (event.payDate !== undefined && event.payDate < session) {
      const message = `is paid on ${formatDate(event.payDate)}, before the ex-date ${formatDate(session)}`;
      log.error('BAD_EVENT', file, message, event.row);
    }
    // Two dividends may fall on one date, an ordinary and a special one; two splits may not, nor twice the same amount.
    const key = [event.symbol, session, kind === 'splits' ? '' : event.value].join(' ');
    const twin = seen.get(key);
    if (twin !== undefined) {
      const message = `${place} repeats row ${twin.row}; remove one of the two`;
      if (log.row('DUPLICATE_EVENT', file, message, event.row) === 'drop') continue;
    } else seen.set(key, event);
    event.date = session;
    events.push(event);
  }
  if (otherSymbols > 0) {
    const message = `${otherSymbols} ${kind} are of symbols that are not ingested`;
    log.whole('EVENT_OF_OTHER_SYMBOL', file, message, otherSymbols, '; they were ignored');
  }
  if (moved.length > 0) {
    const message = `${moved.length} ${kind} fall on a day without session`;
    log.whole('EVENT_MOVED', file, message, moved.length, ` and were moved to the next one: ${firstPlaces(moved)}`);
  }
  if (outside.length > 0) {
    const message = `${outside.length} ${kind} lie outside the bars of their asset`;
    const done = ` and were left out: ${firstPlaces(outside)}`;
    log.whole('EVENT_OUTSIDE_LIFE', file, message, outside.length, done);
  }
  return { events, used: events.length, otherSymbols, moved: moved.length, outsideLife: outside.length };
}

async function readRows(
  source: CsvSource,
  columns: EventColumns,
  kind: EventKind,
  log: DefectLog,
): Promise<{ raw: RawEvent[]; rows: number }> {
  const { file, header } = source;
  const dates = new StampReader();
  const payDates = new StampReader();
  const raw: RawEvent[] = [];
  let row = 0;
  for await (const cells of source.rows) {
    row++;
    if (cells.length !== header.length) {
      log.error('RAGGED_ROW', file, `has ${cells.length} fields, the header ${header.length}`, row);
      continue;
    }
    const symbol = cells[columns.symbol]!;
    const trouble = badByte(symbol);
    if (trouble !== undefined) log.error(trouble.code, file, trouble.message, row, header[columns.symbol]);
    else if (symbol === '') log.error('NO_SYMBOL', file, 'no symbol (empty cell)', row, header[columns.symbol]);
    const value = readValue(cells[columns.value]!, kind);
    if (value === undefined) {
      const message = `${quote(cells[columns.value]!)} is not ${WANTED[kind]}`;
      log.error('BAD_EVENT', file, message, row, header[columns.value]);
    }
    const event: RawEvent = { row, symbol, date: Number.NaN, payDate: undefined, value: value ?? '' };
    const payText = columns.payDate === undefined ? '' : cells[columns.payDate]!;
    const date = dates.read(cells[columns.date]!, row);
    if (typeof date === 'number') event.date = midnight(date);
    else log.error(date.code, file, date.message, row, header[columns.date]);
    const payDate = payText === '' ? undefined : payDates.read(payText, row);
    if (typeof payDate === 'number') event.payDate = midnight(payDate);
    else if (payDate !== undefined) log.error(payDate.code, file, payDate.message, row, header[columns.payDate!]);
    raw.push(event);
  }
  const [laterDates, laterPayDates] = (
    [
      [dates, columns.date],
      [payDates, columns.payDate],
    ] as const
  ).map(([reader, column]) => {
    const { later, problems } = reader.finish();
    for (const { row: at, problem } of problems) log.error(problem.code, file, problem.message, at, header[column!]);
    return later;
  });
  for (const event of raw) {
    if (Number.isNaN(event.date)) event.date = midnight(laterDates!.get(event.row) ?? Number.NaN);
    if (Number.isNaN(event.payDate)) event.payDate = midnight(laterPayDates!.get(event.row) ?? Number.NaN);
  }
  // What has no date or value was reported; it must not take part in what follows.
  return {
    raw: raw.filter(({ date, payDate, symbol, value }) => {
      return !Number.isNaN(date) && !Number.isNaN(payDate) && symbol !== '' && value !== '';
    }),
    rows: row,
  };
}

/** Returns the exact text of a ratio or amount without superfluous zeros, undefined when it is none above zero. */
function readValue(text: string, kind: EventKind): string | undefined {
  if (!(kind === 'splits' ? RATIO : DECIMAL).test(text)) return undefined;
  const parts = text.split('/').map(plain);
  const numbers = parts.map(Number);
  const size = numbers[0]! / (numbers[1] ?? 1);
  return numbers.every((number) => number > 0) && size > 0 && Number.isFinite(size) ? parts.join('/') : undefined;
}

function plain(decimal: string): string {
  const [whole = '', fraction = ''] = decimal.split('.');
  const digits = fraction.replace(/0+$/, '');
  const integer = whole.replace(/^0+(?=\d)/, '');
  return digits === '' ? integer : `${integer}.${digits}`;
}

const midnight = (stamp: number): number => Math.floor(stamp / DAY_MS) * DAY_MS;

function eventColumns({ file, header }: CsvSource, kind: EventKind): EventColumns {
  const names = header.map((name) => name.toLowerCase().replace(/[\s-]+/g, '_'));
  const find = (candidates: readonly string[]): number | undefined => {
    const index = names.findIndex((name) => candidates.includes(name));
    return index < 0 ? undefined : index;
  };
  const symbol = find(['symbol', 'ticker']);
  const exDate = find(['ex_date', 'exdate']);
  const lastCumDate = find(['last_cum_date', 'ex_date_after']);
  const value = find(VALUE_NAMES[kind]);
  const date = exDate ?? lastCumDate;
  if (symbol === undefined || date === undefined || value === undefined) {
    const wanted = kind === 'splits' ? 'symbol, ex_date, ratio' : 'symbol, ex_date, amount and optionally pay_date';
    throw new DataError('UNKNOWN_EVENT_LAYOUT', {
      message: `${file} holds no ${kind}: its columns are ${header.slice(0, 20).map(quote).join(', ')}. Name them ${wanted} (last_cum_date or ex_date_after may stand in place of ex_date).`,
      details: { file, kind, found: header.slice(0, 20) },
    });
  }
  return { symbol, date, isLastCumDate: exDate === undefined, value, payDate: find(['pay_date', 'payment_date']) };
}
