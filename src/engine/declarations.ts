import { UsageError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { restate } from '../data/adjustments.js';
import type { IndicatorColumns, IndicatorInputs, IndicatorSource, StreamedColumns } from '../indicators/columns.js';
import type { Indicator, Reading, Series } from '../indicators/indicator.js';
import type { Asset } from '../market/asset.js';
import type { Field, Frequency } from '../market/bars.js';
import type { Clock } from './clock.js';
import type { AssetView } from './market-view.js';
import { columnDeclared, type DeclaredSeries, isSeries, type SeriesColumn, seriesOver } from './series.js';

/**
 * What a strategy declares in `initialize`: series and indicators over the assets of its account. It lives for many runs: a series over a
 * column that it has seen before is not made anew, so that a trial of a search allocates nothing for what it declares.
 */
export class Declarations {
  readonly #clock: Clock;
  readonly #assets: readonly AssetView[];
  readonly #frequency: Frequency;
  readonly #source: IndicatorSource;
  readonly #rows: RowSpan;
  /** Of the present run. */
  readonly #declared: DeclaredSeries[] = [];
  /** The axis row at which each indicator is first ready, for the asset where it is so earliest; of an account in several assets. */
  readonly #ready = new Map<string, number>();
  /** The last row at which an indicator is first ready, of an account in one asset. */
  #lastReady = 0;
  /** The same of columns that grow: what says whether an indicator has seen its bars. */
  readonly #arriving = new Map<string, StreamedColumns[]>();
  /** What was made for columns of earlier runs; it goes when the columns do. */
  readonly #known = new WeakMap<IndicatorColumns, DeclaredIndicator>();
  readonly #fields = new Map<AssetView, Map<Field, DeclaredSeries>>();
  readonly #one = new Float64Array(1);

  constructor(options: {
    readonly clock: Clock;
    readonly assets: readonly AssetView[];
    readonly frequency: Frequency;
    readonly source: IndicatorSource;
    /** The axis rows at which the strategy may read. */
    readonly rows: RowSpan;
  }) {
    this.#clock = options.clock;
    this.#assets = options.assets;
    this.#frequency = options.frequency;
    this.#source = options.source;
    this.#rows = options.rows;
  }

  /** Starts the declaring of another run: no series has a value until {@link begin}. */
  open(): void {
    const declared = this.#declared;
    while (declared.length > 0) declared.pop()!.rest();
    this.#lastReady = 0;
    if (this.#ready.size > 0) this.#ready.clear();
    if (this.#arriving.size > 0) this.#arriving.clear();
  }

  /**
   * The axis row of the first decision, `first` at the earliest: where every indicator is ready for at least one of the assets that it was
   * declared for. An asset that is listed years later does not hold up the others.
   */
  firstDecision(first: number): number {
    let row = Math.max(first, this.#lastReady);
    for (const ready of this.#ready.values()) row = Math.max(row, ready);
    return row;
  }

  /**
   * Whether the first decision can be made, of columns that grow: see {@link firstDecision}.
   *
   * @param more bars that are about to arrive. @defaultValue 0
   */
  areReady(more = 0): boolean {
    for (const columns of this.#arriving.values()) {
      if (!columns.some(({ seen, warmUp }) => seen + more >= warmUp)) return false;
    }
    return true;
  }

  /** Ends the declaring: from now on all series have their values. */
  begin(): void {
    for (const series of this.#declared) series.begin();
  }

  series(asset: Asset, field: Field, frequency: Frequency | undefined): Series {
    this.#checkFrequency(frequency);
    const view = this.#viewOf(asset);
    let ofAsset = this.#fields.get(view);
    if (ofAsset === undefined) {
      ofAsset = new Map();
      this.#fields.set(view, ofAsset);
    }
    let series = ofAsset.get(field);
    if (series === undefined) {
      series = this.#seriesOver(this.#fieldColumn(view, field));
      ofAsset.set(field, series);
    }
    this.#declare(series);
    return series;
  }

  indicator(
    recipe: Indicator<readonly Field[], string>,
    source: Asset | Readonly<Record<string, Series>>,
    frequency: Frequency | undefined,
  ): Reading<string> {
    this.#checkFrequency(frequency);
    const computed = isAsset(source) ? this.#overAsset(recipe, this.#viewOf(source)) : this.#overSeries(recipe, source);
    let declared = this.#known.get(computed.result);
    if (declared === undefined) {
      declared = this.#declareIndicator(recipe, computed);
      this.#known.set(computed.result, declared);
    }
    const { shape, ready, series } = declared;
    if (this.#source.grows === true) this.#arrives(shape, computed.result as StreamedColumns);
    if (this.#assets.length === 1) this.#lastReady = Math.max(this.#lastReady, ready);
    else this.#readyIn(shape, ready);
    for (let i = 0; i < series.length; i++) this.#declare(series[i]!);
    return declared.reading;
  }

  #declare(series: DeclaredSeries): void {
    series.declare();
    this.#declared.push(series);
  }

  #readyIn(shape: string, row: number): void {
    const earliest = this.#ready.get(shape);
    if (earliest === undefined || row < earliest) this.#ready.set(shape, row);
  }

  #arrives(shape: string, columns: StreamedColumns): void {
    const ofShape = this.#arriving.get(shape);
    if (ofShape === undefined) this.#arriving.set(shape, [columns]);
    else ofShape.push(columns);
  }

  #declareIndicator(recipe: Indicator<readonly Field[], string>, computed: Computed): DeclaredIndicator {
    const { result, first } = computed;
    const shape = computed.shape();
    const isRestated = this.#source.grows === true || result.rows.length > 0;
    const series = recipe.outputs.map((output) =>
      this.#seriesOver(new OutputColumn(result, output, first, shape, isRestated)),
    );
    const isOne = recipe.outputs.length === 1 && recipe.outputs[0] === 'value';
    const named = Object.fromEntries(recipe.outputs.map((output, k) => [output, series[k]!]));
    return {
      reading: (isOne ? series[0]! : Object.freeze(named)) as unknown as Reading<string>,
      series,
      ready: this.#source.grows === true ? NEVER : first + readyRow(result, computed.inputs),
      shape,
    };
  }

  #overAsset(recipe: Indicator<readonly Field[], string>, view: AssetView): Computed {
    const inputs = inputsOf(view, recipe.inputs);
    const { first } = view.listing;
    return {
      result: this.#source.columns(recipe, inputs),
      inputs: inputs.columns,
      first,
      shape: () => recipe.identity,
    };
  }

  #overSeries(recipe: Indicator<readonly Field[], string>, source: Readonly<Record<string, Series>>): Computed {
    const parents = recipe.inputs.map((_, index) => {
      const parent = columnDeclared(source[index], this.#clock);
      if (parent === undefined) throw noSeries(recipe, index, source);
      return parent;
    });
    const first = Math.max(...parents.map((parent) => parent.first));
    const shape = (): string => `${recipe.identity}(${parents.map((parent) => parent.shape).join(',')})`;
    if (this.#source.grows === true) {
      // Columns that grow have all rows of the axis that have arrived.
      const inputs = parents.map(({ values }) => values);
      return { result: this.#source.columns(recipe, overSeries(parents, inputs, first, 0)), inputs, first, shape };
    }
    const length = Math.max(0, this.#rows.to - first);
    const inputs = parents.map((parent) => rowsOf(parent, first, first + length));
    const result = this.#source.columns(recipe, overSeries(parents, inputs, first, length));
    return { result, inputs, first, shape };
  }

  #seriesOver(column: SeriesColumn): DeclaredSeries {
    const isWhole = column.first <= this.#rows.from && column.first + column.values.length >= this.#rows.to;
    return seriesOver(this.#clock, column, isWhole);
  }

  /** A field as of each bar; the current bar needs no restating, bars before an event do. */
  #fieldColumn(view: AssetView, field: Field): SeriesColumn {
    const { listing, schedule } = view;
    const values = listing.column(field);
    return {
      key: `${view.key}/${field}`,
      values,
      first: listing.first,
      shape: field,
      carries: false,
      restatement: schedule && {
        rows: schedule.rows,
        value: (segment, row) => {
          restate(values, schedule, kindOf(field), schedule.rows[segment - 1]!, row, row + 1, this.#one);
          return this.#one[0]!;
        },
      },
    };
  }

  #viewOf(asset: Asset): AssetView {
    const view = this.#assets.find((candidate) => candidate.asset.sid === asset?.sid);
    if (view === undefined) {
      throw new UsageError('UNKNOWN_ASSET', {
        message: `${asset?.symbol ?? String(asset)} is not part of this run; its assets are ${this.#assets.map((known) => known.asset.symbol).join(', ')}.`,
      });
    }
    return view;
  }

  #checkFrequency(frequency: Frequency | undefined): void {
    if (frequency !== undefined && frequency !== this.#frequency) {
      throw new UsageError('UNSUPPORTED_FREQUENCY', {
        message: `series and indicators are over the run's own bars of ${this.#frequency}, not of ${frequency}. Longer bars are read by data.history(asset, field, count, '${frequency}'), or run on: --frequency.`,
        details: { frequency, available: [this.#frequency] },
      });
    }
  }
}

/** A column of an indicator: one of a thousand in a search, so small. What only another indicator asks for is made when it does. */
class OutputColumn implements SeriesColumn {
  readonly values: ReadonlyFloat64Array;
  readonly first: number;
  readonly carries = true;
  readonly restatement: SeriesColumn['restatement'];
  readonly #result: IndicatorColumns;
  readonly #output: string;
  readonly #shape: string;

  /**
   * @param shape - of the indicator, see {@link SeriesColumn.shape}
   * @param isRestated - whether there are rows, or may come some, at which its past is restated
   */
  constructor(result: IndicatorColumns, output: string, first: number, shape: string, isRestated: boolean) {
    this.values = result.outputs[output]!;
    this.first = first;
    this.#result = result;
    this.#output = output;
    this.#shape = shape;
    this.restatement = isRestated
      ? { rows: result.rows, value: (segment, row) => result.restatedValue(segment, output, row) }
      : undefined;
  }

  get key(): string {
    return `${this.#result.key}/${this.#output}`;
  }

  get shape(): string {
    return Object.keys(this.#result.outputs).length === 1 ? this.#shape : `${this.#shape}/${this.#output}`;
  }
}

/** A row that no axis reaches. */
const NEVER = 2 ** 30;

/** Axis rows `[from, to)`. */
export interface RowSpan {
  readonly from: number;
  readonly to: number;
}

interface Computed {
  readonly result: IndicatorColumns;
  readonly inputs: readonly ReadonlyFloat64Array[];
  /** Axis row of index 0. */
  readonly first: number;
  readonly shape: () => string;
}

/** An indicator over one asset or given series, as the strategy reads it. */
interface DeclaredIndicator {
  readonly reading: Reading<string>;
  /** One an output. */
  readonly series: readonly DeclaredSeries[];
  /** The axis row at which it is first ready. */
  readonly ready: number;
  /** What was computed of what, whatever the asset. */
  readonly shape: string;
}

/** Says why what was given for an input of an indicator over series is none of the run. */
function noSeries(
  { name, inputs }: Indicator<readonly Field[], string>,
  index: number,
  source: Readonly<Record<string, Series>>,
): UsageError {
  if (isSeries(source)) {
    const list = inputs.map((_, input) => (input === 0 ? 'series' : `series${input + 1}`)).join(', ');
    return new UsageError('INVALID_ARGUMENT', {
      message: `indicator ${name} over series takes a list of ${inputs.length}, [${list}], and was given a series that is in none. Put it in brackets.`,
      details: { indicator: name, input: index },
    });
  }
  if (!isSeries(source[index])) {
    return new UsageError('INVALID_ARGUMENT', {
      message: `indicator ${name} over series needs ${inputs.length} of them, made by series() or indicator(), in a list.`,
      details: { indicator: name, input: index },
    });
  }
  return new UsageError('SERIES_OF_OTHER_RUN', {
    message: `indicator ${name} was given a series, number ${index + 1}, that another run or another account of this one has declared. Nothing outlives a run: call series() or indicator() for it in this initialize, and keep it in the state that initialize returns, not in a variable of the module.`,
    details: { indicator: name, input: index },
  });
}

/** The row at which an indicator has seen the bars that it needs: missing ones do not count. {@link NEVER} when there are too few. */
function readyRow(result: IndicatorColumns, inputs: readonly ReadonlyFloat64Array[]): number {
  const { length } = inputs[0]!;
  if (result.firstReady === result.warmUp - 1 && result.firstReady < length) return result.firstReady;
  let seen = 0;
  for (let row = 0; row < length; row++) {
    if (inputs.every((column) => !Number.isNaN(column[row]!)) && ++seen === result.warmUp) return row;
  }
  return NEVER;
}

/** Given series as inputs of an indicator, from axis row `first` on. */
const overSeries = (
  parents: readonly SeriesColumn[],
  columns: readonly ReadonlyFloat64Array[],
  first: number,
  length: number,
): IndicatorInputs => ({
  key: `(${parents.map(({ key }) => key).join(',')})${length}`,
  length,
  columns,
  kinds: parents.map(() => 'none' as const),
  schedule: undefined,
  restatements: parents.map((parent) => restatementFrom(parent, first)),
});

/**
 * Axis rows `[from, to)` of a series. Beyond its end an indicator keeps its value, and bars of a field are missing: as in a gap, since
 * only later bars tell one from the other.
 */
function rowsOf({ values, first, carries }: SeriesColumn, from: number, to: number): ReadonlyFloat64Array {
  if (to - first <= values.length) return values.subarray(from - first, Math.max(from, to) - first);
  const rows = new Float64Array(to - from).fill(carries ? values[values.length - 1]! : Number.NaN);
  rows.set(values.subarray(from - first) as Float64Array);
  return rows;
}

const knownInputs = new WeakMap<AssetView, Map<string, IndicatorInputs>>();

/** An asset's fields as inputs of an indicator: made once for all runs over a view. */
function inputsOf(view: AssetView, fields: readonly Field[]): IndicatorInputs {
  let ofView = knownInputs.get(view);
  if (ofView === undefined) {
    ofView = new Map();
    knownInputs.set(view, ofView);
  }
  const name = fields.length === 1 ? fields[0]! : fields.join();
  let inputs = ofView.get(name);
  if (inputs === undefined) {
    const { listing, schedule } = view;
    inputs = {
      key: view.key,
      length: listing.end - listing.first,
      columns: fields.map((field) => listing.column(field)),
      kinds: fields.map(kindOf),
      schedule,
    };
    ofView.set(name, inputs);
  }
  return inputs;
}

/** How a series' past changes, in rows of a column that begins at axis row `first`, at or after its own. */
function restatementFrom(series: SeriesColumn, first: number): SeriesColumn['restatement'] {
  const { restatement } = series;
  const shift = first - series.first;
  if (restatement === undefined || shift === 0) return restatement;
  return {
    rows: restatement.rows.map((row) => row - shift),
    value: (segment, row) => restatement.value(segment, row + shift),
  };
}

const kindOf = (field: Field): 'price' | 'volume' => (field === 'volume' ? 'volume' : 'price');

function isAsset(source: object): source is Asset {
  return 'sid' in source;
}
