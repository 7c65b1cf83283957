import { HindcastError, RunError, restoreError, type SerializedError, serializeError } from '../core/errors.js';

/** Returns any thrown value as plain data that is sure to cross threads; details that cannot are left out. */
export function portableError(thrown: unknown): SerializedError {
  try {
    const error = serializeError(thrown);
    try {
      return structuredClone(error);
    } catch {
      return { ...error, name: String(error.name), message: String(error.message), details: {} };
    }
  } catch {
    return { name: 'Error', code: 'NON_ERROR_THROWN', message: 'a value was thrown that cannot be shown', details: {} };
  }
}

/** Returns the error to throw where a job could not be set up: of the family it came from, or RunError `JOB_FAILED`. */
export function jobError(error: SerializedError, module: string): HindcastError {
  const restored = restoreError(error);
  if (restored instanceof HindcastError) return restored;
  return new RunError('JOB_FAILED', {
    message: `The workers cannot set up ${module}: ${error.name}: ${error.message}`,
    details: { module, error },
  });
}
