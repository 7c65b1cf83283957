import { UsageError } from './errors.js';
import { givenText } from './option-kind.js';

/** Returns the candidate nearest to `word` by edit distance (case ignored), or undefined when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 2)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Returns ` Did you mean 'x'?` or, with no near candidate, ` Known: a, b.`; empty when there are no candidates. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const known = [...candidates];
  const near = nearest(word, known);
  if (near !== undefined) return ` Did you mean '${near}'?`;
  return known.length === 0 ? '' : ` Known: ${known.join(', ')}.`;
}

/** Returns ` Did you mean 'x'?`, empty with no near candidate: for messages that list what is known themselves. */
export function nearestHint(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near === undefined ? '' : ` Did you mean '${near}'?`;
}

/** Throws a {@link UsageError} with code `UNKNOWN_OPTION` for a key of `options` that is not in `known`, `INVALID_OPTION` for options that are no object. */
export function rejectUnknownKeys(what: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new UsageError('INVALID_OPTION', {
      message: `The options of ${what} are an object with some of ${known.join(', ')}, not ${givenText(options)}.`,
      details: { what, given: givenText(options), known },
    });
  }
  // Orders are checked too: a loop makes nothing, where a list of keys would.
  for (const key in options) {
    if (!known.includes(key) && Object.hasOwn(options, key)) {
      throw new UsageError('UNKNOWN_OPTION', {
        message: `Unknown option '${key}' of ${what}.${didYouMean(key, known)}`,
        details: { what, key, known },
      });
    }
  }
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, substitution);
    }
    previous = row;
  }
  return previous[b.length]!;
}
