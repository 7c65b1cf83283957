import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { HindcastError, RunError, UsageError } from '../core/errors.js';

const FORBIDDEN = ['EACCES', 'EPERM', 'EROFS'];
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const PIECE = 65_536;

/** What is written, for whoever reads why it could not be. */
export interface Purpose {
  /** First word of the error codes. */
  readonly code: string;
  /** Between 'Cannot' and the path. */
  readonly verb: string;
}

const EXPORT: Purpose = { code: 'EXPORT', verb: 'export' };

/** Content of a file, in pieces. */
export interface FileContent {
  readonly name: string;
  readonly pieces: Iterable<string | Uint8Array>;
}

/**
 * Makes a folder, and those above it, unless it is there.
 * @throws UsageError `EXPORT_NOT_WRITABLE`, or that of another purpose
 */
export function makeFolder(folder: string, purpose: Purpose = EXPORT): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw refusal(purpose, folder, 'it is no folder', error);
    if (code === 'ENOTDIR') throw refusal(purpose, folder, 'a part of it is no folder', error);
    throw failure(purpose, error, folder);
  }
}

/**
 * Refuses a folder that cannot take files of these names, before the work that would be lost.
 * @throws UsageError `EXPORT_NOT_WRITABLE`, or that of another purpose
 */
export function checkFolder(folder: string, names: readonly string[], purpose: Purpose = EXPORT): void {
  const notWritable = (path: string, reason: string): UsageError => refusal(purpose, path, reason);
  try {
    const kind = statSync(folder, { throwIfNoEntry: false });
    if (kind === undefined) throw notWritable(folder, `there is no folder ${resolve(folder)}`);
    if (!kind.isDirectory()) throw notWritable(folder, 'it is no folder');
    accessSync(folder, constants.W_OK);
    for (const name of names) {
      const path = join(folder, name);
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw notWritable(path, 'it is a folder');
    }
  } catch (error) {
    throw failure(purpose, error, folder);
  }
}

/**
 * Writes files into a folder, all or none: beside their places first, then moved there when every one is complete.
 * Files of these names are replaced.
 *
 * @throws UsageError `EXPORT_NOT_WRITABLE`; RunError `EXPORT_WRITE_FAILED`, for a full disk for example
 */
export async function writeFiles(
  folder: string,
  files: Iterable<FileContent> | AsyncIterable<FileContent>,
  purpose: Purpose = EXPORT,
): Promise<void> {
  const drafts: { readonly draft: string; readonly path: string }[] = [];
  let path = folder;
  try {
    for await (const { name, pieces } of files) {
      path = join(folder, name);
      const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`;
      drafts.push({ draft, path });
      writePieces(draft, pieces);
    }
    for (const { draft, path: place } of drafts) {
      path = place;
      renameSync(draft, path);
    }
  } catch (error) {
    for (const { draft } of drafts) rmSync(draft, { force: true });
    throw failure(purpose, error, path);
  }
}

function writePieces(path: string, pieces: Iterable<string | Uint8Array>): void {
  const file = openSync(path, 'wx');
  try {
    let text = '';
    const flush = (): void => {
      writeAll(file, Buffer.from(text));
      text = '';
    };
    for (const piece of pieces) {
      if (typeof piece !== 'string') {
        writeAll(file, piece);
        continue;
      }
      text += piece;
      if (text.length >= PIECE) flush();
    }
    flush();
  } finally {
    closeSync(file);
  }
}

/** A system may take fewer bytes than it is given: the last ones before a disk is full, for example. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** A refusal of the system, as the error a trader reads; anything else is passed on as it is. */
function failure(purpose: Purpose, error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof HindcastError || typeof code !== 'string') return error;
  if (FORBIDDEN.includes(code)) return refusal(purpose, path, 'this user may not write there', error);
  return new RunError(`${purpose.code}_WRITE_FAILED`, {
    message: `Cannot ${purpose.verb} ${path}: ${FULL.includes(code) ? 'the disk is full' : message}. Nothing half-written is left. Make room or choose another folder.`,
    details: { path, errno: code },
    cause: error,
  });
}

const refusal = ({ code, verb }: Purpose, path: string, reason: string, cause?: unknown): UsageError =>
  new UsageError(`${code}_NOT_WRITABLE`, {
    message: `Cannot ${verb} ${path}: ${reason}. Choose another folder.`,
    details: { path },
    cause,
  });
