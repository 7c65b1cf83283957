// What it takes to get minute bars from a file to a strategy: rate and memory of an ingest, opening, and the first window of history, beside
// readers that keep nothing: hyparquet, DuckDB, and lines split by hand. All arms must find the same rows before a figure counts.
// Usage: npm run bench -- ingest [--rows 1300000] [--json]
// Linux only: the most memory that a process had at once comes from VmHWM in /proc/self/status.
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const self = fileURLToPath(import.meta.url);
const MIB = 1024 * 1024;
const most = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;

/** What all arms must agree on: rows, sum of closes in cents, sum of volumes, last time. */
const facts = (rows, cents, volume, last) => ({ rows, cents: Math.round(cents), volume, last });

async function ingest(file, root) {
  const { buildDraft, writeBundle, openBundle, BundleStore } = await import('../dist/data/index.js');
  const began = performance.now();
  const { draft } = await buildDraft({ files: [file], calendar: '24/7', frequency: '1m', symbol: 'X' });
  const { directory, version } = await writeBundle(new BundleStore(root), 'bench', draft);
  const seconds = (performance.now() - began) / 1000;
  const memory = most();
  const opening = performance.now();
  const bundle = openBundle(directory);
  const openMs = performance.now() - opening;
  const [group] = bundle.groups;
  const [listing] = group.listings;
  const asking = performance.now();
  const window = listing.column('close').slice(listing.end - 200, listing.end);
  const firstMs = performance.now() - asking;
  let cents = 0;
  let volume = 0;
  for (const value of listing.column('close')) cents += Math.round(value * 100);
  for (const value of listing.column('volume')) volume += value;
  if (window.length !== 200) throw new Error(`a window of ${window.length} bars`);
  return { seconds, memory, openMs, firstMs, version, facts: facts(group.length, cents, volume, group.times.at(-1)) };
}

const ARMS = {
  'Hindcast, Parquet': ({ parquet, root }) => ingest(parquet, join(root, 'a')),
  'Hindcast, CSV': ({ csv, root }) => ingest(csv, join(root, 'b')),
  'hyparquet, objects': async ({ parquet }) => {
    const { asyncBufferFromFile, parquetReadObjects } = await import('hyparquet');
    const { compressors } = await import('hyparquet-compressors');
    const began = performance.now();
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(parquet), compressors });
    let [cents, volume] = [0, 0];
    for (const { close, volume: traded } of rows) {
      cents += Math.round(close * 100);
      volume += Number(traded);
    }
    const seconds = (performance.now() - began) / 1000;
    return { seconds, memory: most(), facts: facts(rows.length, cents, volume, Number(rows.at(-1).time)) };
  },
  'DuckDB, to columns': async ({ parquet }) => {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const began = performance.now();
    const result = await connection.runAndReadAll(
      `SELECT epoch_ms(time)::DOUBLE, open, high, low, close, volume::DOUBLE FROM '${parquet}'`,
    );
    const columns = result.getColumns();
    let [cents, volume] = [0, 0];
    for (const close of columns[4]) cents += Math.round(close * 100);
    for (const traded of columns[5]) volume += traded;
    const seconds = (performance.now() - began) / 1000;
    return { seconds, memory: most(), facts: facts(columns[0].length, cents, volume, columns[0].at(-1)) };
  },
  'split by hand, CSV': async ({ csv }) => {
    const began = performance.now();
    const bars = readFileSync(csv, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    let [cents, volume] = [0, 0];
    for (const bar of bars) {
      cents += Math.round(Number(bar[4]) * 100);
      volume += Number(bar[5]);
    }
    const seconds = (performance.now() - began) / 1000;
    return { seconds, memory: most(), facts: facts(bars.length, cents, volume, Date.parse(bars.at(-1)[0])) };
  },
};

/** Minute bars of a walk by a fixed rule, as Parquet (zstd) and as CSV. */
async function write({ parquet, csv, rows }) {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const bars = `SELECT TIMESTAMP '2003-01-01' + INTERVAL (i) MINUTE AS time, (c + i * 7 % 5) / 100 AS open, (c + 9 + i * 3 % 7) / 100 AS high,
    (c - 9) / 100 AS low, (c + i * 11 % 6) / 100 AS close, 100 + i * 13 % 997 AS volume
    FROM (SELECT i, (10000 + round(3000 * sin(i / 50000.0) + 200 * sin(i / 300.0)))::BIGINT AS c FROM range(${rows}) r(i))`;
  await connection.run(`COPY (${bars}) TO '${parquet}' (FORMAT parquet, CODEC 'zstd')`);
  await connection.run(
    `COPY (SELECT strftime(time, '%Y-%m-%dT%H:%M:%SZ') AS time, * EXCLUDE (time) FROM (${bars})) TO '${csv}' (HEADER)`,
  );
  return { parquet: statSync(parquet).size, csv: statSync(csv).size };
}

/** A fresh process for each arm, so that nothing of the one before is counted. */
function inChild(arm, places) {
  return new Promise((resolve, reject) => {
    const child = fork(self, [arm, JSON.stringify(places)], { execArgv: ['--max-old-space-size=8192'] });
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code) => code !== 0 && reject(new Error(`${arm} ended with ${code}`)));
  });
}

async function main() {
  const { values } = parseArgs({
    options: { rows: { type: 'string', default: '1300000' }, json: { type: 'boolean' } },
  });
  const rows = Number(values.rows);
  const root = mkdtempSync(join(tmpdir(), 'hindcast-ingest-'));
  const places = { root, rows, parquet: join(root, 'bars.parquet'), csv: join(root, 'bars.csv') };
  try {
    const bytes = await inChild('write', places);
    const results = {};
    for (const arm of Object.keys(ARMS)) results[arm] = await inChild(arm, places);
    const [first, ...others] = Object.entries(results);
    for (const [arm, { facts: found }] of others) {
      if (JSON.stringify(found) === JSON.stringify(first[1].facts)) continue;
      throw new Error(`${arm} found ${JSON.stringify(found)}, ${first[0]} ${JSON.stringify(first[1].facts)}`);
    }
    if (results['Hindcast, CSV'].version !== first[1].version) throw new Error('CSV and Parquet made two versions');
    if (values.json) return console.log(JSON.stringify({ rows, bytes, results }));
    const line = ([arm, { seconds, memory, openMs, firstMs }]) =>
      `| ${[
        arm.padEnd(20),
        `${seconds.toFixed(2)} s`.padStart(9),
        Math.round(rows / seconds)
          .toLocaleString('en-US')
          .padStart(10),
        `${(memory / MIB).toFixed(0)} MiB`.padStart(9),
        (openMs === undefined ? '' : `${openMs.toFixed(1)} ms`).padStart(8),
        (firstMs === undefined ? '' : `${firstMs.toFixed(1)} ms`).padStart(12),
      ].join(' | ')} |`;
    const head = [
      '| arm                  |      time |     rows/s |  most RSS |     open | first window |',
      '| -------------------- | --------: | ---------: | --------: | -------: | -----------: |',
    ];
    console.log(
      `${rows.toLocaleString('en-US')} rows\n\n${[...head, ...Object.entries(results).map(line)].join('\n')}`,
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const [arm, places] = process.argv.slice(2);
if (process.send === undefined) await main();
else {
  const result = await (arm === 'write' ? write(JSON.parse(places)) : ARMS[arm](JSON.parse(places)));
  process.send(result, () => process.exit(0));
}
