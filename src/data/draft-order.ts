import { asEpochMs, asSid } from '../core/brand.js';
import { DataError } from '../core/errors.js';
import { canonicalJson } from '../core/json.js';
import { givenText } from '../core/option-kind.js';
import type { Asset, TickerPeriod } from '../market/asset.js';
import { FIELDS, FREQUENCIES, isField } from '../market/bars.js';
import type { Calendar } from '../market/calendar.js';
import { getCalendar } from '../market/calendars.js';
import { DAY_MS } from '../market/civil-date.js';
import type { Dividend, Split } from '../market/corporate-actions.js';
import { adjustmentSchedule } from './adjustments.js';
import { type AllowedDefect, checkAllowed, findBarDefect } from './bar-defects.js';
import type { AssetDraft, BundleDraft, GroupDraft } from './draft.js';
import { parseRatio } from './ratio.js';
import { afterValues } from './scratch.js';

const AXIS_NAMES: readonly string[] = ['times', 'opens', 'closes'];
const EXACT_DECIMAL = /^\d+(\.\d+)?$/;

/** A draft in the one order that its content has, checked: what the writer lays out. */
export interface OrderedDraft {
  readonly assets: readonly Asset[];
  readonly groups: readonly {
    readonly draft: GroupDraft;
    /** By sid. */
    readonly listings: readonly {
      readonly sid: number;
      readonly asset: AssetDraft;
      readonly fields: readonly string[];
    }[];
  }[];
  readonly splits: readonly Split[];
  readonly dividends: readonly Dividend[];
}

/**
 * Returns the draft sorted (assets by symbol, groups by calendar and length of bar, events by asset and date), so that the order of
 * the input does not show in the version. Throws {@link DataError} `DRAFT_INVALID` naming group, asset, column and row when columns
 * differ in length, times do not ascend, a list or a required column is missing, a number is infinite, a bar is half missing, an asset is
 * described in two ways, an event names no asset, or, unless the draft is judged, a price or volume is none of its asset;
 * `EVENT_INVALID` for a ratio that is none or a dividend above the price; UsageError `UNKNOWN_CALENDAR`, `INVALID_OPTION`.
 * @param allow what may be odd about prices
 */
export function orderDraft(draft: BundleDraft, allow: readonly AllowedDefect[] = []): OrderedDraft {
  checkAllowed(allow);
  assertLists(draft);
  if (draft.groups.length === 0) refuse('The bundle has no bars: give at least one group with one asset.');
  const assets = assetsOf(draft);
  const sids = new Map(assets.map((asset) => [asset.symbol, asset.sid]));
  // One calendar has one name, so that an alias does not make another version.
  const groups = draft.groups
    .map((group) => ({ ...group, calendar: calendarNamed(draft, group.calendar).name }))
    .sort(
      (a, b) => compare(a.calendar, b.calendar) || FREQUENCIES.indexOf(a.frequency) - FREQUENCIES.indexOf(b.frequency),
    );
  for (const [place, group] of groups.entries()) {
    const before = groups[place - 1];
    if (before?.calendar === group.calendar && before.frequency === group.frequency) {
      refuse(`Two groups are of calendar ${group.calendar} and frequency ${group.frequency}: join them into one.`);
    }
    checkGroup(group);
    if (draft.judged !== true) checkValues(group, allow);
  }
  const sidOf = (symbol: string, event: string): (typeof assets)[number]['sid'] =>
    sids.get(symbol) ?? refuse(`A ${event} is of ${symbol}, of which the bundle has no bars.`, { symbol });
  const splits = draft.splits
    .map(({ symbol, exDate, ratio }) => {
      const sid = sidOf(symbol, 'split');
      parseRatio(ratio, `the split of ${symbol}`);
      return { sid, exDate: label(exDate, `The split of ${symbol}`), ratio };
    })
    .sort((a, b) => a.sid - b.sid || a.exDate - b.exDate || compare(a.ratio, b.ratio));
  const dividends = draft.dividends
    .map(({ symbol, exDate, payDate, amount }) => {
      const sid = sidOf(symbol, 'dividend');
      if (!EXACT_DECIMAL.test(amount) || !/[1-9]/.test(amount)) {
        refuse(`The dividend of ${symbol} is '${amount}': give a positive decimal such as '0.82'.`, {
          symbol,
          amount,
        });
      }
      return {
        sid,
        exDate: label(exDate, `The dividend of ${symbol}`),
        payDate: payDate === undefined ? undefined : label(payDate, `The payment to holders of ${symbol}`),
        amount: plainDecimal(amount),
      };
    })
    .sort(
      (a, b) =>
        a.sid - b.sid ||
        a.exDate - b.exDate ||
        compare(a.amount, b.amount) ||
        (a.payDate ?? a.exDate) - (b.payDate ?? b.exDate),
    );
  const listed = groups.map((group) => ({
    draft: group,
    listings: group.assets
      .map((asset) => ({ sid: sids.get(asset.symbol)!, asset, fields: Object.keys(asset.columns).sort(compare) }))
      .sort((a, b) => a.sid - b.sid),
  }));
  for (const { draft: group, listings } of listed) {
    for (const { sid, asset } of listings) {
      const listing = { asset: assets[sid]!, first: asset.first, column: () => asset.columns.close! };
      adjustmentSchedule(listing, group, splits, dividends);
    }
  }
  return { assets, groups: listed, splits, dividends };
}

/** Not every draft is type-checked. Throws {@link DataError} `DRAFT_INVALID` naming the list of a draft that is missing, or none. */
export function assertLists({ groups, splits, dividends }: BundleDraft): void {
  for (const [key, list] of Object.entries({ groups, splits, dividends })) {
    if (Array.isArray(list)) continue;
    const remedy = key === 'groups' ? '' : ', [] where there are none';
    refuse(`The draft's ${key} are ${givenText(list)}: give an array${remedy}.`, { key });
  }
}

/** Returns the calendar that a group of a draft names: one that came with it, else one of Hindcast's. Throws UsageError `UNKNOWN_CALENDAR`. */
export function calendarNamed({ calendars = [] }: Pick<BundleDraft, 'calendars'>, name: string): Calendar {
  return calendars.find((calendar) => calendar.name === name) ?? getCalendar(name);
}

function assetsOf(draft: BundleDraft): Asset[] {
  const found = new Map<string, Omit<Asset, 'sid'>>();
  for (const group of draft.groups) {
    for (const asset of group.assets) {
      const described = describe(asset, group.calendar);
      const known = found.get(asset.symbol);
      if (known === undefined) found.set(asset.symbol, described);
      for (const key of Object.keys(described) as (keyof typeof described)[]) {
        if (known !== undefined && canonicalJson(known[key] ?? null) !== canonicalJson(described[key] ?? null)) {
          refuse(
            `${asset.symbol} has ${key} ${known[key]} in one group and ${described[key]} in another: give it the same.`,
            { symbol: asset.symbol, key },
          );
        }
      }
    }
  }
  return [...found.values()]
    .sort((a, b) => compare(a.symbol, b.symbol))
    .map((asset, sid) => ({ sid: asSid(sid), ...asset }));
}

function describe(asset: AssetDraft, calendar: string): Omit<Asset, 'sid'> {
  const { symbol, priceDecimals, volumeDecimals } = asset;
  if (symbol.trim() === '' || symbol !== symbol.trim()) refuse(`An asset's symbol is '${symbol}'.`);
  for (const [key, value] of Object.entries({ priceDecimals, volumeDecimals })) {
    if (!Number.isInteger(value) || value < 0 || value > 15) {
      refuse(`${symbol} has ${key} ${value}: give an integer from 0 to 15.`, { symbol, key, value });
    }
  }
  const { tick = Number(`1e-${priceDecimals}`), multiplier = 1, currency = 'USD' } = asset;
  const { lot = calendar === '24/7' ? 1e-8 : 1 } = asset;
  for (const [key, value] of Object.entries({ tick, lot, multiplier })) {
    if (!(Number.isFinite(value) && value > 0)) {
      refuse(`${symbol} has ${key} ${value}: give a number above 0.`, { symbol, key, value });
    }
  }
  const { exchange, tickers } = asset;
  if (tickers !== undefined) checkTickers(symbol, tickers);
  return {
    symbol,
    ...(exchange === undefined ? {} : { exchange }),
    ...(tickers === undefined ? {} : { tickers }),
    tick,
    lot,
    multiplier,
    priceDecimals,
    volumeDecimals,
    currency,
  };
}

function checkTickers(symbol: string, tickers: readonly TickerPeriod[]): void {
  let before = Number.NEGATIVE_INFINITY;
  for (const [place, { ticker, from, to }] of tickers.entries()) {
    if (ticker.trim() === '') refuse(`${symbol} has an empty ticker.`, { symbol });
    const isAfter = from === undefined ? place === 0 : from > before && from <= (to ?? from);
    if (!isAfter || (to === undefined && place < tickers.length - 1)) {
      refuse(`The tickers of ${symbol} overlap or are out of order at ${ticker}.`, { symbol, ticker });
    }
    before = to ?? before;
  }
}

function checkGroup(group: GroupDraft): void {
  const { calendar, frequency, times, assets } = group;
  const name = `Group ${calendar} ${frequency}`;
  if (!FREQUENCIES.includes(frequency)) {
    refuse(`${name}: '${frequency}' is no bar length. Known: ${FREQUENCIES.join(', ')}.`);
  }
  if (assets.length === 0 || times.length === 0) refuse(`${name} is empty: leave it out.`);
  assertColumn(times, `${name}: times`);
  ascending(times, `${name}: times`);
  for (const [key, axis] of Object.entries({ opens: group.opens, closes: group.closes })) {
    if (axis === undefined) continue;
    assertColumn(axis, `${name}: ${key}`);
    if (axis.length !== times.length) refuse(`${name}: ${key} has ${axis.length} rows, times has ${times.length}.`);
    ascending(axis, `${name}: ${key}`);
  }
  const seen = new Set<string>();
  for (const asset of assets) {
    if (seen.has(asset.symbol)) refuse(`${name} lists ${asset.symbol} twice.`, { symbol: asset.symbol });
    seen.add(asset.symbol);
    checkColumns(`${name}, ${asset.symbol}`, asset, times.length);
  }
}

function checkValues({ calendar, frequency, assets }: GroupDraft, allow: readonly AllowedDefect[]): void {
  for (const asset of assets) {
    const found = findBarDefect(asset, allow);
    if (found === undefined) continue;
    const { symbol } = asset;
    const { field, row, value, reason } = found;
    refuse(`Group ${calendar} ${frequency}, ${symbol}: row ${row}, column '${field}': ${reason}.`, {
      symbol,
      field,
      row,
      value,
    });
  }
}

function checkColumns(name: string, { symbol, first, columns }: AssetDraft, axisRows: number): void {
  const fields = Object.keys(columns);
  for (const field of FIELDS) {
    if (!fields.includes(field)) refuse(`${name}: column '${field}' is missing.`, { symbol, field });
  }
  for (const field of fields) assertColumn(columns[field], `${name}: column '${field}'`);
  const rows = columns.close!.length;
  if (!Number.isInteger(first) || first < 0 || rows === 0 || first + rows > axisRows) {
    refuse(`${name}: rows ${first} to ${first + rows} lie outside the axis of ${axisRows} rows.`, {
      symbol,
      first,
      rows,
    });
  }
  const lowered = new Set<string>();
  for (const field of fields) {
    if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(field) || AXIS_NAMES.includes(field)) {
      refuse(
        `${name}: '${field}' cannot name a column: use a letter, then letters, digits or _, and not ${AXIS_NAMES.join(', ')}.`,
      );
    }
    // Two names that differ in case alone would be one file on Windows and macOS.
    if (lowered.has(field.toLowerCase())) refuse(`${name}: two columns are named '${field.toLowerCase()}'.`);
    lowered.add(field.toLowerCase());
    checkNumbers(name, field, columns, rows);
    afterValues(2 * rows);
  }
}

function checkNumbers(name: string, field: string, columns: AssetDraft['columns'], rows: number): void {
  const column = columns[field]!;
  if (column.length !== rows) {
    refuse(`${name}: column '${field}' has ${column.length} rows, 'close' has ${rows}.`, { field });
  }
  const close = columns.close!;
  const required = isField(field);
  for (let row = 0; row < rows; row++) {
    const value = column[row]!;
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
      refuse(`${name}: column '${field}' is infinite in row ${row}.`, { field, row });
    }
    // A missing bar is missing in every required column; a named column may have holes of its own.
    const missing = Number.isNaN(close[row]!);
    if (missing !== Number.isNaN(value) && (required || missing)) {
      refuse(
        `${name}: in row ${row} '${missing ? 'close' : field}' is missing and '${missing ? field : 'close'}' is not: a missing bar is missing in every column.`,
        { field, row },
      );
    }
  }
}

/** Not every draft is type-checked: a plain array would do as a column until its bytes are asked for. */
function assertColumn(column: unknown, name: string): void {
  if (column instanceof Float64Array) return;
  const remedy = Array.isArray(column) || ArrayBuffer.isView(column) ? ': Float64Array.from(values)' : '';
  const given = Array.isArray(column) ? 'a plain array' : givenText(column);
  refuse(`${name} is ${given}: give a Float64Array${remedy}.`);
}

function ascending(axis: Float64Array, name: string): void {
  for (let row = 0; row < axis.length; row++) {
    const value = axis[row]!;
    if (!Number.isSafeInteger(value)) refuse(`${name}: row ${row} is ${value}, no whole milliseconds.`, { row });
    if (row > 0 && value <= axis[row - 1]!) {
      refuse(`${name}: row ${row} (${iso(value)}) is not after row ${row - 1} (${iso(axis[row - 1]!)}).`, { row });
    }
  }
}

function label(date: number, what: string): ReturnType<typeof asEpochMs> {
  if (Number.isSafeInteger(date) && date % DAY_MS === 0) return asEpochMs(date);
  return refuse(`${what} is dated ${date}: give UTC midnight of the session's date in milliseconds.`, { date });
}

const iso = (time: number): string => (Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time));

/** One amount has one text, 0.5 also where a source writes 0.50, so that it has one version. */
const plainDecimal = (text: string): string =>
  text
    .replace(/^0+(?=\d)/, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');

/** By code units: the same on every machine, whatever its language. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function refuse(message: string, details: Readonly<Record<string, unknown>> = {}): never {
  throw new DataError('DRAFT_INVALID', { message: `${message} Nothing was written.`, details });
}
