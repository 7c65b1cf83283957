import { randomBytes } from 'node:crypto';
import { lstatSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { HindcastError, RunError, UsageError } from '../core/errors.js';

/**
 * Refuses a place where no report can be written, before the work that would be lost.
 * @throws UsageError `REPORT_NOT_WRITABLE`
 */
export function checkReportPath(path: string): void {
  const folder = dirname(resolve(path));
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw notWritable(path, `there is no folder ${folder}`);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) throw notWritable(path, 'it is a folder');
}

/**
 * Writes a report, whole or not at all: beside its place first, then moved there.
 * @throws UsageError `REPORT_NOT_WRITABLE`; RunError `REPORT_WRITE_FAILED`, for a full disk for example
 */
export function writeReport(path: string, html: string): void {
  checkReportPath(path);
  // A device or a pipe takes the text itself; a link keeps pointing where it points.
  const isPlain = lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
  const draft = isPlain ? `${path}.${randomBytes(4).toString('hex')}.tmp` : path;
  try {
    writeFileSync(draft, html);
    if (isPlain) renameSync(draft, path);
  } catch (error) {
    if (isPlain) rmSync(draft, { force: true });
    throw writeFailed(error, path);
  }
}

function writeFailed(error: unknown, path: string): HindcastError {
  if (error instanceof HindcastError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return notWritable(path, 'this user may not write there');
  const reason = ['ENOSPC', 'EDQUOT'].includes(code) ? 'the disk is full' : message;
  return new RunError('REPORT_WRITE_FAILED', {
    message: `Cannot write the report ${path}: ${reason}. Make room or choose another place.`,
    details: { path, errno: code },
    cause: error,
  });
}

function notWritable(path: string, reason: string): UsageError {
  return new UsageError('REPORT_NOT_WRITABLE', {
    message: `Cannot write the report ${path}: ${reason}. Choose another place.`,
    details: { path },
  });
}
