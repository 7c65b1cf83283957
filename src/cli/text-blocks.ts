import { countText } from '../core/decimal-text.js';
import type { Metrics } from '../metrics/summary.js';
import { formatMetric, formatMoney, metricLabel } from '../report/index.js';

/** Digits of a hash that people are shown. */
const SHOWN_DIGITS = 12;

/** Returns the first digits of a hash. */
export const shortHash = (hash: string): string => hash.slice(0, SHOWN_DIGITS);

/** Returns parameters as the command line takes them, conditional ones by their flat names: `stop=atr stop.length=14`. */
export const paramsText = (params: Readonly<Record<string, unknown>>): string => assignments(params, '').join(' ');

function assignments(values: Readonly<Record<string, unknown>>, prefix: string): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (typeof value !== 'object' || value === null) return [`${prefix}${name}=${String(value)}`];
    const { kind, ...inner } = value as Readonly<Record<string, unknown>>;
    if (typeof kind !== 'string') return [`${prefix}${name}=${JSON.stringify(value)}`];
    return [`${prefix}${name}=${kind}`, ...assignments(inner, `${prefix}${name}.`)];
  });
}

/** Returns facts as a line of provenance: `cash 100000, fill next-open`. What is not set is left out. */
export const factsText = (facts: object): string =>
  Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/** Returns metrics as a document holds them: null where one is not available. */
export const metricsDocument = (
  metrics: Readonly<Record<string, number | null | undefined>> | Metrics,
): Record<string, number | null> =>
  Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, value === undefined || Number.isNaN(value) ? null : value]),
  );

/** Returns the rows `label, value` of a result: money first, then its metrics. */
export function resultRows(
  startingCash: string,
  endingEquity: string,
  metrics: Readonly<Record<string, number | null>>,
): [string, string][] {
  return [
    ['Starting cash', formatMoney(startingCash)],
    ['Ending equity', formatMoney(endingEquity)],
    ...Object.entries(metrics).map(([name, value]): [string, string] => [metricLabel(name), formatMetric(name, value)]),
  ];
}

/** Returns a text with the right word for a count: `1 symbol`, `8 symbols`. */
export const counted = (count: number, word: string): string => `${countText(count)} ${word}${count === 1 ? '' : 's'}`;

/** Returns bytes for people, in powers of 1024. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 1 : 0)} ${units[unit]}`;
}
