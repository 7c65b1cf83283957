import { type Column, cellText, rowsOf, type Table } from './table.js';

/**
 * Yields a table as JSON lines, an object for each row with its keys in the order of the columns. Decimals and instants are
 * strings, statistics and counts numbers; an infinity, which JSON does not have, is the string `Infinity` or `-Infinity`.
 */
export function* jsonLines(table: Table): Generator<string> {
  const rows = rowsOf(table);
  const keys = table.columns.map(({ name }) => JSON.stringify(name));
  for (let row = 0; row < rows; row++) {
    yield `{${table.columns.map((column, at) => `${keys[at]}:${jsonCell(column, row)}`).join(',')}}\n`;
  }
}

function jsonCell(column: Column, row: number): string {
  const text = cellText(column, row);
  if (text === null) return 'null';
  const isBare = column.kind === 'integer' || (column.kind === 'number' && Number.isFinite(column.values[row]));
  return isBare ? text : JSON.stringify(text);
}
