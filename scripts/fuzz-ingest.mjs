// Damages files of every layout 100,000 times for each form, and shows that an ingest gives a whole draft or an error of the family.
// Takes hours; another number of cases is an argument: node scripts/fuzz-ingest.mjs 20000
import { spawnSync } from 'node:child_process';

const runs = process.argv[2] ?? '100000';
const { status } = spawnSync('npx', ['vitest', 'run', 'test/property/ingest-fuzz.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, HINDCAST_FUZZ_RUNS: runs },
  shell: process.platform === 'win32',
});
process.exit(status ?? 1);
