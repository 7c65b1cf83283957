import { basename } from 'node:path';
import { readCsv } from './csv-source.js';
import type { BarInput, RowBatch } from './row-source.js';

/** Rows handed over at once: enough that the handing over costs nothing. */
const BATCH_ROWS = 512;

/** Returns a delimited text file, plain or gzipped, as a source of bars. Opens nothing yet. */
export function textInput(path: string): BarInput {
  return {
    name: basename(path),
    symbol: symbolOfFile(path),
    use: (read) =>
      readCsv(path, ({ header, rows }) => read({ columns: header.map((name) => ({ name })), batches: batches(rows) })),
  };
}

/** Returns the symbol that a file's name stands for: the name without folder, `.gz` and one more extension. Undefined when nothing is left. */
export function symbolOfFile(path: string): string | undefined {
  const symbol = basename(path)
    .replace(/\.gz$/i, '')
    .replace(/\.[^.]*$/, '')
    .trim();
  return symbol === '' ? undefined : symbol;
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

class TextBatch implements RowBatch {
  readonly #cells: readonly (readonly string[])[];

  constructor(cells: readonly (readonly string[])[]) {
    this.#cells = cells;
  }

  get rows(): number {
    return this.#cells.length;
  }

  width(row: number): number {
    return this.#cells[row]!.length;
  }

  cell(row: number, column: number): string {
    return this.#cells[row]![column]!;
  }
}
