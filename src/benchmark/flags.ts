import { UsageError } from '../core/errors.js';
import { didYouMean } from '../core/suggest.js';
import { CACHE_FLAGS, FLAG_FACTS, OptimizationConfig } from '../engine/optimization-config.js';

/** The variable that keeps bundles from being mapped: not one of the caches, but as much a choice of how and not of what. */
const NO_MAPPING = 'HINDCAST_NO_MMAP';

/**
 * Returns which flags of Hindcast are on in an environment, however they were set or not set.
 * @throws UsageError `INVALID_CACHE_VARIABLE` for a value that is neither on nor off
 */
export function flagsIn(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, boolean>> {
  const { settings } = OptimizationConfig.fromDefaults(env);
  const caches = Object.fromEntries(CACHE_FLAGS.map((flag) => [flag, settings[flag]]));
  // Files are mapped on Linux alone.
  return { ...caches, mappedFiles: process.platform === 'linux' && env[NO_MAPPING] !== '1' };
}

/** Returns the names of all flags, each with the environment that switches it off. */
export const flagsOff = (): readonly { readonly name: string; readonly env: Readonly<Record<string, string>> }[] => [
  ...CACHE_FLAGS.map((flag) => ({ name: flag, env: { [FLAG_FACTS[flag].variable]: '0' } })),
  ...(process.platform === 'linux' ? [{ name: 'mappedFiles', env: { [NO_MAPPING]: '1' } }] : []),
];

/** @throws UsageError `UNKNOWN_FLAG` for a variable that is no flag: it could not be told from one that changes nothing */
export function refuseUnknownFlags(where: string, env: Readonly<Record<string, string>>): void {
  const known = [...CACHE_FLAGS.map((flag) => FLAG_FACTS[flag].variable), NO_MAPPING];
  for (const variable of Object.keys(env)) {
    if (known.includes(variable)) continue;
    throw new UsageError('UNKNOWN_FLAG', {
      message: `${where} sets ${variable}, which is no flag of Hindcast.${didYouMean(variable, known)}`,
      details: { variable, known },
    });
  }
}
