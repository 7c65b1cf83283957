// Is this tree slower than the commit that it comes from? Both are built, loaded into one process and run in turns of milliseconds, results
// compared first. The faster quarter of many short runs is hardly touched by other work: the ratio of the two lower quartiles decides.
// Nothing is stored: a ratio to a loop in C or to seconds of another day holds on machines of one kind alone.
// Usage: npm run bench -- gate [--base COMMIT] [--seconds 10] [--scenario NAME]...
// Ends with 1 where a scenario takes more than a tenth longer, certainly, in two measurements after one another.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../', import.meta.url));
/** A slowdown beyond this fails, where the interval holds no speed-up. */
const MOST = 0.1;
const LEAST_PAIRS = 100;
const RESAMPLES = 999;

/** Work of every kind: a single run, a sweep that shares indicators, windows of the past. Each turn takes some milliseconds. */
const SCENARIOS = [
  { name: 'backtest', strategy: 'golden-cross' },
  { name: 'sweep', strategy: 'sma-crossover', trials: 20 },
  { name: 'windows', strategy: 'history-crossover' },
];

const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

/** The newest commit that this branch shares with main; on main itself the one before. */
function baseCommit() {
  const head = git('rev-parse', 'HEAD');
  const shared = spawnSync('git', ['merge-base', 'HEAD', 'main'], { cwd: root, encoding: 'utf8' }).stdout.trim();
  const dirty = git('status', '--porcelain', '--', 'src') !== '';
  if (shared !== '' && shared !== head) return shared;
  return dirty ? head : git('rev-parse', 'HEAD~1');
}

/** Builds the modules of a commit in a folder of their own, with the packages of this tree. */
function buildCommit(commit, folder) {
  mkdirSync(folder, { recursive: true });
  const archive = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  execFileSync(process.execPath, [join(folder, 'scripts', 'build-modules.mjs')], { stdio: 'inherit' });
}

/** Returns the work of a scenario by one build: a turn, which says what came of it. */
async function turnOf(folder, { strategy, trials }, scratch) {
  const door = (name) => import(pathToFileURL(join(folder, 'dist', name, 'index.js')).href);
  const [{ backtest }, { bundleFromColumns, sampleMarket }, { searchStrategy }] = await Promise.all(
    ['', 'data', 'optimize'].map(door),
  );
  const bundle = await bundleFromColumns(sampleMarket({ symbols: 4, sessions: 2500 }));
  const market = { bundle, commission: 'percent:0.001' };
  const file = join(root, 'examples', `${strategy}.ts`);
  if (trials !== undefined) {
    const search = { file, market, search: 'random', seed: 1, trials, jobs: 1 };
    return async () => JSON.stringify((await searchStrategy(search)).study.top);
  }
  // The same source over the doors of this build.
  const entry = join(mkdtempSync(join(scratch, 'strategy-')), `${strategy}.mjs`);
  const { build } = await import('esbuild');
  const doors = {
    name: 'doors',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^hindcast$/ }, () => ({ path: join(folder, 'dist', 'index.js'), external: true })),
  };
  await build({ entryPoints: [file], outfile: entry, bundle: true, format: 'esm', platform: 'node', plugins: [doors] });
  const { default: loaded } = await import(pathToFileURL(entry).href);
  return async () => (await backtest(loaded, market)).orderStreamHash;
}

const cpuMicroseconds = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const quartile = (values) => Float64Array.from(values).sort()[Math.floor(values.length / 4)];

/** Runs both in turns for so many seconds; returns processor time, pair by pair. */
async function measure([before, after], seconds) {
  const pairs = [];
  const until = performance.now() + seconds * 1000;
  while (pairs.length < LEAST_PAIRS || performance.now() < until) {
    const pair = [0, 0];
    // First and second in turns: what one leaves to the other, garbage for example, falls to both alike.
    for (const arm of pairs.length % 2 === 0 ? [0, 1] : [1, 0]) {
      const begun = cpuMicroseconds();
      await (arm === 0 ? before : after)();
      pair[arm] = cpuMicroseconds() - begun;
    }
    pairs.push(pair);
  }
  return pairs;
}

/** How much longer the second of each pair takes, as a share: by the lower quartiles, with the bootstrap's interval over pairs. */
function slowdownOf(pairs) {
  const ratio = (some) => quartile(some.map(([, after]) => after)) / quartile(some.map(([before]) => before)) - 1;
  // A generator of its own (Park and Miller): the same pairs have the same interval.
  let state = 1;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const again = Array.from({ length: RESAMPLES }, () =>
    ratio(pairs.map(() => pairs[Math.floor(next() * pairs.length)])),
  ).sort((a, b) => a - b);
  // Each scenario is a chance to fail by luck: one in a hundred, and both measurements have to.
  return {
    slowdown: ratio(pairs),
    low: again[Math.floor(RESAMPLES * 0.01)],
    high: again[Math.floor(RESAMPLES * 0.99)],
  };
}

const percent = (share) => `${(share * 100).toFixed(1)} %`;

/** Measures a scenario, twice where it seems slower; returns whether it is. */
async function isSlower(scenario, folders, seconds, scratch) {
  const turns = [];
  for (const folder of folders) turns.push(await turnOf(folder, scenario, scratch));
  const [expected, found] = [await turns[0](), await turns[1]()];
  if (expected !== found) {
    console.log(`  ${scenario.name}: gives other results than before, so that times say nothing`);
    return false;
  }
  // Compiled by V8, both.
  await measure(turns, seconds / 4);
  for (let time = 1; ; time++) {
    const pairs = await measure(turns, seconds);
    const { slowdown, low, high } = slowdownOf(pairs);
    const fails = slowdown > MOST && low > 0;
    const words = `${percent(slowdown)} more time [${percent(low)}, ${percent(high)}], ${pairs.length} pairs`;
    console.log(`  ${scenario.name}: ${words}${fails ? (time === 2 ? ' FAILS' : ', measured again') : ''}`);
    if (!fails || time === 2) return fails;
  }
}

const { values } = parseArgs({
  options: {
    base: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    scenario: { type: 'string', multiple: true },
  },
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new RangeError(`--seconds is a number above 0, not ${values.seconds}`);
const wanted = SCENARIOS.filter(({ name }) => values.scenario === undefined || values.scenario.includes(name));
if (wanted.length === 0) throw new RangeError(`--scenario is one of ${SCENARIOS.map(({ name }) => name).join(', ')}`);
const base = git('rev-parse', `${values.base ?? baseCommit()}^{commit}`);
const scratch = mkdtempSync(join(tmpdir(), 'hindcast-gate-'));
try {
  const before = join(scratch, 'before');
  // Caches of compiled strategies and bundles are this run's own.
  process.env.HINDCAST_HOME = join(scratch, 'home');
  writeFileSync(join(scratch, 'package.json'), '{"type":"module"}');
  buildCommit(base, before);
  console.log(`Against ${base.slice(0, 12)}, processor time, in turns:`);
  let slower = 0;
  for (const scenario of wanted) slower += Number(await isSlower(scenario, [before, root], seconds, scratch));
  if (slower > 0) process.exitCode = 1;
  console.log(`The gate ${slower > 0 ? 'fails' : 'passes'}: more than ${percent(MOST)} longer, twice, fails.`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit();
