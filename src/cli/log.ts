import { type Logger, pino } from 'pino';
import { UsageError } from '../core/errors.js';
import { nearestHint } from '../core/suggest.js';
import type { Io } from './io.js';

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * Returns the log of a call: one JSON object a line on standard error, from the level that HINDCAST_LOG names; silent without it.
 * @throws UsageError `INVALID_LOG_LEVEL`
 */
export function openLog({ env, stderr }: Io): Logger {
  const level = env.HINDCAST_LOG || 'silent';
  if (!LEVELS.includes(level)) {
    throw new UsageError('INVALID_LOG_LEVEL', {
      message: `HINDCAST_LOG is '${level}', but is one of ${LEVELS.join(', ')}.${nearestHint(level, LEVELS)}`,
      details: { level, known: LEVELS },
    });
  }
  return pino({ name: 'hindcast', level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stderr);
}
