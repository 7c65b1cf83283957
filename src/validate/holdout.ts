import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assertInteger } from '../core/assert.js';
import { DataError, UsageError } from '../core/errors.js';
import { canonicalJson } from '../core/json.js';
import { type OptionKind, wrongKind } from '../core/option-kind.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import { formatDate, parseDate } from '../core/time.js';
import type { Bundle } from '../data/bundle.js';
import { BundleStore } from '../data/store.js';
import { openMarket } from '../engine/market.js';
import type { StudyFacts, StudyRecord } from '../optimize/study-record.js';

/** What a look at a holdout found. */
export interface HoldoutResult {
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Exact, a decimal string. */
  readonly endingEquity: string;
  readonly orderStreamHash: string;
}

/** One look at a holdout, counted before its result is known. */
export interface HoldoutLook {
  /** Wall clock, ISO 8601. */
  readonly at: string;
  readonly forced: boolean;
  /** What was judged: a study's name and trial, the strategy's source, and the parameters. */
  readonly study: string;
  readonly trial: number;
  readonly strategySourceHash: string;
  readonly params: Readonly<Record<string, string | number | boolean>>;
  readonly bundleVersion: string;
  /** SHA-256 over the look and what was before it. */
  readonly hash: string;
  /** Null while the look is under way, and for one whose run failed. */
  readonly result: HoldoutResult | null;
}

/** A period of a bundle that takes no part in any search, with every look that was taken at it. */
export interface Holdout {
  readonly format: typeof FORMAT;
  /** Name of the bundle, whatever its version. */
  readonly bundle: string;
  /** First date that is held out; all later ones are too. */
  readonly from: string;
  readonly lockedAt: string;
  /** Last date of the bars that were there when it was locked; what was added since is held out as well. */
  readonly through: string;
  /** SHA-256 over the bars between the two. */
  readonly dataHash: string;
  /** SHA-256 over all of the above: the beginning of the chain of looks. */
  readonly hash: string;
  readonly looks: readonly HoldoutLook[];
}

const FORMAT = 'hindcast holdout 1';

/** Returns the lock file of a bundle's holdout, beside the bundles of the store. */
export const holdoutPath = (bundle: string): string =>
  join(dirname(new BundleStore().directory), 'holdouts', `${bundle}.json`);

/**
 * Locks a bundle's bars from a date on: from now on no command searches or tests on them, but `holdout look`, which counts.
 *
 * @throws UsageError `HOLDOUT_EXISTS`, `INVALID_DATE`, `EMPTY_HOLDOUT` where one side of the date has no bars
 */
export function lockHoldout(bundle: Bundle, from: string, now: number): Holdout {
  checkBundle(bundle);
  checkClock(now);
  const path = holdoutPath(bundle.name);
  const known = readHoldout(bundle.name);
  if (known !== undefined) {
    throw new UsageError('HOLDOUT_EXISTS', {
      message: `The holdout of '${bundle.name}' is locked from ${known.from} on, since ${known.lockedAt}. A lock that can be moved is none; remove ${path} yourself if it must go.`,
      details: { bundle: bundle.name, from: known.from, path },
    });
  }
  const begin = dateOf(from);
  const labels = bundle.groups.flatMap(({ times }) => [times[0]!, times.at(-1)!]);
  const [first, last] = [Math.min(...labels), Math.max(...labels)];
  if (begin <= first || begin > last) {
    throw new UsageError('EMPTY_HOLDOUT', {
      message: `'${bundle.name}' reaches from ${formatDate(first)} to ${formatDate(last)}: a holdout from ${from} on leaves nothing to ${begin > last ? 'hold out' : 'search on'}.`,
      details: { bundle: bundle.name, from },
    });
  }
  const span = { from: formatDate(begin), through: formatDate(last) };
  const sealed = {
    format: FORMAT,
    bundle: bundle.name,
    ...span,
    lockedAt: isoOf(now),
    dataHash: hashOf(bundle, span),
  } as const;
  const holdout: Holdout = { ...sealed, hash: sha256(canonicalJson(sealed)), looks: [] };
  mkdirSync(dirname(path), { recursive: true });
  write(path, holdout);
  return holdout;
}

/**
 * Returns a bundle's holdout; undefined where none is locked.
 * @throws DataError `HOLDOUT_DAMAGED` when its hashes do not fit: somebody has changed the file
 */
export function readHoldout(bundle: string): Holdout | undefined {
  if (typeof bundle !== 'string') throw wrongKind('bundle', bundle, "a bundle's name such as 'us'");
  const path = holdoutPath(bundle);
  if (!existsSync(path)) return undefined;
  const holdout = parse(path);
  const { hash, looks, ...sealed } = holdout;
  let chain = sha256(canonicalJson(sealed));
  const isWhole =
    chain === hash &&
    looks.every(({ hash: own, result: _, ...look }) => {
      chain = sha256(canonicalJson({ before: chain, look }));
      return own === chain;
    });
  if (!isWhole) throw damaged(path, 'its hashes do not fit what it says');
  return holdout;
}

/**
 * Counts a look at a bundle's holdout, before anything is seen. Returns what then takes the result.
 *
 * @param bundle the bundle's version that the look is taken at
 * @throws UsageError `NO_HOLDOUT`, `HOLDOUT_SEEN` for a second look that is not forced, `HOLDOUT_CHANGED` where its bars are not those that were
 * locked; DataError `HOLDOUT_DAMAGED`
 */
export function countLook(
  bundle: Bundle,
  look: Omit<HoldoutLook, 'at' | 'hash' | 'result' | 'bundleVersion'>,
  now: number,
): (result: HoldoutResult) => Holdout {
  checkBundle(bundle);
  checkClock(now);
  rejectUnknownKeys('the look', look, Object.keys(LOOK));
  for (const [name, { takes, accepts }] of Object.entries(LOOK)) {
    const value = look[name as keyof typeof look];
    if (!accepts(value)) throw wrongKind(name, value, takes);
  }
  const path = holdoutPath(bundle.name);
  const holdout = requireHoldout(bundle.name);
  const [first] = holdout.looks;
  if (first !== undefined && !look.forced) {
    throw new UsageError('HOLDOUT_SEEN', {
      message: `The holdout of '${bundle.name}' was looked at ${times(holdout.looks.length)}, first on ${first.at.slice(0, 10)} for trial ${first.trial} of ${first.study}. Data that were seen judge nothing any more. --force looks again, and is counted.`,
      details: { bundle: bundle.name, looks: holdout.looks.length },
    });
  }
  if (!look.forced && hashOf(bundle, holdout) !== holdout.dataHash) {
    throw new UsageError('HOLDOUT_CHANGED', {
      message: `The bars of '${bundle.name}' from ${holdout.from} to ${holdout.through} are not those that were locked: the bundle was ingested anew. Look at a version that holds them, or look all the same with --force.`,
      details: { bundle: bundle.name, version: bundle.version },
    });
  }
  const entry = { at: isoOf(now), ...look, bundleVersion: bundle.version };
  const before = holdout.looks.at(-1)?.hash ?? holdout.hash;
  const counted: HoldoutLook = { ...entry, hash: sha256(canonicalJson({ before, look: entry })), result: null };
  write(path, { ...holdout, looks: [...holdout.looks, counted] });
  return (result) => {
    const whole: Holdout = { ...holdout, looks: [...holdout.looks, { ...counted, result }] };
    write(path, whole);
    return whole;
  };
}

/** What a look is counted with: all of it. */
const LOOK: Readonly<Record<keyof Omit<HoldoutLook, 'at' | 'hash' | 'result' | 'bundleVersion'>, OptionKind>> = {
  forced: { takes: 'true or false', accepts: (value) => typeof value === 'boolean' },
  study: { takes: "a study's name", accepts: (value) => typeof value === 'string' },
  trial: { takes: "a trial's number", accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0 },
  strategySourceHash: { takes: "the hash of the strategy's source", accepts: (value) => typeof value === 'string' },
  params: { takes: 'parameters by name', accepts: (value) => typeof value === 'object' && value !== null },
};

function checkBundle(bundle: unknown): void {
  if (Array.isArray((bundle as Partial<Bundle> | null | undefined)?.groups)) return;
  throw wrongKind('bundle', bundle, "an open bundle, such as openBundle('us') gives");
}

/** Checks what is said to be the wall clock, in UTC milliseconds. */
export const checkClock = (now: unknown): void => assertInteger('now', now, { min: 0, max: LAST_INSTANT });

/** The last instant that a Date can hold. */
const LAST_INSTANT = 8.64e15;

/** Returns a bundle's holdout. @throws UsageError `NO_HOLDOUT`; DataError `HOLDOUT_DAMAGED` */
export function requireHoldout(bundle: string): Holdout {
  const holdout = readHoldout(bundle);
  if (holdout !== undefined) return holdout;
  throw new UsageError('NO_HOLDOUT', {
    message: `No holdout of '${bundle}' is locked. Lock one before you search: hindcast holdout lock --bundle ${bundle} --from YYYY-MM-DD.`,
    details: { bundle },
  });
}

/**
 * Refuses a period that reaches into a bundle's holdout.
 *
 * @param bundle a name, or `NAME@HASH`
 * @param end last date of the period; undefined for the last bar
 * @throws UsageError `HOLDOUT_LOCKED`
 */
export function refuseHoldout(bundle: string, end: string | undefined): void {
  const [name = bundle] = bundle.split('@');
  const holdout = readHoldout(name);
  if (holdout === undefined || (end !== undefined && dateOf(end) < parseDate(holdout.from))) return;
  const before = formatDate(parseDate(holdout.from) - 86_400_000);
  throw new UsageError('HOLDOUT_LOCKED', {
    message: `The bars of '${name}' from ${holdout.from} on are a locked holdout. Stop before it: --end ${before}. When all is decided: hindcast holdout look STUDY.`,
    details: { bundle: name, from: holdout.from },
  });
}

/**
 * Refuses a study whose trials run over a bundle's holdout, which was locked after it began.
 * @throws UsageError `HOLDOUT_LOCKED`
 */
export function refuseHoldoutOf({ path, facts }: Pick<StudyRecord, 'path' | 'facts'>): void {
  const holdout = readHoldout(facts.bundleName);
  if (holdout === undefined) return;
  const begin = parseDate(holdout.from);
  const last = lastSearched(facts);
  if (last < begin) return;
  throw new UsageError('HOLDOUT_LOCKED', {
    message: `The trials of ${path} run up to ${formatDate(last)}, and the bars of '${facts.bundleName}' from ${holdout.from} on have been locked as a holdout since. Search again with --end ${formatDate(begin - 86_400_000)}.`,
    details: { path, bundle: facts.bundleName, from: holdout.from },
  });
}

/** Returns the date of the last bar that the trials of a study run over. */
export function lastSearched({ bundleName, bundleVersion, view }: StudyFacts): number {
  if (view.end !== undefined) return parseDate(view.end);
  using market = openMarket({ ...view, bundle: `${bundleName}@${bundleVersion}` });
  const { group, to } = market.view;
  return parseDate(formatDate(group.times[to - 1]!));
}

/** Returns a holdout in one sentence, as every report shows it. */
export function holdoutText({ bundle, from, looks }: Pick<Holdout, 'bundle' | 'from' | 'looks'>): string {
  const held = `The holdout of ${bundle} from ${from} on`;
  const [first] = looks;
  if (first === undefined) return `${held} is locked and has not been looked at.`;
  const forced = looks.filter((look) => look.forced).length;
  const sharpe = first.result?.metrics.sharpe;
  const found = typeof sharpe === 'number' ? ` The first look found a Sharpe ratio of ${sharpe.toFixed(2)}.` : '';
  return `${held} has been looked at ${times(looks.length)}${forced === 0 ? '' : `, ${forced} of them forced`}, first on ${first.at.slice(0, 10)}.${found}${looks.length > 1 ? ' What was seen before judges nothing any more.' : ''}`;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

function dateOf(text: string): number {
  try {
    return parseDate(text);
  } catch (cause) {
    throw new UsageError('INVALID_DATE', {
      message: `A holdout begins on a date such as 2022-01-03, not '${text}'.`,
      details: { text },
      cause,
    });
  }
}

/** SHA-256 over symbols, labels and bars of a span of dates. */
function hashOf(bundle: Bundle, { from, through }: Pick<Holdout, 'from' | 'through'>): string {
  const [begin, end] = [parseDate(from), parseDate(through) + 86_400_000];
  const hash = createHash('sha256');
  for (const { times: labels, calendar, frequency, listings } of bundle.groups) {
    for (const listing of listings) {
      const { asset, first, fields } = listing;
      hash.update(canonicalJson([calendar, frequency, asset.symbol]));
      const columns = fields.map((field) => listing.column(field));
      for (let row = 0; row < (columns[0]?.length ?? 0); row++) {
        const label = labels[first + row]!;
        if (label < begin || label >= end) continue;
        hash.update(Float64Array.of(label, ...columns.map((values) => values[row]!)));
      }
    }
  }
  return hash.digest('hex');
}

function parse(path: string): Holdout {
  let holdout: Partial<Holdout> | null;
  try {
    holdout = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holdout> | null;
  } catch (cause) {
    throw damaged(path, `it cannot be read: ${(cause as Error).message}`);
  }
  if (holdout?.format === FORMAT && Array.isArray(holdout.looks)) return holdout as Holdout;
  throw damaged(path, 'it is no lock of a holdout');
}

const damaged = (path: string, why: string): DataError =>
  new DataError('HOLDOUT_DAMAGED', {
    message: `The lock of a holdout, ${path}, is not as it was written: ${why}. Bring back the file; a holdout whose looks nobody knows is none.`,
    details: { path },
  });

/** Writes a lock, whole or not at all. */
function write(path: string, holdout: Holdout): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(holdout, undefined, 2)}\n`);
  renameSync(draft, path);
}

const isoOf = (now: number): string => new Date(now).toISOString();

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
