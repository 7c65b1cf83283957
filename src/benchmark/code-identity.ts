import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../core/errors.js';
import { canonicalJson } from '../core/json.js';

/** What an arm runs: two arms are different code when one of these differs, and only then. */
export interface CodeIdentity {
  /** Switches of Hindcast as they take effect: however they were set, or not set. */
  readonly flags: Readonly<Record<string, boolean>>;
  readonly strategySourceHash: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Workers. */
  readonly jobs: number;
  readonly nodeOptions: readonly string[];
  readonly package: PackageIdentity;
}

/** A built Hindcast. */
export interface PackageIdentity {
  readonly version: string;
  /** SHA-256 over all of its built modules. */
  readonly codeHash: string;
  readonly commit: string | null;
}

/** Returns the folder of the package that this file is part of. */
export const packageFolder = (): string => fileURLToPath(new URL('../../', import.meta.url));

/** Returns what differs between two arms, in words; none where they are the same code. A commit alone is no difference: the code decides. */
export function codeDifference(a: CodeIdentity, b: CodeIdentity): readonly string[] {
  const found: string[] = [];
  for (const name of new Set([...Object.keys(a.flags), ...Object.keys(b.flags)])) {
    if (a.flags[name] !== b.flags[name]) found.push(`${name} ${word(a.flags[name])} -> ${word(b.flags[name])}`);
  }
  for (const name of new Set([...Object.keys(a.params), ...Object.keys(b.params)])) {
    const [from, to] = [a.params[name], b.params[name]].map((value) => canonicalJson(value ?? null));
    if (from !== to) found.push(`${name} ${from} -> ${to}`);
  }
  if (a.strategySourceHash !== b.strategySourceHash) {
    found.push(`strategy ${a.strategySourceHash.slice(0, 12)} -> ${b.strategySourceHash.slice(0, 12)}`);
  }
  if (a.jobs !== b.jobs) found.push(`jobs ${a.jobs} -> ${b.jobs}`);
  if (canonicalJson(a.nodeOptions) !== canonicalJson(b.nodeOptions)) {
    found.push(`node ${a.nodeOptions.join(' ') || 'as it is'} -> ${b.nodeOptions.join(' ') || 'as it is'}`);
  }
  if (a.package.codeHash !== b.package.codeHash) {
    found.push(`Hindcast ${packageText(a.package)} -> ${packageText(b.package)}`);
  }
  return found;
}

/**
 * Returns the identity of a built Hindcast.
 * @throws UsageError `NOT_A_PACKAGE` when the folder holds none that can measure
 */
export function packageIdentity(folder: string): PackageIdentity {
  const dist = join(folder, 'dist');
  if (!existsSync(join(dist, 'benchmark', 'measuring-entry.js'))) {
    throw new UsageError('NOT_A_PACKAGE', {
      message: `${folder} holds no built Hindcast that can measure: there is no dist/benchmark/measuring-entry.js. Give the folder of a clone after 'npm run build', or of an installed package.`,
      details: { folder },
    });
  }
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly version: string };
  return { version, codeHash: hashOfModules(dist), commit: commitOf(folder) };
}

function hashOfModules(folder: string): string {
  const modules = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .map((path) => path.split(sep).join('/'))
    .sort();
  const hash = createHash('sha256');
  for (const path of modules)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(folder, path)))
      .update('\0');
  return hash.digest('hex');
}

/** Returns the commit of a folder's working copy, `+changes` behind it where files differ; null where there is no git or no working copy. */
export function commitOf(folder: string): string | null {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    // A package below node_modules of somebody's repository is not of its commit.
    if (git('ls-files', '--', 'package.json') === '') return null;
    const head = git('rev-parse', '--short=12', 'HEAD');
    return git('status', '--porcelain', '--untracked-files=no', '--', '.') === '' ? head : `${head}+changes`;
  } catch {
    // Neither git nor a working copy is needed.
    return null;
  }
}

const word = (flag: boolean | undefined): string => (flag === undefined ? 'unknown' : flag ? 'on' : 'off');

const packageText = ({ version, codeHash, commit }: PackageIdentity): string =>
  `${version} ${commit ?? codeHash.slice(0, 12)}`;
