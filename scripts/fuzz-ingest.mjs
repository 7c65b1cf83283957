// Damages files of every layout, zips' directories, and Parquet of many schemas, and shows that an ingest gives a whole draft or an error of the
// family: 100,000 cases of each form, two to three hours of processor time. Runs in pieces with seeds of their own, so that what fails is known
// soon; another number of cases is an argument: node scripts/fuzz-ingest.mjs 20000
import { spawnSync } from 'node:child_process';

const PIECE = 10_000;
const cases = Number(process.argv[2] ?? '100000');
if (!Number.isSafeInteger(cases) || cases < 1) {
  console.error(`The number of cases is '${process.argv[2]}', but must be a whole number above 0.`);
  process.exit(2);
}

for (let done = 0; done < cases; done += PIECE) {
  const runs = Math.min(PIECE, cases - done);
  const { status } = spawnSync(
    'npx',
    ['vitest', 'run', 'test/property/ingest-fuzz.test.ts', 'test/property/parquet-damage.test.ts'],
    {
      stdio: 'inherit',
      env: { ...process.env, HINDCAST_FUZZ_RUNS: String(runs) },
      shell: process.platform === 'win32',
    },
  );
  // The seed and path that fast-check prints repeat what failed.
  if (status !== 0) process.exit(status ?? 1);
  console.log(`${done + runs} of ${cases} cases of each form`);
}
