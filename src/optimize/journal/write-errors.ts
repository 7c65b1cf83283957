import { dirname } from 'node:path';
import { HindcastError, RunError, UsageError } from '../../core/errors.js';

/** Returns a system's refusal to open a study for writing as the error a trader reads. */
export function notWritable(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof HindcastError || typeof code !== 'string') return error;
  if (isFull(code)) return writeFailed(error, path);
  return new UsageError('JOURNAL_NOT_WRITABLE', {
    message: `Cannot write the study ${path}: ${REFUSALS[code]?.(path) ?? message}. Choose another place.`,
    details: { path, code },
    cause: error,
  });
}

/** Returns a system's refusal to write more of a study as the error a trader reads. */
export function writeFailed(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof HindcastError || typeof code !== 'string') return error;
  return new RunError('JOURNAL_WRITE_FAILED', {
    message: `Cannot write the study ${path}: ${isFull(code) ? 'the disk is full' : message}. The trials recorded before are whole; make room, then resume the study.`,
    details: { path, code },
    cause: error,
  });
}

const isFull = (code: string): boolean => code === 'ENOSPC' || code === 'EDQUOT';

const REFUSALS: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `the folder ${dirname(path)} does not exist`,
  ENOTDIR: (path) => `${dirname(path)} is no folder`,
  EISDIR: () => 'it is a folder',
  EACCES: () => 'this user may not write there',
  EPERM: () => 'this user may not write there',
  EROFS: () => 'the disk is read-only',
};
