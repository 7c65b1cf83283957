import { groupThousands } from '../core/decimal-text.js';

/** What is shown where a value is not available. */
export const notAvailable = '–';

/** Returns a fraction as per cent: 0.2904 is `29.04 %`. @defaultValue decimals 2 */
export function formatPercent(fraction: number | null | undefined, decimals = 2): string {
  return isMissing(fraction) ? notAvailable : `${fixed(fraction * 100, decimals)} %`;
}

/** Returns a number with a fixed count of decimals and thousands separators. @defaultValue decimals 2 */
export function formatNumber(value: number | null | undefined, decimals = 2): string {
  return isMissing(value) ? notAvailable : fixed(value, decimals);
}

/** Returns a whole number with thousands separators. */
export const formatCount = (value: number): string => groupThousands(Math.round(value).toFixed(0));

/** Returns a number in at most `digits` significant digits and no trailing zeros: for axes and parameters. */
export function formatShort(value: number, digits = 6): string {
  if (!Number.isFinite(value)) return notAvailable;
  const text = String(Number(value.toPrecision(digits)));
  return text.includes('e') ? text : groupThousands(text);
}

/**
 * Returns a decimal string with thousands separators, cut or rounded half up to `decimals` for the eye.
 * The digits are taken from the string, so amounts beyond 2^53 stay exact. @defaultValue decimals 2
 */
export function formatMoney(amount: string, decimals = 2): string {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(amount.trim());
  if (match === null) return amount;
  const [, sign = '', whole = '0', fraction = ''] = match;
  const kept = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  const scaled = kept + (Number(fraction[decimals] ?? '0') >= 5 ? 1n : 0n);
  const digits = scaled.toString().padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return groupThousands(scaled === 0n ? text : sign + text);
}

/** Returns a decimal string with thousands separators and without trailing zeros, otherwise digit for digit. */
export const formatQuantity = (quantity: string): string =>
  groupThousands(quantity.includes('.') ? quantity.replace(/\.?0+$/, '') : quantity);

/** Returns an instant as `YYYY-MM-DD`, with ` HH:MM` when it is not midnight, in UTC. */
export function formatTime(epochMs: number): string {
  const iso = new Date(epochMs).toISOString();
  return epochMs % 86_400_000 === 0 ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
}

/** Metrics that are fractions; the others are ratios or counts. */
const fractions = new Set([
  'totalReturn',
  'annualReturn',
  'annualVolatility',
  'maxDrawdown',
  'winRate',
  'valueAtRisk',
  'conditionalValueAtRisk',
  'averageDrawdown',
  'exposure',
  'bestTrade',
  'worstTrade',
  'averageTrade',
  'expectancy',
  'alpha',
  'benchmarkReturn',
]);
const counts = new Set(['trades', 'roundTrips', 'winStreak', 'lossStreak', 'longestDrawdownBars']);

/** Returns a metric in its own form: a fraction as per cent, a count whole, a ratio with three decimals. */
export function formatMetric(name: string, value: number | null | undefined): string {
  if (isMissing(value)) return notAvailable;
  if (fractions.has(name)) return formatPercent(value);
  return counts.has(name) ? formatCount(value) : formatNumber(value, 3);
}

/** Returns a metric's name in words: `annualReturn` is `Annual return`. */
export function metricLabel(name: string): string {
  return capitalized(name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
}

/** Returns words as they begin a sentence. */
export const capitalized = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

const isMissing = (value: number | null | undefined): value is null | undefined =>
  value === null || value === undefined || !Number.isFinite(value);

function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return /^-[0.]+$/.test(text) ? groupThousands(text.slice(1)) : groupThousands(text);
}
