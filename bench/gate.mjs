// Is this tree slower than the commit that it comes from? Both are built and measured in one run, in turns, results compared first: no stored
// seconds and no stored ratio, which would hold on machines of one kind alone.
// Usage: npm run bench -- gate [--base COMMIT] [--runs 12] [--scenario NAME]... [--out FILE.json]
// Ends with 1 where a scenario takes more than a tenth longer, significantly, or gives other results.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../', import.meta.url));
/** A slowdown beyond this fails, if it is certain. */
const MOST = 0.1;
const SIGNIFICANCE = 0.05;

/** Work of every kind: a single run, a sweep that shares indicators, windows of the past. Computing time decides, which other work disturbs least. */
const SCENARIOS = [
  { name: 'backtest', strategy: 'examples/golden-cross.ts', command: 'backtest', repeat: 20 },
  { name: 'sweep', strategy: 'examples/sma-crossover.ts', command: 'optimize', search: 'random', trials: 200, jobs: 1 },
  { name: 'windows', strategy: 'examples/history-crossover.ts', command: 'backtest', repeat: 2 },
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

const { values } = parseArgs({
  options: {
    base: { type: 'string' },
    runs: { type: 'string', default: '12' },
    scenario: { type: 'string', multiple: true },
    out: { type: 'string' },
  },
});
const base = git('rev-parse', `${values.base ?? baseCommit()}^{commit}`);
const wanted = SCENARIOS.filter(({ name }) => values.scenario === undefined || values.scenario.includes(name));
if (wanted.length === 0) throw new RangeError(`--scenario is one of ${SCENARIOS.map(({ name }) => name).join(', ')}`);
const scratch = mkdtempSync(join(tmpdir(), 'hindcast-gate-'));
try {
  const before = join(scratch, 'before');
  buildCommit(base, before);
  const scenarios = wanted.map((scenario) => ({
    ...scenario,
    strategy: join(root, scenario.strategy),
    bundle: { sample: { symbols: 4, sessions: 2500 } },
    time: 'cpu',
    baseline: { package: before },
  }));
  const file = join(scratch, 'gate.json');
  const out = join(scratch, 'report.json');
  writeFileSync(file, JSON.stringify({ scenarios }));
  const main = join(root, 'dist', 'cli', 'main.js');
  const command = [main, 'bench', file, '--runs', values.runs, '--warm-up', '1', '--out', out, '--quiet'];
  const { status } = spawnSync(process.execPath, command, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) {
    process.exitCode = 1;
  } else {
    const text = readFileSync(out, 'utf8');
    if (values.out !== undefined) writeFileSync(values.out, text);
    const claims = JSON.parse(text).scenarios.flatMap((scenario) => scenario.claims);
    console.log(`Against ${base.slice(0, 12)}, ${values.runs} runs each, computing time:`);
    for (const { name, comparison } of claims) {
      const [low, high] = comparison.savedInterval;
      // Every scenario is a chance to fail by luck: Bonferroni.
      const certain = comparison.p * claims.length < SIGNIFICANCE && high < 0;
      const fails = -comparison.saved > MOST && certain;
      const percent = (share) => `${(share * 100).toFixed(1)} %`;
      const words = `${percent(-comparison.saved)} more time [${percent(-high)}, ${percent(-low)}], p ${comparison.p.toFixed(4)}`;
      console.log(`  ${name}: ${words}${fails ? ' FAILS' : ''}`);
      if (fails) process.exitCode = 1;
    }
    const verdict = process.exitCode === 1 ? 'The gate fails' : 'The gate passes';
    console.log(`${verdict}: more than ${MOST * 100} % longer with p below ${SIGNIFICANCE} over all scenarios fails.`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
