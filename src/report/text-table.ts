import { createColors } from 'picocolors';

/** One column of a text table. */
export interface TextColumn {
  readonly header: string;
  /** Numbers stand right. @defaultValue 'left' */
  readonly align?: 'left' | 'right';
  /** A column that is never cut, for numbers and identifiers. @defaultValue true when aligned right */
  readonly whole?: boolean;
}

/** How a text table is drawn. */
export interface TextTableOptions {
  /** Columns of the terminal. @defaultValue 80 */
  readonly width?: number;
  /** Whether to use ANSI styles. @defaultValue false */
  readonly color?: boolean;
}

const gap = '  ';
const leastWidth = 4;

/**
 * Returns an aligned table, header first, without a trailing newline. Where the table is wider than `width`,
 * the widest columns that may be cut are, down to four characters each, with an ellipsis; numbers never are,
 * so a table of many numbers may exceed the width.
 */
export function renderTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  { width = 80, color = false }: TextTableOptions = {},
): string {
  const cells = rows.map((row) => columns.map((_, k) => (row[k] ?? '').replace(/[\r\n\t]+/g, ' ')));
  const widths = columns.map(({ header }, k) =>
    Math.max(displayWidth(header), ...cells.map((row) => displayWidth(row[k]!))),
  );
  shrink(widths, columns, width - gap.length * (columns.length - 1));
  const style = createColors(color);
  const line = (texts: readonly string[], paint: (text: string) => string): string =>
    texts
      .map((text, k) => {
        const fitted = truncate(text, widths[k]!);
        const space = ' '.repeat(Math.max(0, widths[k]! - displayWidth(fitted)));
        return columns[k]!.align === 'right' ? space + paint(fitted) : paint(fitted) + space;
      })
      .join(gap)
      .trimEnd();
  const header = line(
    columns.map((column) => column.header),
    (text) => style.bold(text),
  );
  const rule = style.dim(widths.map((size) => '─'.repeat(size)).join(gap));
  return [header, rule, ...cells.map((row) => line(row, (text) => text))].join('\n');
}

/** Returns `name  value` lines with the values in one column: for a single record. */
export function renderRecord(entries: readonly (readonly [name: string, value: string])[], color = false): string {
  const style = createColors(color);
  const widest = Math.max(0, ...entries.map(([name]) => displayWidth(name)));
  return entries
    .map(([name, value]) => `${style.dim(name)}${' '.repeat(widest - displayWidth(name))}${gap}${value}`.trimEnd())
    .join('\n');
}

/** Returns how many terminal columns a text takes: wide East Asian characters and emoji two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}|\u200b|\u200d|\ufe0f/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

/** Returns the text cut to at most `width` terminal columns, with an ellipsis when something was cut. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return '';
  let cut = '';
  for (const character of text) {
    if (displayWidth(cut + character) > width - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

/** Takes columns away from the widest that may be cut, one by one, until the sum fits or none is left to cut. */
function shrink(widths: number[], columns: readonly TextColumn[], available: number): void {
  let excess = widths.reduce((sum, size) => sum + size, 0) - available;
  while (excess > 0) {
    let widest = -1;
    columns.forEach(({ align, whole = align === 'right' }, k) => {
      if (!whole && widths[k]! > leastWidth && (widest < 0 || widths[k]! > widths[widest]!)) widest = k;
    });
    if (widest < 0) return;
    widths[widest]!--;
    excess--;
  }
}
