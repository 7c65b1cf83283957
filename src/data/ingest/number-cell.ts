import type { DefectCode } from './defects.js';

/** Most digits with which a decimal survives a float64. */
export const EXACT_DIGITS = 15;

/** Why a cell holds no number. */
export interface CellProblem {
  readonly code: DefectCode;
  readonly message: string;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** How vendors and spreadsheets write that there is no value. */
const ABSENT = new Set(['', 'nan', 'null', 'none', 'nil', 'n/a', 'na', '#n/a', '#na', 'nat', '-', '--', 'undefined']);

/** Returns the number of a cell, or why there is none: strict decimal notation with a point, no grouping. */
export function readNumber(text: string): number | CellProblem {
  if (NUMBER.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    return { code: 'NOT_FINITE', message: `${quote(text)} is beyond every price and volume` };
  }
  if (ABSENT.has(text.toLowerCase())) {
    return { code: 'MISSING_VALUE', message: text === '' ? 'no value (empty cell)' : `no value (${quote(text)})` };
  }
  const byte = badByte(text);
  if (byte !== undefined) return byte;
  if (/^[+-]?inf(inity)?$/i.test(text)) return { code: 'NOT_FINITE', message: `${quote(text)} is not finite` };
  if (/^[+-]?\d{1,3}(?:[,' ]\d{3})+(?:\.\d*)?$/.test(text)) {
    return { code: 'NOT_A_NUMBER', message: `${quote(text)} has thousands separators; export plain numbers` };
  }
  if (/^[+-]?\d+,\d+$/.test(text)) {
    return { code: 'NOT_A_NUMBER', message: `${quote(text)} has a decimal comma; export with a decimal point` };
  }
  return { code: 'NOT_A_NUMBER', message: `${quote(text)} is not a number` };
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
