import { UsageError } from '../core/errors.js';
import { nearestHint, rejectUnknownKeys } from '../core/suggest.js';

/** Flags in the order of their layers: 1 what a run reads, 2 how it reads the past, 3 what runs share. */
export const CACHE_FLAGS = [
  'assetCache',
  'pregroupedColumns',
  'indicatorCache',
  'arrayReturn',
  'historyCache',
  'bundlePool',
  'sharedBundle',
  'persistentPool',
] as const;

/** Name of a flag. */
export type CacheFlag = (typeof CACHE_FLAGS)[number];

/** A group of flags that belong together. */
export type CacheLayer = 1 | 2 | 3;

/** The layer and the environment variable of each flag. */
export const FLAG_FACTS: Readonly<Record<CacheFlag, { readonly layer: CacheLayer; readonly variable: string }>> = {
  assetCache: { layer: 1, variable: 'HINDCAST_ASSET_CACHE' },
  pregroupedColumns: { layer: 1, variable: 'HINDCAST_PREGROUPED_COLUMNS' },
  indicatorCache: { layer: 1, variable: 'HINDCAST_INDICATOR_CACHE' },
  arrayReturn: { layer: 2, variable: 'HINDCAST_ARRAY_RETURN' },
  historyCache: { layer: 2, variable: 'HINDCAST_HISTORY_CACHE' },
  bundlePool: { layer: 3, variable: 'HINDCAST_BUNDLE_POOL' },
  sharedBundle: { layer: 3, variable: 'HINDCAST_SHARED_BUNDLE' },
  persistentPool: { layer: 3, variable: 'HINDCAST_PERSISTENT_POOL' },
};

/** Which of two implementations each flag chooses: the faster one where it is true. Results are the same. */
export interface OptimizationFlags {
  /** Assets of a run: remembered by bundle version, or looked up for each run. */
  readonly assetCache: boolean;
  /** Columns by asset and field: kept under a limit of bytes, or gathered for each run. */
  readonly pregroupedColumns: boolean;
  /** Columns of indicators: computed once for a search, or whenever one is declared. */
  readonly indicatorCache: boolean;
  /** Windows asked for as arrays: read as such, or taken out of labelled rows. */
  readonly arrayReturn: boolean;
  /** Windows of the past: kept and moved along, or read from the column each time. */
  readonly historyCache: boolean;
  /** Bundles: opened once in a thread, or for each run. */
  readonly bundlePool: boolean;
  /** Columns of a bundle: the same memory in all threads, or a copy in each. */
  readonly sharedBundle: boolean;
  /** Worker threads: kept between runs of tasks, or made for each. */
  readonly persistentPool: boolean;
}

/** How much the caches of one thread may keep. */
export interface OptimizationLimits {
  /** Bytes of columns kept by `pregroupedColumns`. @defaultValue 2 GiB */
  readonly columnBytes: number;
  /** Lengths of windows that move along, ascending. @defaultValue [20, 50, 200] */
  readonly historyWindows: readonly number[];
  /** Longer windows kept. @defaultValue 256 */
  readonly historyEntries: number;
  /** Bytes of all windows. @defaultValue 64 MiB */
  readonly historyBytes: number;
}

/** A configuration as plain data: what travels to a worker. */
export interface OptimizationSettings extends OptimizationFlags {
  /** Bars on which a handler is known to do nothing, or no waiting order: passed over, or gone through one by one. No cache: it belongs to no layer. */
  readonly quietBars: boolean;
  readonly limits: OptimizationLimits;
  /** When a cache fails where the plain way does not: go the plain way and warn, or end the run. @defaultValue 'fall-back' */
  readonly onFailure: 'fall-back' | 'throw';
}

/** What {@link OptimizationConfig.with} changes. */
export type OptimizationChange = Partial<Omit<OptimizationSettings, 'limits'>> & {
  readonly limits?: Partial<OptimizationLimits>;
};

const LIMITS: OptimizationLimits = Object.freeze({
  columnBytes: 2 * 2 ** 30,
  historyWindows: Object.freeze([20, 50, 200]),
  historyEntries: 256,
  historyBytes: 64 * 2 ** 20,
});

/** The variable of `quietBars`. */
const QUIET_VARIABLE = 'HINDCAST_QUIET_BARS';

/** The variable that makes a failed cache end the run: for tests, where a slower right answer would hide a bug. */
export const STRICT_VARIABLE = 'HINDCAST_STRICT_CACHES';

/**
 * Which caches, pools and shared memory runs use. Immutable; every combination gives the same results. Each flag chooses an implementation
 * when a run or a search is set up, and nothing asks for it afterwards.
 */
export class OptimizationConfig {
  readonly #settings: OptimizationSettings;

  private constructor(settings: OptimizationSettings) {
    this.#settings = settings;
  }

  /**
   * Returns the configuration of runs that name none: everything on, but for what the environment switches off.
   *
   * @param env variables such as HINDCAST_HISTORY_CACHE: 1, true, on, or 0, false, off. @defaultValue process.env
   * @throws UsageError `INVALID_CACHE_VARIABLE` for another value
   */
  static fromDefaults(env: Readonly<Record<string, string | undefined>> = process.env): OptimizationConfig {
    const strict = switchIn(env, STRICT_VARIABLE) ?? false;
    const flags = flagsBy((flag) => switchIn(env, FLAG_FACTS[flag].variable) ?? true);
    const quietBars = switchIn(env, QUIET_VARIABLE) ?? true;
    const onFailure = strict ? 'throw' : 'fall-back';
    return new OptimizationConfig(resolved({ ...flags, quietBars, limits: LIMITS, onFailure }));
  }

  /** Returns the slow baseline that every claim of speed is measured against: all flags and `quietBars` off, whatever the environment says. */
  static disableAll(): OptimizationConfig {
    return new OptimizationConfig(
      resolved({ ...flagsBy(() => false), quietBars: false, limits: LIMITS, onFailure: 'fall-back' }),
    );
  }

  /** Returns a configuration with the flags of one layer on and all others off. @throws UsageError `UNKNOWN_LAYER` */
  static enableLayer(layer: CacheLayer): OptimizationConfig {
    return OptimizationConfig.disableAll().enableLayer(layer);
  }

  /** Returns the same with the flags of one layer on. @throws UsageError `UNKNOWN_LAYER` */
  enableLayer(layer: CacheLayer): OptimizationConfig {
    if (layer !== 1 && layer !== 2 && layer !== 3) {
      throw new UsageError('UNKNOWN_LAYER', {
        message: `There is no layer ${String(layer)} of caches. 1 is what a run reads, 2 how it reads the past, 3 what runs share.`,
        details: { layer },
      });
    }
    return this.with(Object.fromEntries(flagsOfLayer(layer).map((flag) => [flag, true])));
  }

  /**
   * Returns the same with some settings changed; limits that are not named stay.
   * @throws UsageError `UNKNOWN_OPTION` with the nearest name, `INVALID_OPTION`
   */
  with(change: OptimizationChange): OptimizationConfig {
    rejectUnknownKeys('OptimizationConfig', change, [...CACHE_FLAGS, 'quietBars', 'limits', 'onFailure']);
    const { limits = {}, ...rest } = change;
    rejectUnknownKeys('OptimizationConfig limits', limits, Object.keys(LIMITS));
    return new OptimizationConfig(
      resolved({ ...this.#settings, ...rest, limits: { ...this.#settings.limits, ...limits } }),
    );
  }

  /** The flags, limits and the rule for failures, as plain data, frozen. */
  get settings(): OptimizationSettings {
    return this.#settings;
  }

  toJSON(): OptimizationSettings {
    return this.#settings;
  }
}

/** Returns the flags of a layer. */
export const flagsOfLayer = (layer: CacheLayer): CacheFlag[] =>
  CACHE_FLAGS.filter((flag) => FLAG_FACTS[flag].layer === layer);

/** Returns an option's settings; those of the environment where it is not given. @throws UsageError `INVALID_OPTION` */
export function settingsOf(config: OptimizationConfig | undefined): OptimizationSettings {
  if (config === undefined) return OptimizationConfig.fromDefaults().settings;
  if (config instanceof OptimizationConfig) return config.settings;
  throw new UsageError('INVALID_OPTION', {
    message: `'optimization' is an OptimizationConfig, such as OptimizationConfig.fromDefaults().with({ historyCache: false }), not ${typeof config}.`,
    details: { option: 'optimization' },
  });
}

const flagsBy = (value: (flag: CacheFlag) => boolean): OptimizationFlags =>
  Object.fromEntries(CACHE_FLAGS.map((flag) => [flag, value(flag)])) as unknown as OptimizationFlags;

const SWITCHES: Readonly<Record<string, boolean>> = {
  '1': true,
  true: true,
  on: true,
  '0': false,
  false: false,
  off: false,
};

function switchIn(env: Readonly<Record<string, string | undefined>>, variable: string): boolean | undefined {
  const text = env[variable];
  if (text === undefined || text === '') return undefined;
  const value = SWITCHES[text.toLowerCase()];
  if (value !== undefined) return value;
  const known = Object.keys(SWITCHES);
  throw new UsageError('INVALID_CACHE_VARIABLE', {
    message: `${variable} is '${text}', but is one of 1, true, on, or 0, false, off.${nearestHint(text, known)}`,
    details: { variable, value: text, known },
  });
}

/** Returns settings checked and frozen. */
function resolved(settings: OptimizationSettings): OptimizationSettings {
  for (const flag of [...CACHE_FLAGS, 'quietBars'] as const) {
    if (typeof settings[flag] !== 'boolean') throw invalid(flag, settings[flag], 'true or false');
  }
  const { onFailure, limits } = settings;
  if (onFailure !== 'fall-back' && onFailure !== 'throw')
    throw invalid('onFailure', onFailure, "'fall-back' or 'throw'");
  for (const limit of ['columnBytes', 'historyEntries', 'historyBytes'] as const) {
    const value = limits[limit];
    if (!Number.isSafeInteger(value) || value < 0) throw invalid(`limits.${limit}`, value, 'a whole number from 0');
  }
  const { historyWindows } = limits;
  const ascends =
    Array.isArray(historyWindows) &&
    historyWindows.every((length, i) => Number.isInteger(length) && length > (historyWindows[i - 1] ?? 0));
  if (!ascends) throw invalid('limits.historyWindows', historyWindows, 'whole numbers of bars, ascending');
  const frozen = Object.freeze({ ...limits, historyWindows: Object.freeze([...historyWindows]) });
  return Object.freeze({ ...settings, limits: frozen });
}

const invalid = (option: string, value: unknown, wanted: string): UsageError =>
  new UsageError('INVALID_OPTION', {
    message: `'${option}' of OptimizationConfig is ${wanted}, not ${String(value)}.`,
    details: { option, value },
  });
