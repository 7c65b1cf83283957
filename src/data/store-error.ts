import { type HindcastError, RunError, UsageError } from '../core/errors.js';

const NO_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * Returns the error that a failed file operation means to a trader: {@link RunError} `DISK_FULL` or `NO_PERMISSION`,
 * {@link UsageError} `STORE_UNUSABLE` for a path that cannot hold a store, {@link RunError} `STORE_FAILED` for the rest.
 * `what` says what was being done ('writing bundle us'); nothing of it remains.
 */
export function storeError(error: unknown, what: string, path: string): HindcastError {
  const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException;
  const facts = { details: { path, errno: code }, cause: error };
  if (NO_SPACE.has(code)) {
    return new RunError('DISK_FULL', {
      message: `The disk of ${path} is full (${code} while ${what}). The store is unchanged. Free space, run 'hindcast bundles clean', or set HINDCAST_HOME to another disk.`,
      ...facts,
    });
  }
  if (FORBIDDEN.has(code)) {
    return new RunError('NO_PERMISSION', {
      message: `No permission to write ${path} (${code} while ${what}). The store is unchanged. Change the permissions, or set HINDCAST_HOME (for temporary bundles TMPDIR) to a directory of your own.`,
      ...facts,
    });
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new UsageError('STORE_UNUSABLE', {
      message: `${path} cannot hold bundles: a file stands where a directory is needed. Set HINDCAST_HOME to a directory.`,
      ...facts,
    });
  }
  return new RunError('STORE_FAILED', {
    message: `${what} in ${path} failed: ${message}. The store is unchanged.`,
    ...facts,
  });
}
