import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { type ChildOptions, type ChildRun, hindcastChild } from '../helpers/child-command.js';
import { makeFolder } from '../helpers/folders.js';
import { canonicalJournal, readOptunaJournal } from '../helpers/optuna-journal.js';
import { describeShared, sharedFile } from '../helpers/shared.js';

/** Kills of the search. Four keep the suite short; HINDCAST_KILLS=10 shows more. */
const KILLS = Number(process.env.HINDCAST_KILLS ?? 4);
const MINUTES = 60_000;
const folder = makeFolder();
afterAll(() => folder.remove());

const at = (name: string): string => join(folder.path, name);
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
const hindcast = (args: readonly string[], options: Partial<ChildOptions> = {}): Promise<ChildRun> =>
  hindcastChild([...args, '--json'], { home: at('home'), ...options });

/** Sends a kill as soon as a journal has so many bytes. */
const killedAt = (path: string, bytes: number): Partial<ChildOptions> => ({
  signal: 'SIGKILL',
  signalWhen: () => sizeOf(path) >= bytes,
});

const sweep = (path: string, jobs: number): readonly string[] => [
  ...['optimize', 'examples/sma-crossover.ts', '--bundle', 'us', '--search', 'grid'],
  ...['--jobs', String(jobs), '--study', path],
];

/** What is said about a study beside what it holds: once is enough. */
const STUDY_ALONE = ['--no-overfitting', '--no-lookahead'];

/** The document of a command that has to succeed. */
async function documentOf(args: readonly string[]): Promise<{ readonly [key: string]: unknown }> {
  const { code, stdout, stderr } = await hindcast(args);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

describeShared('the 1,100 combinations on real prices', 'data/equities/plain-daily', () => {
  const whole = at('whole.log');
  let found: { readonly [key: string]: unknown };

  beforeAll(async () => {
    const prices = sharedFile('data/equities/plain-daily');
    const files = readdirSync(prices).map((name) => join(prices, name));
    const events = (kind: string): string => sharedFile(`data/equities/events/${kind}-by-ex-date.csv`);
    await documentOf([
      ...['ingest', 'csv', ...files, '--bundle', 'us', '--calendar', 'XNYS'],
      ...['--splits', events('splits'), '--dividends', events('dividends')],
    ]);
    found = await documentOf(sweep(whole, 2));
  }, 3 * MINUTES);

  it('are all tried, and journalled as Optuna would read them', () => {
    // The ten of fast 50 with slow 50 never trade.
    expect(found.trials).toEqual({ total: 1100, complete: 1090, pruned: 10, failed: 0, duplicate: 0 });
    const [study] = readOptunaJournal(whole);
    expect(study!.trials).toHaveLength(1100);
    const states = study!.trials.map(({ state }) => state);
    expect(states.filter((state) => state === 'COMPLETE')).toHaveLength(1090);
    expect(states.filter((state) => state === 'PRUNED')).toHaveLength(10);
  });

  it.each([1, 4, 8])(
    'are the same study for %i workers as for 2',
    async (jobs) => {
      const path = at(`jobs-${jobs}.log`);
      const { best, top, trials } = await documentOf([...sweep(path, jobs), ...STUDY_ALONE]);
      expect({ best, top, trials }).toEqual({ best: found.best, top: found.top, trials: found.trials });
      expect(canonicalJournal(path)).toEqual(
        (canonicalJournal(whole) as { name: string }[]).map((study) => ({ ...study, name: `jobs-${jobs}` })),
      );
    },
    2 * MINUTES,
  );

  it(
    `are the same study after ${KILLS} kills at random moments as without any`,
    async () => {
      // The name of a study is its file's: a folder of its own lets both have one.
      const path = join(folder.path, 'home', 'whole.log');
      const random = SeededRandom.derive(2, 'kills');
      const kills = Array.from({ length: KILLS }, () => random.int(1, Math.floor(sizeOf(whole) * 0.8)));
      kills.sort((a, b) => a - b);
      for (const [index, bytes] of kills.entries()) {
        const args = index === 0 ? sweep(path, 2) : ['resume', path, '--jobs', String(1 + (index % 3))];
        const { code, stdout } = await hindcast([...args, ...STUDY_ALONE], killedAt(path, bytes));
        expect({ code, stdout }).toEqual({ code: 'SIGKILL', stdout: '' });
      }
      const { best, top, trials } = await documentOf(['resume', path]);
      expect({ best, top, trials }).toEqual({ best: found.best, top: found.top, trials: found.trials });
      expect(canonicalJournal(path)).toEqual(canonicalJournal(whole));
    },
    (1 + KILLS) * MINUTES,
  );
});
