import { UsageError } from '../core/errors.js';
import { givenText } from '../core/option-kind.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { nearestHint, rejectUnknownKeys } from '../core/suggest.js';
import { adjustmentKind } from '../data/adjustments.js';
import type { HistoryReader } from '../data/history.js';
import { separateWindows, type WindowMemory } from '../data/window-memory.js';
import type { Asset } from '../market/asset.js';
import type { Frequency } from '../market/bars.js';
import type { Clock } from './clock.js';
import { closedBy, type LongerBars, longerBars, pendingFactor } from './longer-bars.js';
import type { AssetView, RunView } from './market-view.js';
import type { BarData, FieldName, HistoryFrame } from './strategy.js';

type Window = ReadonlyFloat64Array;
type Many<T> = T | readonly T[];

interface HistoryOptions {
  readonly returnType?: 'frame' | 'array';
  readonly view?: boolean;
}

const WITHOUT_OPTIONS: HistoryOptions = Object.freeze({});
const HISTORY_KEYS = ['returnType', 'view'] as const satisfies readonly (keyof HistoryOptions)[];
const RETURN_TYPES: readonly string[] = ['array', 'frame'];

/** The market as of the clock. Functions are bound, so that destructuring is safe. */
export class ClockedBarData implements BarData {
  readonly #clock: Clock;
  readonly #view: RunView;
  readonly #history: HistoryReader;
  readonly #memory: WindowMemory;
  readonly #bySid = new Map<number, AssetView>();
  readonly #longer = new Map<Frequency, LongerBars>();

  /** @param memory - of the windows that are given away. @defaultValue memory of its own for each */
  constructor(
    clock: Clock,
    view: RunView,
    assets: readonly AssetView[],
    history: HistoryReader,
    memory: WindowMemory = separateWindows,
  ) {
    this.#clock = clock;
    this.#view = view;
    this.#history = history;
    this.#memory = memory;
    for (const asset of assets) this.#bySid.set(asset.asset.sid, asset);
    Object.freeze(this);
  }

  readonly open = (asset: Asset): number => this.#read(asset, 'open');
  readonly high = (asset: Asset): number => this.#read(asset, 'high');
  readonly low = (asset: Asset): number => this.#read(asset, 'low');
  readonly close = (asset: Asset): number => this.#read(asset, 'close');
  readonly volume = (asset: Asset): number => this.#read(asset, 'volume');
  readonly current = (asset: Asset, field: FieldName): number => this.#read(asset, field);

  readonly canTrade = (asset: Asset): boolean => !Number.isNaN(this.#read(asset, 'close'));

  readonly isStale = (asset: Asset): boolean => {
    const { listing, marks } = this.#viewOf(asset);
    // Stale is what has traded before.
    const mark = marks[Math.min(this.#clock.row - listing.first, marks.length - 1)];
    return mark !== undefined && !Number.isNaN(mark) && Number.isNaN(this.#read(asset, 'close'));
  };

  readonly history = ((
    assets: Many<Asset>,
    fields: Many<FieldName>,
    barCount: number,
    frequency?: Frequency,
    options: HistoryOptions = WITHOUT_OPTIONS,
  ): unknown => {
    checkArguments(fields, frequency);
    checkHistory(options);
    const past = this.#pastIn(frequency);
    if (options.returnType !== 'array') return frameOf(past, assets, fields, barCount);
    const view = options.view === true;
    const ofField = (field: FieldName): Window | Window[] =>
      isList(assets)
        ? assets.map((asset) => past.window(asset, field, barCount, view))
        : past.window(assets, field, barCount, view);
    return isList(fields) ? Object.fromEntries(fields.map((field) => [field, ofField(field)])) : ofField(fields);
  }) as BarData['history'];

  #read(asset: Asset, field: FieldName): number {
    const { listing } = this.#viewOf(asset);
    const column = listing.column(field);
    const row = this.#clock.row - listing.first;
    return row >= 0 && row < column.length ? column[row]! : Number.NaN;
  }

  #viewOf(asset: Asset): AssetView {
    const view = this.#bySid.get(asset?.sid);
    if (view === undefined) {
      throw new UsageError('UNKNOWN_ASSET', {
        message: `${asset?.symbol ?? givenText(asset)} is not part of this run; its assets are ${[...this.#bySid.values()].map(({ asset: { symbol } }) => symbol).join(', ')}.`,
      });
    }
    return view;
  }

  /** Those of a market that is arriving are made anew as they close. */
  #longerBars(frequency: Frequency, now: number): LongerBars {
    const known = this.#view.group.grows === true ? undefined : this.#longer.get(frequency);
    if (known !== undefined) return known;
    const longer = longerBars(this.#view, frequency, now);
    this.#longer.set(frequency, longer);
    return longer;
  }

  /** Bars of the run's own length, or longer ones that have closed. */
  #pastIn(frequency: Frequency | undefined): Past {
    const { group } = this.#view;
    const { row, beforeOpen } = this.#clock;
    if (frequency === undefined || frequency === group.frequency) {
      return {
        times: group.times,
        row,
        window: (asset, field, count, view) => {
          const { listing, schedule } = this.#viewOf(asset);
          return this.#history.window(listing, schedule, field, row - listing.first, count, view, this.#memory);
        },
      };
    }
    const now = beforeOpen || row < 0 ? group.opens[row + 1]! : group.closes[row]!;
    const longer = this.#longerBars(frequency, now);
    const last = closedBy(longer.axis, now) - 1;
    return {
      times: longer.axis.times,
      row: last,
      window: (asset, field, count, view) => {
        const own = this.#viewOf(asset);
        const made = longer.assetOf(own);
        // An asset without a longer bar has no past in them, but its columns have names and counts are counts.
        if (made === undefined)
          return this.#history.window(own.listing, own.schedule, field, -1, count, false, this.#memory);
        const factor = pendingFactor(own, group, adjustmentKind(field), row, longer.axis.closes[last]!);
        const end = last - made.listing.first;
        if (factor === 1)
          return this.#history.window(made.listing, made.schedule, field, end, count, view, this.#memory);
        const values = this.#history.window(
          made.listing,
          made.schedule,
          field,
          end,
          count,
          false,
          this.#memory,
        ) as Float64Array;
        for (let i = 0; i < values.length; i++) values[i] = values[i]! * factor;
        return values;
      },
    };
  }
}

/**
 * The same market, in which a window asked for as an array is taken out of labelled rows: the baseline that reading it as an array is
 * measured against.
 */
export function fromLabelledRows(data: BarData): BarData {
  const history = ((
    assets: Many<Asset>,
    fields: Many<FieldName>,
    barCount: number,
    frequency?: Frequency,
    options: HistoryOptions = WITHOUT_OPTIONS,
  ): unknown => {
    checkHistory(options);
    const frame = data.history(assets, fields, barCount, frequency);
    if (options.returnType !== 'array') return frame;
    const ofField = (field: FieldName): Window | Window[] =>
      isList(assets) ? assets.map((asset) => frame.column(asset, field)) : frame.column(assets, field);
    return isList(fields) ? Object.fromEntries(fields.map((field) => [field, ofField(field)])) : ofField(fields);
  }) as BarData['history'];
  return Object.freeze({ ...data, history });
}

/** Throws UsageError `INVALID_ARGUMENT` for a field or a bar length that is no text, as where options stand in its place. */
function checkArguments(fields: Many<FieldName>, frequency: Frequency | undefined): void {
  if (!isList(fields)) checkText('field', 'second', "a column such as 'close'", fields);
  else for (const field of fields) checkText('field', 'second', "a column such as 'close'", field);
  if (frequency !== undefined)
    checkText('bar length', 'fourth', "one such as '1d'; its options are the fifth", frequency);
}

function checkText(what: string, place: string, takes: string, given: unknown): void {
  if (typeof given === 'string') return;
  throw new UsageError('INVALID_ARGUMENT', {
    message: `The ${what} of history, its ${place} argument, is ${takes}; given was ${givenText(given)}.`,
    details: { argument: what, given: givenText(given) },
  });
}

/**
 * Throws UsageError `UNKNOWN_OPTION` or `INVALID_OPTION` for options of `history` that are none. It is called on every bar: a loop over the names
 * makes nothing, where a list of them would.
 */
function checkHistory(options: HistoryOptions): void {
  if (typeof options !== 'object' || options === null) rejectUnknownKeys('history', options, HISTORY_KEYS);
  for (const key in options) {
    if (key !== 'returnType' && key !== 'view') rejectUnknownKeys('history', options, HISTORY_KEYS);
  }
  const { returnType, view } = options;
  if (returnType !== undefined && returnType !== 'array' && returnType !== 'frame') {
    const hint = typeof returnType === 'string' ? nearestHint(returnType, RETURN_TYPES) : '';
    throw new UsageError('INVALID_OPTION', {
      message: `Option 'returnType' of history is 'frame' or 'array', not ${givenText(returnType)}.${hint}`,
      details: { option: 'returnType', given: givenText(returnType), known: RETURN_TYPES },
    });
  }
  if (view !== undefined && typeof view !== 'boolean') {
    throw new UsageError('INVALID_OPTION', {
      message: `Option 'view' of history is true or false, not ${givenText(view)}.`,
      details: { option: 'view', given: givenText(view) },
    });
  }
}

/** Windows that end at a row of an axis; rows outside an asset's life are NaN. */
interface Past {
  readonly times: Window;
  readonly row: number;
  window(asset: Asset, field: FieldName, count: number, view: boolean): Window;
}

function frameOf(past: Past, assets: Many<Asset>, fields: Many<FieldName>, count: number): HistoryFrame {
  const rows = isList(assets) ? assets : [assets];
  const names = isList(fields) ? fields : [fields];
  const columns = new Map<Asset, Map<FieldName, Window>>();
  for (const asset of rows) {
    columns.set(asset, new Map(names.map((field) => [field, past.window(asset, field, count, false)])));
  }
  const labels = new Float64Array(count).fill(Number.NaN);
  for (let i = 0; i < count && past.row - i >= 0; i++) labels[count - 1 - i] = past.times[past.row - i]!;
  return new LabelledFrame(labels, rows, names, columns);
}

class LabelledFrame implements HistoryFrame {
  readonly times: Window;
  readonly assets: readonly Asset[];
  readonly fields: readonly FieldName[];
  readonly #columns: ReadonlyMap<Asset, ReadonlyMap<FieldName, Window>>;

  constructor(
    times: Window,
    assets: readonly Asset[],
    fields: readonly FieldName[],
    columns: ReadonlyMap<Asset, ReadonlyMap<FieldName, Window>>,
  ) {
    this.times = times;
    this.assets = assets;
    this.fields = fields;
    this.#columns = columns;
  }

  column(asset: Asset, field: FieldName): Window {
    const column = this.#columns.get(asset)?.get(field);
    if (column === undefined) {
      throw new UsageError('UNKNOWN_COLUMN', {
        message: `This frame holds ${this.fields.join(', ')} of ${this.assets.map(({ symbol }) => symbol).join(', ')}, not ${field} of ${asset.symbol}.`,
      });
    }
    return column;
  }
}

function isList<T>(value: Many<T>): value is readonly T[] {
  return Array.isArray(value);
}
