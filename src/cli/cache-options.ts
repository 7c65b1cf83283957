import type { CacheReport } from '../engine/cache-ledger.js';
import { OptimizationConfig } from '../engine/optimization-config.js';
import type { SearchControl } from '../optimize/study-run.js';
import type { Session } from './session.js';

/** Returns the caches that the environment chooses, and, where the log wants details, who hears what they did. */
export const cacheOptions = ({ io, log }: Session): Pick<SearchControl, 'optimization' | 'onCaches'> => ({
  optimization: OptimizationConfig.fromDefaults(io.env),
  onCaches: log.isLevelEnabled('debug')
    ? (reports) => {
        for (const report of reports) log.debug(logEntry(report));
      }
    : undefined,
});

const logEntry = ({ flag, layer, enabled, choice, bundle, hitRate, ...counts }: CacheReport) => ({
  event: 'cache',
  cache: flag,
  cache_layer: layer,
  bundle_name: bundle,
  hit_rate: hitRate ?? null,
  enabled,
  choice,
  ...counts,
});
