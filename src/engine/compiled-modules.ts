import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Metafile } from 'esbuild';
import { sha256 } from '../core/hash.js';

/** Changes with what a strategy is compiled to. */
const FORMAT = 6;

/** A file that was written so shortly before it was read may have been written after it, by a clock that ticks coarsely. */
const SETTLED_MS = 50;

/** What a compiled text hangs on: the content of a file, or the names that a path may mean. */
type Witness = readonly [kind: 'file' | 'names', path: string, found: string];

/** What a strategy file was compiled to. */
export interface CompiledText {
  /** The module, as the compiler wrote it. */
  readonly text: string;
  /** A statement that adds the rules of its handlers; empty where there are none. */
  readonly rules: string;
}

interface Remembered extends CompiledText {
  readonly witnesses: readonly Witness[];
}

/**
 * Returns what a strategy file was compiled to before, while nothing has changed that it hangs on: its own content, that of all it imports, the names
 * and links that its imports may mean, and settings of the compiler on the way up. Undefined otherwise.
 */
export function rememberedText(path: string, compiler: string): CompiledText | undefined {
  const place = placeOf(path, compiler);
  if (!existsSync(place)) return undefined;
  const remembered = parse(readFileSync(place, 'utf8'));
  return remembered?.witnesses.every(([kind, at, found]) => look(kind, at) === found) === true ? remembered : undefined;
}

/**
 * Remembers what a strategy file was compiled to, where everything that it hangs on can be told: not with packages or with settings that extend others,
 * and not while a file is just being written.
 *
 * @param begun UTC milliseconds before the compiler read the first file
 */
export function rememberText(
  path: string,
  compiler: string,
  { inputs }: Metafile,
  compiled: CompiledText,
  begun: number,
): void {
  const seen = new Map<string, Witness>();
  const witness = (kind: Witness[0], at: string): void => {
    seen.set(`${kind} ${at}`, [kind, at, look(kind, at)]);
  };
  const base = dirname(path);
  witness('names', path);
  for (const [name, { imports }] of Object.entries(inputs)) {
    const input = resolve(base, name);
    const { mtimeMs } = statSync(input, { throwIfNoEntry: false }) ?? { mtimeMs: begun };
    if (mtimeMs > begun - SETTLED_MS) return;
    witness('file', input);
    for (const { original, external } of imports) {
      if (external === true) continue;
      if (original === undefined || !/^\.{0,2}\//.test(original)) return;
      const target = resolve(dirname(input), original);
      witness('names', target);
    }
    for (let folder = dirname(input), last = ''; folder !== last; last = folder, folder = dirname(folder)) {
      for (const settings of ['tsconfig.json', 'package.json']) witness('file', join(folder, settings));
      if (extendsOthers(join(folder, 'tsconfig.json'))) return;
    }
  }
  const remembered: Remembered = { witnesses: [...seen.values()], ...compiled };
  writeOnce(placeOf(path, compiler), JSON.stringify(remembered), true);
}

/** Writes a module where only this user can, named by its content: written once, and never half. Returns its URL. */
export function writeModule(text: string): string {
  const path = join(privateFolder('strategies'), `${sha256(text).slice(0, 32)}.mjs`);
  writeOnce(path, text, false);
  return pathToFileURL(path).href;
}

function writeOnce(path: string, text: string, anew: boolean): void {
  if (!anew && existsSync(path)) return;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}

const placeOf = (path: string, compiler: string): string =>
  join(privateFolder('compiled'), `${sha256(JSON.stringify([FORMAT, compiler, path])).slice(0, 32)}.json`);

function privateFolder(name: string): string {
  const folder = join(tmpdir(), `hindcast-${userInfo().uid}`, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

const extendsOthers = (settings: string): boolean =>
  existsSync(settings) && readFileSync(settings, 'utf8').includes('"extends"');

/** The content of a file as a hash, empty where there is none; or the files that an import of a path may mean, and where links among them lead. */
function look(kind: Witness[0], path: string): string {
  if (kind === 'file') {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? sha256(readFileSync(path)) : '';
  }
  const stem = basename(path).replace(/\.[^.]+$/, '');
  return JSON.stringify([...namesIn(dirname(path), stem), ...namesIn(path, 'index.')]);
}

function namesIn(folder: string, beginning: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const names = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name.startsWith(beginning))
    .map((entry) =>
      entry.isSymbolicLink() ? `${entry.name} -> ${readlinkSync(join(folder, entry.name))}` : entry.name,
    );
  return [realpathSync(folder), ...names.sort()];
}

/** What was remembered; undefined where something else wrote into its place. */
function parse(json: string): Remembered | undefined {
  try {
    const { witnesses, text, rules } = JSON.parse(json) as Partial<Remembered>;
    const isWhole = Array.isArray(witnesses) && typeof text === 'string' && typeof rules === 'string';
    return isWhole ? { witnesses, text, rules } : undefined;
  } catch {
    return undefined;
  }
}
