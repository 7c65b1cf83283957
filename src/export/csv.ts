import { cellText, type LongTable, rowsOf, type Table } from './table.js';

const NEEDS_QUOTES = /[",\r\n]|^$/;

/**
 * Yields a table line by line as CSV by RFC 4180 with a header and line feeds. A missing value is an empty cell,
 * an empty text a pair of quotes.
 */
export function* csvLines(table: Table): Generator<string> {
  const rows = rowsOf(table);
  yield `${table.columns.map(({ name }) => quoted(name)).join(',')}\n`;
  for (let row = 0; row < rows; row++) {
    const cells = table.columns.map((column) => {
      const text = cellText(column, row);
      return text === null ? '' : quoted(text);
    });
    yield `${cells.join(',')}\n`;
  }
}

/** Yields a long table as {@link csvLines} yields a short one: one header, then the rows of all runs. */
export function* longCsvLines(table: LongTable): Generator<string> {
  let isFirst = true;
  for (const run of table.runs()) {
    const lines = csvLines(run);
    const header = lines.next();
    if (isFirst && header.done !== true) yield header.value;
    isFirst = false;
    yield* lines;
  }
}

const quoted = (text: string): string => (NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
