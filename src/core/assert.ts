import { UsageError } from './errors.js';
import { givenText } from './option-kind.js';
import { nearestHint } from './suggest.js';

/**
 * Throws UsageError `NOT_AN_INTEGER` or `OUT_OF_RANGE` unless the value is an integer within the bounds.
 *
 * @param name what the value is, as the user wrote it: `--jobs`, `pool.workers`
 * @param bounds both inclusive. @defaultValue the safe integers
 */
export function assertInteger(
  name: string,
  value: unknown,
  {
    min = Number.MIN_SAFE_INTEGER,
    max = Number.MAX_SAFE_INTEGER,
  }: { readonly min?: number; readonly max?: number } = {},
): asserts value is number {
  if (!Number.isSafeInteger(value)) {
    throw new UsageError('NOT_AN_INTEGER', {
      message: `${name} must be an integer, but is ${typeof value === 'string' ? `'${value}'` : String(value)}.`,
      details: { name, value },
    });
  }
  if ((value as number) < min || (value as number) > max) {
    const upTo = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `from ${min} to ${max}`;
    throw new UsageError('OUT_OF_RANGE', {
      message: `${name} must be ${min === Number.MIN_SAFE_INTEGER ? `at most ${max}` : upTo}, but is ${String(value)}.`,
      details: { name, value, min, max },
    });
  }
}

/** Bounds of {@link assertNumber}. */
interface NumberBounds {
  /** Inclusive. */
  readonly min?: number;
  readonly max?: number;
  /** Exclusive. */
  readonly above?: number;
  readonly below?: number;
}

/**
 * Throws UsageError `NOT_A_NUMBER` or `OUT_OF_RANGE` unless the value is a finite number within the bounds.
 *
 * @param name what the value is, as the user wrote it
 * @param bounds none unless given
 */
export function assertNumber(name: string, value: unknown, bounds: NumberBounds = {}): asserts value is number {
  const given = typeof value === 'string' ? `'${value}'` : String(value);
  if (!Number.isFinite(value)) {
    throw new UsageError('NOT_A_NUMBER', {
      message: `${name} must be a finite number, but is ${given}.`,
      details: { name, value },
    });
  }
  const { min, max, above, below } = bounds;
  const number = value as number;
  const isInside =
    number >= (min ?? number) &&
    number <= (max ?? number) &&
    (above === undefined || number > above) &&
    (below === undefined || number < below);
  if (isInside) return;
  const words = [
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ];
  throw new UsageError('OUT_OF_RANGE', {
    message: `${name} must be ${words.join(' and ')}, but is ${given}.`,
    details: { name, value, ...bounds },
  });
}

/** Throws UsageError `INVALID_OPTION` unless the value is one of the known words. */
export function assertOneOf<T extends string>(name: string, value: unknown, known: readonly T[]): asserts value is T {
  if ((known as readonly unknown[]).includes(value)) return;
  const hint = typeof value === 'string' ? nearestHint(value, known) : '';
  throw new UsageError('INVALID_OPTION', {
    message: `${name} is one of ${known.join(', ')}, not ${givenText(value)}.${hint}`,
    details: { name, value, known },
  });
}

/** Throws UsageError `NOT_A_NUMBER` for a column that holds a value which is no finite number, naming the first one. */
export function assertFinite(name: string, column: ArrayLike<number>): void {
  for (let row = 0; row < column.length; row++) {
    if (Number.isFinite(column[row]!)) continue;
    throw new UsageError('NOT_A_NUMBER', {
      message: `${name} must hold finite numbers, but row ${row} is ${String(column[row])}. Leave such rows out, in every column alike.`,
      details: { name, row, value: column[row] },
    });
  }
}

/** Throws UsageError `UNEQUAL_SERIES` unless two columns, by their names, have as many rows. */
export function assertSameLength(columns: Readonly<Record<string, ArrayLike<unknown>>>): void {
  const [[firstName, first], ...others] = Object.entries(columns) as [[string, ArrayLike<unknown>]];
  for (const [name, { length }] of others as [string, ArrayLike<unknown>][]) {
    if (length === first.length) continue;
    throw new UsageError('UNEQUAL_SERIES', {
      message: `${name} and ${firstName} must be of equal length, but have ${length} and ${first.length} rows.`,
      details: { [firstName]: first.length, [name]: length },
    });
  }
}

/** Closes a switch over a union: a case that was forgotten fails to compile. Throws if it is reached all the same. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected case: ${JSON.stringify(value)}`);
}
