import type { BarGroup, Bundle, Listing } from '../data/bundle.js';
import type { Asset } from '../market/asset.js';
import type { Column, LongTable, Table } from './table.js';

/** Rows of a run: enough for a row group that compresses well, few enough to be held as boxed integers. */
const RUN_ROWS = 65_536;
const PRICES: readonly string[] = ['open', 'high', 'low', 'close'];
/** Digits of an asset's integers: 15, and 16 for a count up to 2^53. */
const INTEGER_DIGITS = 16;

/** What a file of bars says of its bundle beside the rows, so that it can be ingested into the same version again. */
export interface BarsNote {
  readonly calendar: string;
  readonly frequency: string;
  readonly synthetic: boolean;
  readonly assets: readonly Omit<Asset, 'sid'>[];
}

/** The tables of a bundle, and the columns whose values are no decimals of their asset. */
export interface BundleTables {
  readonly tables: readonly LongTable[];
  /** Columns that are doubles where a decimal is expected, by the name of their table. */
  readonly doubles: ReadonlyMap<string, readonly string[]>;
}

/** Returns the names of a bundle's tables in their order. */
export const bundleTableNames = ({ groups }: Pick<Bundle, 'groups'>): string[] => [
  'assets',
  ...groups.map(barsName),
  'splits',
  'dividends',
];

/**
 * Returns a bundle as tables: `assets`, a row for each asset and bar length; `bars-CALENDAR-LENGTH` for each group, by asset and then
 * time, without the bars that are missing; `splits` and `dividends`. Prices and volumes are exact decimals at the most decimals of any
 * asset in the table; a column with a value that is no decimal of its asset (a bundle of columns may hold such) is doubles instead.
 */
export function bundleTables(bundle: Bundle): BundleTables {
  const doubles = new Map<string, readonly string[]>();
  const bars = bundle.groups.map((group) => {
    const fields = fieldsOf(group);
    doubles.set(
      barsName(group),
      fields.filter(({ isWanted, scale }) => isWanted && scale === undefined).map(({ name }) => name),
    );
    return barsTable(bundle, group, fields);
  });
  const { splits, dividends } = bundle;
  const symbolOf = ({ sid }: { readonly sid: number }): string => bundle.assets[sid]!.symbol;
  const tables = [
    short('assets', assetColumns(bundle)),
    ...bars,
    short('splits', [
      { name: 'symbol', kind: 'text', values: splits.map(symbolOf) },
      { name: 'ex_date', kind: 'date', values: splits.map(({ exDate }) => exDate) },
      { name: 'ratio', kind: 'text', values: splits.map(({ ratio }) => ratio) },
    ]),
    short('dividends', [
      { name: 'symbol', kind: 'text', values: dividends.map(symbolOf) },
      { name: 'ex_date', kind: 'date', values: dividends.map(({ exDate }) => exDate) },
      { name: 'pay_date', kind: 'date', values: dividends.map(({ payDate = null }) => payDate) },
      { name: 'amount', kind: 'decimal', values: dividends.map(({ amount }) => amount) },
    ]),
  ];
  return { tables, doubles };
}

const barsName = ({ calendar, frequency }: BarGroup): string =>
  `bars-${calendar.replace(/[^A-Za-z0-9]+/g, '-')}-${frequency}`;

const short = (name: string, columns: readonly Column[]): LongTable => ({
  name,
  runs: () => [{ name, columns }],
});

function assetColumns({ groups }: Bundle): Column[] {
  const rows = groups
    .flatMap((group) => group.listings.map((listing) => ({ group, listing, asset: listing.asset })))
    .sort((a, b) => a.asset.sid - b.asset.sid);
  const text = (name: string, value: (row: (typeof rows)[number]) => string): Column => ({
    name,
    kind: 'text',
    values: rows.map(value),
  });
  const integer = (name: string, value: (row: (typeof rows)[number]) => number): Column => ({
    name,
    kind: 'integer',
    values: rows.map(value),
  });
  const decimal = (name: 'tick' | 'lot' | 'multiplier'): Column => ({
    name,
    kind: 'decimal',
    values: rows.map(({ asset }) => String(asset[name])),
  });
  return [
    integer('sid', ({ asset }) => asset.sid),
    text('symbol', ({ asset }) => asset.symbol),
    text('calendar', ({ group }) => group.calendar),
    text('frequency', ({ group }) => group.frequency),
    text('currency', ({ asset }) => asset.currency),
    ...(['tick', 'lot', 'multiplier'] as const).map(decimal),
    integer('price_decimals', ({ asset }) => asset.priceDecimals),
    integer('volume_decimals', ({ asset }) => asset.volumeDecimals),
    { name: 'first', kind: 'time', values: rows.map(({ group, listing }) => group.times[listing.first]!) },
    { name: 'last', kind: 'time', values: rows.map(({ group, listing }) => group.times[listing.end - 1]!) },
    integer('bars', ({ listing }) => barsOf(listing)),
  ];
}

function barsOf(listing: Listing): number {
  const close = listing.column('close');
  let bars = 0;
  for (let row = 0; row < close.length; row++) if (!Number.isNaN(close[row]!)) bars++;
  return bars;
}

/** A column of a group's bars. */
interface BarField {
  readonly name: string;
  /** Whether its values are decimals of their asset. */
  readonly isWanted: boolean;
  /** Decimals at which every value of it is exact; undefined for doubles. */
  readonly scale: number | undefined;
  readonly digits: number;
}

function fieldsOf({ listings }: BarGroup): BarField[] {
  const required = [...PRICES, 'volume'];
  const names = new Set([...required, ...listings.flatMap(({ fields }) => fields)]);
  return [...names].map((name) => {
    const isWanted = required.includes(name);
    const scales = listings.map(({ asset }) => decimalsOf(asset, name));
    const scale = Math.max(...scales);
    const isExact = isWanted && listings.every((listing) => isDecimal(listing, name));
    const digits = INTEGER_DIGITS + scale - Math.min(...scales);
    return { name, isWanted, scale: isExact ? scale : undefined, digits };
  });
}

const decimalsOf = ({ priceDecimals, volumeDecimals }: Asset, field: string): number =>
  field === 'volume' ? volumeDecimals : priceDecimals;

/** Whether every value is the double of a decimal with the asset's decimals, so that text and integer give the same double again. */
function isDecimal(listing: Listing, field: string): boolean {
  const column = listing.column(field);
  const power = Number(`1e${decimalsOf(listing.asset, field)}`);
  for (let row = 0; row < column.length; row++) {
    const value = column[row]!;
    if (Number.isNaN(value)) continue;
    const scaled = Math.round(value * power);
    if (scaled / power !== value || Math.abs(scaled) > (power === 1 ? Number.MAX_SAFE_INTEGER : 1e15)) return false;
  }
  return true;
}

function barsTable(bundle: Bundle, group: BarGroup, fields: readonly BarField[]): LongTable {
  const name = barsName(group);
  const { calendar, frequency } = group;
  const isDated = ['1d', '1w', '1mo'].includes(frequency);
  const note: BarsNote = {
    calendar,
    frequency,
    synthetic: bundle.manifest.synthetic,
    assets: group.listings.map(({ asset: { sid: _sid, ...asset } }) => asset),
  };
  return { name, note: JSON.stringify(note), runs };

  function* runs(): Generator<Table> {
    let run = new Run(fields);
    for (const listing of group.listings) {
      const columns = fields.map((field) =>
        listing.fields.includes(field.name) ? listing.column(field.name) : undefined,
      );
      const close = listing.column('close');
      for (let row = 0; row < close.length; row++) {
        if (Number.isNaN(close[row]!)) continue;
        run.add(listing.asset.symbol, group.times[listing.first + row]!, columns, row);
        if (run.rows < RUN_ROWS) continue;
        yield { name, columns: run.columns(isDated) };
        run = new Run(fields);
      }
    }
    yield { name, columns: run.columns(isDated) };
  }
}

/** The rows of one run of a table of bars. */
class Run {
  rows = 0;
  readonly #fields: readonly BarField[];
  readonly #symbols: string[] = [];
  readonly #times = new Float64Array(RUN_ROWS);
  readonly #values: readonly Float64Array[];

  constructor(fields: readonly BarField[]) {
    this.#fields = fields;
    this.#values = fields.map(() => new Float64Array(RUN_ROWS));
  }

  add(symbol: string, time: number, columns: readonly (ArrayLike<number> | undefined)[], row: number): void {
    this.#symbols.push(symbol);
    this.#times[this.rows] = time;
    for (let field = 0; field < columns.length; field++) {
      this.#values[field]![this.rows] = columns[field]?.[row] ?? Number.NaN;
    }
    this.rows++;
  }

  columns(isDated: boolean): Column[] {
    const times = this.#times.subarray(0, this.rows);
    return [
      { name: 'symbol', kind: 'text', values: this.#symbols },
      isDated ? { name: 'date', kind: 'date', values: times } : { name: 'time', kind: 'time', values: times },
      ...this.#fields.map(({ name, scale, digits }, field): Column => {
        const values = this.#values[field]!.subarray(0, this.rows);
        return scale === undefined ? { name, kind: 'number', values } : { name, kind: 'price', values, scale, digits };
      }),
    ];
  }
}
