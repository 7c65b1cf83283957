import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CReference } from './c-reference.js';
import { UnequalError } from './equality.js';
import { loadBefore, machineLine, type Outcome, outcomeText, writeSamples } from './outcome-table.js';
import { referenceFile } from './reference-workloads.js';
import { seededRandom } from './statistics.js';

/** What a benchmark is asked for. */
export interface BenchmarkRun {
  readonly counted: number;
  readonly warmUp: number;
  readonly random: () => number;
  /** Undefined where it cannot be compiled. */
  readonly reference: CReference | undefined;
}

/** What a benchmark needs. */
interface BenchmarkTerms {
  /** @defaultValue true */
  readonly needsReference?: boolean;
  /** Rounds after which its arms take as long as in any later one: the warm-up unless another is asked for. @defaultValue 4 */
  readonly settledAfter?: number;
}

const wholeNumber = (name: string, text: string, least: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new RangeError(`--${name} takes a whole number from ${least}, not ${text}`);
  return value;
};

/**
 * Reads the command line, measures market after market, and prints. Ends with 1 when an arm is not equal to the reference, and
 * measures nothing where reference data is needed and absent.
 *
 * Options: --market NAME (repeatable), --runs N, --warm-up N, --seed N, --json FILE for raw samples, --markdown.
 */
export async function benchmark<N extends string>(
  markets: readonly N[],
  measure: (market: N, run: BenchmarkRun) => Promise<Outcome>,
  { needsReference = true, settledAfter = 4 }: BenchmarkTerms = {},
): Promise<void> {
  const { wanted, counted, warmUp, seed, json, markdown } = readOptions(markets, settledAfter);
  if (needsReference && !existsSync(referenceFile('bench/gen.mjs'))) {
    console.error(`Skipped: the reference data is absent (${referenceFile('bench')}).`);
    return;
  }
  const load = loadBefore();
  const opened = needsReference ? CReference.open() : undefined;
  if (typeof opened === 'string') console.error(`Without the C arms: ${opened}.`);
  const reference = typeof opened === 'string' ? undefined : opened;
  try {
    console.log(machineLine(load));
    const outcomes: Outcome[] = [];
    for (const market of wanted) {
      const random = seededRandom(seed);
      const outcome = await measure(market, { counted, warmUp, random, reference });
      outcomes.push(outcome);
      console.log(`\n${outcomeText(outcome, { markdown, random })}`);
      if (json !== undefined) writeSamples(json, outcomes, load);
    }
  } catch (error) {
    if (!(error instanceof UnequalError)) throw error;
    console.error(`These figures mean nothing. ${error.message}`);
    process.exitCode = 1;
  } finally {
    reference?.close();
  }
}

/** Reads the command line; ends the process with 2 for what it cannot use. */
function readOptions<N extends string>(markets: readonly N[], settledAfter: number) {
  try {
    const { values } = parseArgs({
      options: {
        market: { type: 'string', multiple: true },
        runs: { type: 'string', default: '10' },
        'warm-up': { type: 'string', default: String(settledAfter) },
        seed: { type: 'string', default: '1' },
        json: { type: 'string' },
        markdown: { type: 'boolean', default: false },
      },
    });
    const named: readonly string[] = values.market ?? markets;
    const wanted = markets.filter((name) => named.includes(name));
    const unknown = named.filter((name) => !wanted.includes(name as N));
    if (unknown.length > 0) throw new RangeError(`--market is one of ${markets.join(', ')}, not ${unknown.join(', ')}`);
    const counted = wholeNumber('runs', values.runs, 1);
    const warmUp = wholeNumber('warm-up', values['warm-up'], 1);
    const seed = wholeNumber('seed', values.seed, 0);
    return { wanted, counted, warmUp, seed, json: values.json, markdown: values.markdown };
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}
