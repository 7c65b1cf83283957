import { decimalNumber } from '../core/decimal-text.js';
import { UsageError } from '../core/errors.js';
import { checkKinds, type OptionKind } from '../core/option-kind.js';
import { rejectUnknownKeys } from '../core/suggest.js';

/** What a metric is held to: at least `min`, at most `max`, both inclusive; one of them or both. */
export interface Condition {
  readonly min?: number;
  readonly max?: number;
}

/** A condition that may be broken, at a price: so much of the objective for each unit by which the metric is outside. */
export interface Penalty extends Condition {
  /** Above 0. */
  readonly weight: number;
}

/** What the trials of a search are held to beside its objective, by metric. */
export interface Conditions<M extends string = string> {
  /** A trial whose whole run breaks one of these has no value and cannot win. @defaultValue none */
  readonly require?: Readonly<Partial<Record<M, Condition>>> | undefined;
  /** What makes the (first) objective worse. @defaultValue none */
  readonly penalties?: Readonly<Partial<Record<M, Penalty>>> | undefined;
}

/** A condition as journals hold it. */
export interface ResolvedCondition extends Condition {
  readonly metric: string;
}

/** A penalty as journals hold it. */
export interface ResolvedPenalty extends ResolvedCondition {
  readonly weight: number;
}

const BY_METRIC: OptionKind = {
  takes: 'conditions by metric such as { trades: { min: 30 } }',
  accepts: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** Checks conditions, and lists those that there are. @throws UsageError `INVALID_OPTION`, `UNKNOWN_OPTION` */
export function resolveConditions({ require, penalties }: Conditions): {
  readonly require?: readonly ResolvedCondition[];
  readonly penalties?: readonly ResolvedPenalty[];
} {
  checkKinds({ require, penalties }, { require: BY_METRIC, penalties: BY_METRIC });
  const required = Object.entries(require ?? {}).map(([metric, condition]) => {
    rejectUnknownKeys(`require.${metric}`, condition!, ['min', 'max']);
    return { metric, ...boundsOf('require', metric, condition!) };
  });
  const priced = Object.entries(penalties ?? {}).map(([metric, penalty]) => {
    rejectUnknownKeys(`penalties.${metric}`, penalty!, ['min', 'max', 'weight']);
    const { weight } = penalty!;
    if (!(Number.isFinite(weight) && weight > 0)) {
      throw refused('penalties', metric, `The weight of the penalty on ${metric} is a number above 0`, weight);
    }
    return { metric, ...boundsOf('penalties', metric, penalty!), weight };
  });
  return {
    ...(required.length === 0 ? {} : { require: required }),
    ...(priced.length === 0 ? {} : { penalties: priced }),
  };
}

function boundsOf(option: string, metric: string, { min, max }: Condition): Condition {
  for (const bound of [min, max]) {
    if (bound === undefined || Number.isFinite(bound)) continue;
    throw refused(option, metric, `A bound of ${metric} is a finite number`, bound);
  }
  if (min === undefined && max === undefined) {
    throw refused(option, metric, `${metric} needs a least value (min), a greatest (max) or both`, 'neither');
  }
  if (min !== undefined && max !== undefined && min > max) {
    throw refused(option, metric, `The least ${metric} is at most the greatest, ${max}`, min);
  }
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

const refused = (option: string, metric: string, rule: string, value: unknown): UsageError =>
  new UsageError('INVALID_OPTION', {
    message: `${rule}, not ${String(value)}.`,
    details: { option, metric, value },
  });

/** Returns by how much a value is outside a condition; 0 where it holds. */
export const excessOf = (
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Condition,
  value: number,
): number => Math.max(0, min - value, value - max);

/** Says how a value breaks a condition. */
export const breachText = ({ metric, min, max }: ResolvedCondition, value: number): string =>
  min !== undefined && value < min
    ? `${metric} is ${short(value)}, and at least ${min} is required`
    : `${metric} is ${short(value)}, and at most ${max} is allowed`;

const short = (value: number): string => String(Number(value.toPrecision(6)));

/**
 * Reads a condition as a command line has it: `trades:min=30`, `maxDrawdown:max=0.4`, of a penalty `turnover:max=20,weight=0.01`.
 * @throws UsageError `INVALID_OPTION`
 */
export function parseCondition<T extends Condition>(
  option: string,
  text: string,
  words: readonly string[],
): [string, T] {
  const [metric = '', body = '', ...rest] = text.trim().split(':');
  const found: Record<string, number> = {};
  for (const part of body.split(',')) {
    const [word = '', value = '', ...more] = part.split('=').map((each) => each.trim());
    const number = decimalNumber(value);
    if (!words.includes(word) || !Number.isFinite(number) || more.length > 0 || word in found) found.wrong = Number.NaN;
    found[word] = number;
  }
  if (metric !== '' && rest.length === 0 && !('wrong' in found)) return [metric, found as unknown as T];
  throw new UsageError('INVALID_OPTION', {
    message: `Option --${option} is written METRIC:${words.map((word) => `${word}=NUMBER`).join(',')}, with one of min and max or both, not '${text}'.`,
    details: { option, value: text },
  });
}
