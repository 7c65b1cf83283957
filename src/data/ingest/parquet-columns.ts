import type { SchemaElement } from 'hyparquet';
import { parseFloat16 } from 'hyparquet/src/convert.js';
import { formatScaled } from '../../core/decimal-text.js';
import { DAY_MS } from '../../market/civil-date.js';
import type { Page } from './parquet-pages.js';
import type { Cell } from './row-source.js';
import type { StampKind } from './time-stamps.js';

/** A column of a Parquet file as rows of bars need it. */
export interface ParquetColumn {
  readonly name: string;
  readonly element: SchemaElement;
  /** What its numbers are, where it holds dates or times. */
  readonly stamps: StampKind | undefined;
  /** Whether it holds text. */
  readonly isText: boolean;
  /** Returns the cell of a physical value: numbers exact or as text with all digits, dates and times in milliseconds. */
  readonly cellOf: (value: unknown) => Cell;
}

/** Nanoseconds of a day; days of the Julian calendar before 1970. */
const DAY_NS = 86_400_000_000_000n;
const JULIAN_1970 = 2_440_588n;
/** Units of time in a millisecond. */
const UNITS = { MILLIS: 1n, MICROS: 1000n, NANOS: 1_000_000n } as const;
/** Powers of ten that are doubles exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Returns how the values of a column are read. Its logical type counts before the older converted type. */
export function parquetColumn(element: SchemaElement): ParquetColumn {
  const { name, type, converted_type: converted, logical_type: logical } = element;
  const column = (cellOf: ParquetColumn['cellOf'], stamps?: StampKind): ParquetColumn => ({
    name,
    element,
    stamps,
    isText: false,
    cellOf,
  });
  if (logical?.type === 'DECIMAL') return column(decimal(logical.scale));
  if (converted === 'DECIMAL') return column(decimal(element.scale ?? 0));
  if (logical?.type === 'DATE' || converted === 'DATE') return column((days) => (days as number) * DAY_MS, 'date');
  if (logical?.type === 'TIMESTAMP') {
    return column(instant(UNITS[logical.unit]), logical.isAdjustedToUTC ? 'instant' : 'local');
  }
  if (converted === 'TIMESTAMP_MILLIS') return column(instant(UNITS.MILLIS), 'instant');
  if (converted === 'TIMESTAMP_MICROS') return column(instant(UNITS.MICROS), 'instant');
  if (logical?.type === 'TIME') return column(timeOfDay(UNITS[logical.unit]));
  if (converted === 'TIME_MILLIS') return column(timeOfDay(UNITS.MILLIS));
  if (converted === 'TIME_MICROS') return column(timeOfDay(UNITS.MICROS));
  if (logical?.type === 'FLOAT16') return column((bytes) => parseFloat16(bytes as Uint8Array) ?? null);
  switch (type) {
    case 'INT96':
      return column((value) => Number(nanoseconds(value as bigint) / UNITS.NANOS), 'local');
    case 'INT32':
    case 'INT64': {
      const isUnsigned =
        converted?.startsWith('UINT') === true || (logical?.type === 'INTEGER' && logical.isSigned === false);
      const bits = type === 'INT32' ? 32 : 64;
      return column((value) => integer(isUnsigned ? BigInt.asUintN(bits, BigInt(value as number)) : value));
    }
    case 'FLOAT':
    case 'DOUBLE':
      return column((value) => value as number);
    case 'BOOLEAN':
      return { ...column((value) => (value === true || value === 1 ? 'true' : 'false')), isText: true };
    default:
      return {
        ...column((bytes) =>
          Buffer.from(bytes as Uint8Array)
            .toString('utf8')
            .trim(),
        ),
        isText: true,
      };
  }
}

/**
 * Returns the cell of each row of a page by a function; a value that many rows of a dictionary share is made once.
 */
export function cellsOf(page: Page, { cellOf }: ParquetColumn): readonly Cell[] | Float64Array {
  const { rows, values, dictionary, present } = page;
  if (dictionary !== undefined) {
    const made = Array.from(dictionary as ArrayLike<unknown>, cellOf);
    return spread(rows, present, (place) => made[values[place] as number]!);
  }
  if (present === undefined && values instanceof Float64Array) return values;
  return spread(rows, present, (place) => cellOf(values[place]));
}

function spread(rows: number, present: Uint8Array | undefined, valueAt: (place: number) => Cell): Cell[] {
  const cells: Cell[] = new Array(rows);
  let place = 0;
  for (let row = 0; row < rows; row++)
    cells[row] = present === undefined || present[row] === 1 ? valueAt(place++) : null;
  return cells;
}

const integer = (value: unknown): Cell => {
  if (typeof value === 'number') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
};

/**
 * A decimal from its integer: the double nearest to it, which shows the same digits, where it has at most 15 of them;
 * else its text, so that nothing is lost before it is judged.
 */
function decimal(scale: number): (value: unknown) => Cell {
  const power = POWERS[scale];
  return (value) => {
    if (value instanceof Uint8Array) {
      const short = shortInteger(value);
      if (short !== undefined && power !== undefined) return short / power;
      return formatScaled(longInteger(value), scale);
    }
    const number = Number(value);
    // The quotient of two integers that are exact is the nearest double.
    if (power !== undefined && Math.abs(number) <= 1e15) return number / power;
    return formatScaled(BigInt(value as number | bigint), scale);
  };
}

/** Returns the integer of big-endian two's complement bytes if it has at most 15 digits. */
function shortInteger(bytes: Uint8Array): number | undefined {
  const { length } = bytes;
  const isNegative = length > 0 && bytes[0]! > 127;
  let sum = 0;
  for (let place = 0; place < length; place++) {
    const byte = isNegative ? 255 - bytes[place]! : bytes[place]!;
    sum = sum * 256 + byte;
    if (sum > 1e15) return undefined;
  }
  return isNegative ? -sum - 1 : sum;
}

function longInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}

/** Milliseconds of a count of units since 1970, parts of a millisecond cut off towards the past. */
function instant(unit: bigint): (value: unknown) => Cell {
  const size = Number(unit);
  return (value) => {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return Math.floor(number / size);
    const whole = BigInt(value as bigint);
    return Number((whole - (((whole % unit) + unit) % unit)) / unit);
  };
}

/** The text of a time of day, as a column beside a date has it. */
function timeOfDay(unit: bigint): (value: unknown) => Cell {
  return (value) => {
    const ms = Number(BigInt(value as number | bigint) / unit);
    return ms >= 0 && ms < DAY_MS ? new Date(ms).toISOString().slice(11, 23) : String(value);
  };
}

/** An INT96 is the nanoseconds of the day, then the Julian day. */
function nanoseconds(value: bigint): bigint {
  return ((value >> 64n) - JULIAN_1970) * DAY_NS + BigInt.asIntN(64, value);
}
