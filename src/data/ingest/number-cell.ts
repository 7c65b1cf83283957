import type { DefectCode } from './defects.js';

/** Why a cell holds no number. */
export interface CellProblem {
  readonly code: DefectCode;
  readonly message: string;
}

/**
 * How a file writes numbers: `point` and `comma` are its decimal sign, and thousands may be grouped by the other one, by spaces or by
 * apostrophes; `plain` is a decimal point and no groups, where nothing tells what a comma would mean.
 */
export type NumberStyle = 'plain' | 'point' | 'comma';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const GROUPED_POINT = /^[+-]?\d{1,3}(?:(?:,\d{3})+|(?:[ \u00a0\u202f']\d{3})+)(?:\.\d*)?$/;
const COMMA = /^[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?$/;
const GROUPED_COMMA = /^[+-]?\d{1,3}(?:(?:\.\d{3})+|(?:[ \u00a0\u202f']\d{3})+)(?:,\d*)?$/;
const GROUPS = /[ \u00a0\u202f']/g;
/** How vendors and spreadsheets write that there is no value. */
const ABSENT = new Set(['', 'nan', 'null', 'none', 'nil', 'n/a', 'na', '#n/a', '#na', 'nat', '-', '--', 'undefined']);
const INFINITE = /^[+-]?inf(inity)?$/i;
/** Whatever is made of digits and signs, a number of some style or not. */
const DIGITS = /^[+-]?[\d.,' \u00a0\u202f]*\d[\d.,' \u00a0\u202f]*(?:[eE][+-]?\d+)?$/;

/** Returns the number of a cell in a file's style, or why there is none. */
export function readNumber(text: string, style: NumberStyle = 'plain'): number | CellProblem {
  const plain = style === 'plain' || (style === 'point' && NUMBER.test(text)) ? text : plainText(text, style);
  if (style === 'comma' && plain === text && text.includes('.')) return notANumber(text);
  if (NUMBER.test(plain)) {
    const value = Number(plain);
    if (Number.isFinite(value)) return value;
    return { code: 'NOT_FINITE', message: `${quote(text)} is beyond every price and volume` };
  }
  return notANumber(text);
}

/**
 * Returns the one style that the cells of a file can all be in, `plain` where no cell shows one, undefined where a comma may be a
 * decimal sign or a thousands separator in all of them. Cells that are no numbers are passed over.
 */
export function styleOf(cells: Iterable<string>): NumberStyle | undefined {
  let point = true;
  let comma = true;
  let shows = false;
  for (const cell of cells) {
    if (!/^[+-]?[\d.,' \u00a0\u202f]*\d[\d.,' \u00a0\u202f]*$/.test(cell) || /^[+-]?\d+$/.test(cell)) continue;
    const isPoint = NUMBER.test(cell) || GROUPED_POINT.test(cell);
    const isComma = COMMA.test(cell) || GROUPED_COMMA.test(cell);
    // Dates with points and times are no numbers.
    if (!isPoint && !isComma) continue;
    point &&= isPoint;
    comma &&= isComma;
    shows ||= cell.includes(',') || !NUMBER.test(cell);
  }
  if (!shows) return 'plain';
  if (point && comma) return undefined;
  return comma ? 'comma' : 'point';
}

/** Whether a cell is written as a value and not as a name: digits in any style, or a word for a value that is missing or not finite. */
export function isValue(text: string): boolean {
  return DIGITS.test(text) || INFINITE.test(text) || ABSENT.has(text.toLowerCase());
}

/** Returns what is wrong with the bytes of a cell, undefined when nothing is. */
export function badByte(text: string): CellProblem | undefined {
  if (text.includes('\0')) return { code: 'NUL_BYTE', message: 'holds a NUL byte' };
  if (text.includes('\uFFFD')) return { code: 'BAD_UTF8', message: 'holds bytes that are no UTF-8' };
  return undefined;
}

/** Returns text as messages show it: quoted, without control characters, at most 40 characters. */
export function quote(text: string): string {
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  return `'${shown.replace(/\p{Cc}/gu, '?')}'`;
}

/** Returns how many significant digits a number's text has, leading and trailing zeros not counted. */
export function significantDigits(text: string): number {
  const mantissa = text.split(/[eE]/)[0]!.replace(/^[+-]/, '');
  const digits = mantissa.replace('.', '').replace(/^0+/, '');
  return digits.replace(/0+$/, '').length;
}

/** Returns a number's text with a decimal point and without groups; text of no number as it is. */
export function plainText(text: string, style: NumberStyle): string {
  if (style === 'point') return GROUPED_POINT.test(text) ? text.replace(GROUPS, '').replaceAll(',', '') : text;
  if (style === 'plain') return text;
  if (COMMA.test(text)) return text.replace(',', '.');
  return GROUPED_COMMA.test(text) ? text.replace(GROUPS, '').replaceAll('.', '').replace(',', '.') : text;
}

function notANumber(text: string): CellProblem {
  if (ABSENT.has(text.toLowerCase())) {
    return { code: 'MISSING_VALUE', message: text === '' ? 'no value (empty cell)' : `no value (${quote(text)})` };
  }
  const byte = badByte(text);
  if (byte !== undefined) return byte;
  if (INFINITE.test(text)) return { code: 'NOT_FINITE', message: `${quote(text)} is not finite` };
  if (/^[+-]?[\d.,' \u00a0\u202f]+$/.test(text) && /\d/.test(text)) {
    return {
      code: 'NOT_A_NUMBER',
      message: `${quote(text)} is not written like the other numbers of the file: name the decimal sign, --decimal . or --decimal ,`,
    };
  }
  return { code: 'NOT_A_NUMBER', message: `${quote(text)} is not a number` };
}
