import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChildOptions, type ChildRun, hindcastChild } from '../helpers/child-command.js';
import { CROSSOVER, waveCsv } from '../helpers/command-line.js';
import { filesUnder } from '../helpers/run-module.js';

const folder = mkdtempSync(join(tmpdir(), 'hindcast-e2e-'));
const home = join(folder, 'home');
const at = (name: string): string => join(folder, name);
const write = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};
const hindcast = (args: readonly string[], options: Partial<ChildOptions> = {}): Promise<ChildRun> =>
  hindcastChild(args, { home, ...options });

const strategy = at('cross.ts');

beforeAll(async () => {
  write('cross.ts', CROSSOVER);
  const files = [write('AAA.csv', waveCsv(400)), write('BBB.csv', waveCsv(400, 20))];
  const { code, stderr } = await hindcast(['ingest', 'csv', ...files, '--bundle', 'waves', '--calendar', '24/7']);
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the command line as a process', () => {
  it('prints exactly one document that a program can parse', async () => {
    const { code, stdout, stderr } = await hindcast(['backtest', strategy, '--bundle', 'waves', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, strategy: 'cross', bars: 400 });
    expect(stdout.endsWith('}\n')).toBe(true);
  });

  it('gives the same run every time', async () => {
    const runs = await Promise.all(
      [1, 2].map(() => hindcast(['backtest', strategy, '--bundle', 'waves', '--trades', '--json'])),
    );
    const [a, b] = runs.map(({ stdout }) => ({ ...(JSON.parse(stdout) as object), seconds: 0 }));
    expect(a).toEqual(b);
  });

  it.each([
    { name: 'a wrong option', args: ['backtest', strategy, '--bundel', 'waves'], says: "Did you mean '--bundle'?" },
    { name: 'an unknown bundle', args: ['backtest', strategy, '--bundle', 'wave'], says: "Did you mean 'waves'?" },
    {
      name: 'a misspelt parameter',
      args: ['backtest', strategy, '--bundle', 'waves', '--param', 'slwo=8'],
      says: "Did you mean 'slow'?",
    },
    {
      name: 'a value outside its range',
      args: ['backtest', strategy, '--bundle', 'waves', '--param', 'slow=13'],
      says: 'Nearest valid value: 12',
    },
    {
      name: 'a missing strategy',
      args: ['backtest', 'none.ts', '--bundle', 'waves'],
      says: "No strategy file 'none.ts'",
    },
    { name: 'a missing data file', args: ['ingest', 'csv', 'none.csv', '--bundle', 'b'], says: "No file 'none.csv'" },
  ])('refuses $name with exit code 2', async ({ args, says }) => {
    const { code, stdout, stderr } = await hindcast(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });

  it('shows where a strategy does not compile', async () => {
    const broken = write('broken.ts', "import { int } from 'hindcast';\nexport default { fast: int(2, 6 };\n");
    const { code, stderr } = await hindcast(['backtest', broken, '--bundle', 'waves']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/broken\.ts:2:33: .*\n {4}2 \| export default \{ fast: int\(2, 6 \};\n +\^/);
  });

  it('refuses bad data with exit code 3 and leaves the store as it was', async () => {
    const before = filesUnder(home);
    const bad = write('BAD.csv', `${waveCsv(5)}2020-01-06,10,9,11,10,5\n`);
    const { code, stderr } = await hindcast(['ingest', 'csv', bad, '--bundle', 'waves']);
    expect(code).toBe(3);
    expect(stderr).toContain('BAD.csv row 6');
    expect(filesUnder(home)).toEqual(before);
  });

  it('says so when the store is a file', async () => {
    const file = write('a-file', '');
    const args = ['ingest', 'csv', at('AAA.csv'), '--bundle', 'b'];
    const { code, stderr } = await hindcast(args, { env: { HINDCAST_HOME: file } });
    expect(code).toBe(2);
    expect(stderr).toContain('a file stands where a directory is needed');
    const doctor = await hindcast(['doctor'], { env: { HINDCAST_HOME: file } });
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toContain('It cannot be written');
  });

  it('stops in silence when its reader goes away', async () => {
    const { code, stdout, stderr } = await hindcast(['backtest', strategy, '--bundle', 'waves', '--trades', '--json'], {
      shell: 'set -o pipefail; "$@" | true',
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.runIf(existsSync('/dev/full'))('fails when its output does not fit the disk', async () => {
    const { code, stderr } = await hindcast(['bundles', '--json'], { shell: '"$@" > /dev/full' });
    expect(code).toBe(1);
    expect(stderr).toContain('the disk is full');
    const report = await hindcast(['backtest', strategy, '--bundle', 'waves', '--report', '/dev/full']);
    expect(report.code).toBe(1);
    expect(report.stderr).toContain('Cannot write the report /dev/full: the disk is full');
  });
});

/** Many combinations, so that a search is long enough to be cut in its middle. */
const MANY = CROSSOVER.replace('int(2, 6, { step: 2, default: 2 })', 'int(2, 40)').replace(
  'int(8, 12, { step: 4, default: 8 })',
  'int(41, 140)',
);
const TRIALS = 3900;
/** What is said about a study beside what it holds: tests of luck and look-ahead have it. */
const STUDY_ALONE = ['--no-overfitting', '--no-lookahead'];
const ENDLESS = CROSSOVER.replace('if (position.isFlat)', 'for (;;) if (position.isFlat)');

const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** What a search prints under `--all --json`. */
interface Found {
  readonly trials: { readonly total: number };
  readonly all: readonly { readonly number: number }[];
}
const found = ({ stdout }: ChildRun): Found => JSON.parse(stdout) as Found;

describe('a search as a process', () => {
  let many: string;
  let unbroken: Found;
  beforeAll(async () => {
    many = write('many.ts', MANY);
    const run = await hindcast(['optimize', many, '--bundle', 'waves', '--all', '--json', '--quiet', ...STUDY_ALONE]);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    unbroken = found(run);
    expect(unbroken.all).toHaveLength(TRIALS);
  });

  it.each([
    ['Ctrl-C', 'SIGINT', 1],
    ['Ctrl-C', 'SIGINT', 2],
    ['the end of its terminal', 'SIGHUP', 2],
  ] as const)(
    'keeps its finished trials at %s (%s, %d jobs), and resume completes them',
    async (_name, signal, jobs) => {
      const study = at(`cut-${signal}-${jobs}.log`);
      const options = ['--jobs', String(jobs), '--all', '--json', ...STUDY_ALONE];
      const cut = await hindcast(['optimize', many, '--bundle', 'waves', '--study', study, ...options], {
        signalWhen: ({ sent }) => sent === 0 && bytesOf(study) > 100_000,
        signal,
      });
      expect(cut.code).toBe(130);
      expect(existsSync(`${study}.owner`)).toBe(false);
      expect(cut.stderr).toContain('Stopping; finished trials are kept.');
      const kept = found(cut);
      expect(kept.trials.total).toBeGreaterThan(0);
      expect(kept.trials.total).toBeLessThan(TRIALS);
      // Quiet: on a slow machine it would tell how far it is.
      const resumed = await hindcast(['resume', study, ...options, '--quiet']);
      expect({ code: resumed.code, stderr: resumed.stderr }).toEqual({ code: 0, stderr: '' });
      expect(found(resumed).all).toEqual(unbroken.all);
    },
  );

  it('is killed by the second Ctrl-C', async () => {
    const begun = at('begun');
    const tells = ENDLESS.replace('for (;;)', `writeFileSync(${JSON.stringify(begun)}, ''); for (;;)`);
    const endless = write('endless-begun.ts', `import { writeFileSync } from 'node:fs';\n${tells}`);
    const { code, stdout } = await hindcast(['optimize', endless, '--bundle', 'waves', '--jobs', '2', '--json'], {
      // A trial that runs is given its grace after the first one: the second comes within it.
      signalWhen: ({ stderr, sent }) => (sent === 0 ? existsSync(begun) : sent === 1 && stderr.includes('Stopping;')),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  });

  it('fails a trial that takes longer than it may', async () => {
    const endless = write('endless.ts', ENDLESS);
    const args = ['optimize', endless, '--bundle', 'waves', '--jobs', '2', '--trials', '2', '--trial-timeout', '100ms'];
    const { code, stdout, stderr } = await hindcast([...args, '--json']);
    expect(code).toBe(1);
    expect(found({ code, stdout, stderr }).trials).toMatchObject({ total: 2, failed: 2 });
    expect(stderr).toContain('All 2 trials failed');
  });

  it('has its study to itself: a second process is told who has it', async () => {
    const study = at('shared.log');
    const endless = write('endless.ts', ENDLESS);
    const args = ['optimize', endless, '--bundle', 'waves', '--study', study, '--jobs', '2', '--json'];
    let second: Promise<ChildRun> | undefined;
    let refused = false;
    const first = hindcast(args, {
      signalWhen: ({ sent }) => {
        if (second === undefined && bytesOf(study) > 0) {
          second = hindcast(args);
          void second.then(() => {
            refused = true;
          });
        }
        return refused && sent === 0;
      },
    });
    expect((await first).code).toBe(130);
    const { code, stdout, stderr } = await second!;
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, error: { code: 'STUDY_LOCKED' } });
    expect(stderr).toMatch(/shared\.log.*process \d+/);
  });
});

/** Whether this user may mount a disk of a given size. */
const disk = at('disk');
const mount = (): boolean => {
  mkdirSync(disk, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status === 0;
};
const canMount = mount();
afterAll(() => {
  if (canMount) spawnSync('umount', [disk]);
});

describe.runIf(canMount)('on a full disk (needs the right to mount one)', () => {
  it('an ingest fails with exit code 1 and leaves nothing behind', async () => {
    const big = write('BIG.csv', waveCsv(4000));
    const { code, stderr } = await hindcast(['ingest', 'csv', big, '--bundle', 'big'], {
      env: { HINDCAST_HOME: disk },
    });
    expect(code).toBe(1);
    expect(stderr).toContain('is full');
    expect(filesUnder(disk).filter((path) => path.endsWith('.f64') || path.includes('big'))).toEqual([]);
  });

  it('a report fails with exit code 1 and leaves an older one whole', async () => {
    const report = join(disk, 'report.html');
    writeFileSync(report, 'the older one');
    const { code, stderr } = await hindcast(['backtest', strategy, '--bundle', 'waves', '--report', report]);
    expect(code).toBe(1);
    expect(stderr).toContain('the disk is full');
    expect(readFileSync(report, 'utf8')).toBe('the older one');
    expect(readdirSync(disk).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('a search fails with exit code 1, and goes on where it ended once there is room', async () => {
    const many = write('many.ts', MANY);
    const study = join(disk, 'full.log');
    const options = ['--jobs', '1', '--trials', '60', '--all', '--json'];
    const { code, stderr } = await hindcast(['optimize', many, '--bundle', 'waves', '--study', study, ...options]);
    expect(code).toBe(1);
    expect(stderr).toContain('the disk is full');
    expect(spawnSync('mount', ['-o', 'remount,size=4m', disk]).status).toBe(0);
    const resumed = await hindcast(['resume', study, '--jobs', '1', '--all', '--json']);
    expect({ code: resumed.code, stderr: resumed.stderr }).toEqual({ code: 0, stderr: '' });
    expect(found(resumed).all).toHaveLength(60);
  });
});

describe('an ingest from a server, interrupted', () => {
  it('ends at once, though a request of ccxt cannot be taken back', async () => {
    const modules = at('node_modules/ccxt');
    mkdirSync(modules, { recursive: true });
    // A timer that nobody clears holds the process as an open request does.
    const venue = `module.exports = { exchanges: ['venue'], venue: class {
      fetchOHLCV() { return new Promise((resolve) => { setTimeout(resolve, 300000); process.stderr.write('asked'); }); }
    } };`;
    writeFileSync(join(modules, 'index.js'), venue);
    const args = ['ingest', 'ccxt', 'venue:BTC/USDT', '--from', '2024-01-01', '--bundle', 'coins', '--json'];
    const { code, stdout, stderr } = await hindcast(args, {
      cwd: folder,
      signalWhen: (seen) => seen.sent === 0 && seen.stderr.includes('asked'),
    });
    expect(code).toBe(130);
    expect(stderr).toContain('error: The ingest was interrupted. Nothing was stored.');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'INTERRUPTED' } });
    expect(existsSync(join(home, 'bundles', 'coins'))).toBe(false);
  });
});
