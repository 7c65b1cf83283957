import { DataError } from '../../core/errors.js';
import { peek, prepended, useRecords } from './csv-source.js';
import { jsonRows } from './json-rows.js';
import type { LayoutName } from './layouts.js';
import { type NumberStyle, quote, styleOf } from './number-cell.js';
import type { BarInput, Cell, RowBatch, RowSource } from './row-source.js';
import type { TextFile } from './text-file.js';
import { frameText, type TextFrame } from './text-framing.js';

/** What a text is to be taken for, where that is not to be told from itself. */
export interface TextOptions {
  readonly layout: LayoutName | 'auto';
  /** Names of the columns of a text without a header. */
  readonly header: readonly string[] | undefined;
  /** @defaultValue the most frequent in the first line */
  readonly delimiter: string | undefined;
  /** @defaultValue told from the first rows */
  readonly decimal: '.' | ',' | undefined;
}

/** Rows handed over at once: enough that the handing over costs nothing. */
const BATCH_ROWS = 512;
/** Rows by which the form of a text is told. */
const SAMPLE_ROWS = 200;
const JSON_COLUMNS = ['date', 'open', 'high', 'low', 'close', 'volume'].map((name) => ({ name }));

/** Returns a text as a source of bars: delimited, or a JSON array. Opens nothing yet. */
export function textInput(file: TextFile, options: TextOptions): BarInput {
  return {
    name: file.name,
    symbol: symbolOfFile(file.path),
    use: (read) =>
      file.use(async (bytes) => {
        const { start, all } = await peek(bytes);
        const isJson = options.layout === 'ccxt' || /^\s*[[{]/.test(start.subarray(0, 1000).toString('utf8'));
        if (isJson && start.length > 0) return read(jsonSource(all, file, options));
        return useRecords(all, file.name, options.delimiter, async (delimiter, records) =>
          read(await tableSource(delimiter, records, file, options)),
        );
      }),
  };
}

/** Returns the symbol that a file's name stands for: the name without folder, `.gz` and one more extension. Undefined when nothing is left. */
export function symbolOfFile(path: string): string | undefined {
  const symbol = path
    .split(/[/\\]/)
    .at(-1)!
    .replace(/\.gz$/i, '')
    .replace(/\.[^.]*$/, '')
    .trim();
  return symbol === '' ? undefined : symbol;
}

function jsonSource(bytes: AsyncIterable<Buffer>, { name, path }: TextFile, { layout }: TextOptions): RowSource {
  if (layout !== 'auto' && layout !== 'ccxt') {
    throw new DataError('UNKNOWN_LAYOUT', {
      message: `${name} is JSON, and not in the ${layout} layout. Choose --layout auto or ccxt.`,
      details: { file: name, wanted: layout },
    });
  }
  // freqtrade appends the length of bars to the pair: BTC_USDT-1m.json.
  const symbol = symbolOfFile(path)?.replace(/-\d+[mhdwM]$/, '');
  return {
    columns: JSON_COLUMNS,
    batches: batches(jsonRows(bytes, name)),
    layout: { name: 'ccxt', reason: 'a JSON array of [time, open, high, low, close, volume]' },
    ...(symbol === undefined || symbol === '' ? {} : { symbol }),
  };
}

async function tableSource(
  delimiter: string,
  records: AsyncIterable<readonly string[]>,
  { name, path }: TextFile,
  options: TextOptions,
): Promise<RowSource> {
  const rest = records[Symbol.asyncIterator]();
  const sample: (readonly string[])[] = [];
  while (sample.length < SAMPLE_ROWS) {
    const next = await rest.next();
    if (next.done === true) break;
    sample.push(next.value);
  }
  const frame = frameText({ path, records: sample }, options.layout, options.header);
  const rows = prepended(sample.slice(frame.skip), { [Symbol.asyncIterator]: () => rest });
  const numbers = numberStyle(sample.slice(frame.skip), name, options);
  const remarks = [
    ...(frame.layout === undefined && frame.reason !== undefined ? [frame.reason] : []),
    ...(numbers === 'comma' ? ['decimal commas'] : []),
    ...(delimiter === ',' ? [] : [`fields divided by ${delimiter === '\t' ? 'tabs' : quote(delimiter)}`]),
  ].join('; ');
  return {
    columns: frame.columns,
    batches: batches(frame.rows === undefined ? rows : frame.rows(rows)),
    numbers,
    ...(remarks === '' ? {} : { remarks }),
    ...ofFrame(frame),
  };
}

function ofFrame({
  layout,
  reason = '',
  symbol,
  timezone,
}: TextFrame): Pick<RowSource, 'layout' | 'symbol' | 'timezone'> {
  return {
    ...(layout === undefined ? {} : { layout: { name: layout, reason } }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(timezone === undefined ? {} : { timezone }),
  };
}

function numberStyle(rows: readonly (readonly string[])[], file: string, { decimal }: TextOptions): NumberStyle {
  if (decimal !== undefined) return decimal === ',' ? 'comma' : 'point';
  const style = styleOf(rows.flat());
  if (style !== undefined) return style;
  const example = rows.flat().find((cell) => cell.includes(',')) ?? '';
  throw new DataError('AMBIGUOUS_NUMBERS', {
    message: `${file} writes numbers like ${quote(example)}, where the comma may group thousands or be the decimal sign. Say which: --decimal . or --decimal ,`,
    details: { file, example },
  });
}

async function* batches(rows: AsyncIterable<readonly string[]>): AsyncGenerator<RowBatch> {
  let batch: (readonly string[])[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH_ROWS) continue;
    yield new TextBatch(batch);
    batch = [];
  }
  if (batch.length > 0) yield new TextBatch(batch);
}

/** Rows of cells as a batch. */
export class TextBatch implements RowBatch {
  readonly #cells: readonly (readonly Cell[])[];

  constructor(cells: readonly (readonly Cell[])[]) {
    this.#cells = cells;
  }

  get rows(): number {
    return this.#cells.length;
  }

  width(row: number): number {
    return this.#cells[row]!.length;
  }

  cell(row: number, column: number): Cell {
    return this.#cells[row]![column]!;
  }
}
