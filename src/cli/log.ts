import { createRequire } from 'node:module';
import type { pino } from 'pino';
import { UsageError } from '../core/errors.js';
import { nearestHint } from '../core/suggest.js';
import type { Io } from './io.js';

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

/** A structured log. */
export interface Log {
  debug(facts: object, message?: string): void;
  info(facts: object, message?: string): void;
  isLevelEnabled(level: string): boolean;
}

const SILENT: Log = { debug: () => {}, info: () => {}, isLevelEnabled: () => false };

/**
 * Returns the log of a call: one JSON object a line on standard error, from the level that HINDCAST_LOG names; silent without it.
 * @throws UsageError `INVALID_LOG_LEVEL`
 */
export function openLog({ env, stderr }: Io): Log {
  const level = env.HINDCAST_LOG || 'silent';
  if (!LEVELS.includes(level)) {
    throw new UsageError('INVALID_LOG_LEVEL', {
      message: `HINDCAST_LOG is '${level}', but is one of ${LEVELS.join(', ')}.${nearestHint(level, LEVELS)}`,
      details: { level, known: LEVELS },
    });
  }
  if (level === 'silent') return SILENT;
  // Loaded where it is used: few commands are asked for a log.
  const open = createRequire(import.meta.url)('pino') as typeof pino;
  return open({ name: 'hindcast', level, base: null, timestamp: open.stdTimeFunctions.isoTime }, stderr);
}
