// What each worker costs beyond one copy of the bars: four threads and four processes over a synthetic bundle of 1 GiB.
// Usage: npx tsc -p tsconfig.build.json && node bench/memory.mjs [--json] [--assets 64] [--rows 419430]
// Linux only: PSS (proportional set size) comes from /proc/self/smaps_rollup, which counts a page once however often it is mapped.
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { BundleStore, openBundle, writeBundle } from '../dist/data/index.js';

const WORKERS = 4;
const MIB = 1024 * 1024;
const self = fileURLToPath(import.meta.url);

const field = (file, name) =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))[1]) * 1024;
const memoryOf = (pid = 'self') => ({
  pss: field(`/proc/${pid}/smaps_rollup`, 'Pss'),
  rss: field(`/proc/${pid}/smaps_rollup`, 'Rss'),
  pageTables: field(`/proc/${pid}/status`, 'VmPTE'),
});

/** Reads every value of every column. */
function sum(bundle) {
  let total = 0;
  for (const { listings } of bundle.groups) {
    for (const listing of listings) {
      for (const name of listing.fields) {
        const column = listing.column(name);
        for (let row = 0; row < column.length; row++) total += column[row];
      }
    }
  }
  return total;
}

/** Opens the bundle for the first time in this process, and sums it cold, then warm (the best of seven). */
function open(directory, sharing) {
  const began = performance.now();
  const bundle = openBundle(directory, { sharing });
  const opened = performance.now();
  sum(bundle);
  const summed = performance.now();
  const total = sum(bundle);
  return {
    bundle,
    total,
    opener: { openMs: opened - began, coldMs: summed - opened, warmMs: performance.now() - summed },
  };
}

/** Opens the bundle when told, sums it, keeps it open, and answers. */
function serve(post, onMessage) {
  let bundle;
  onMessage((handle) => {
    const began = performance.now();
    bundle = openBundle(handle);
    const opened = performance.now();
    const total = sum(bundle);
    post({ total, openMs: opened - began, sumMs: performance.now() - opened, heap: process.memoryUsage().heapTotal });
  });
  post({ heap: process.memoryUsage().heapTotal });
}

const answer = (worker) =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });

/** One process, one bundle, four threads that sum it one after another. */
async function measureThreads(directory, sharing) {
  const { bundle, total, opener } = open(directory, sharing);
  const workers = Array.from({ length: WORKERS }, () => new Worker(self));
  const heaps = (await Promise.all(workers.map(answer))).map(({ heap }) => heap);
  const steps = [memoryOf()];
  const added = [];
  for (const [i, worker] of workers.entries()) {
    worker.postMessage(bundle.handle);
    const { heap, openMs, sumMs, total: theirs } = await answer(worker);
    if (theirs !== total) throw new Error(`a worker summed ${theirs}, not ${total}`);
    steps.push(memoryOf());
    added.push({ bytes: steps[i + 1].pss - steps[i].pss - (heap - heaps[i]), openMs, sumMs });
  }
  for (const worker of workers) await worker.terminate();
  return { sharing, where: 'threads', opener, first: steps[0], last: steps.at(-1), added };
}

/** Four processes that sum the bundle one after another, beside this one which holds it too. */
async function measureProcesses(directory, sharing) {
  const { bundle, total, opener } = open(directory, sharing);
  const workers = Array.from({ length: WORKERS }, () => fork(self, ['serve']));
  const heaps = (await Promise.all(workers.map(answer))).map(({ heap }) => heap);
  const all = () => {
    const each = ['self', ...workers.map(({ pid }) => pid)].map(memoryOf);
    const over = (key) => each.reduce((bytes, one) => bytes + one[key], 0);
    return { pss: over('pss'), rss: over('rss'), pageTables: over('pageTables') };
  };
  const steps = [all()];
  const added = [];
  for (const [i, worker] of workers.entries()) {
    worker.send(bundle.handle);
    const { heap, openMs, sumMs, total: theirs } = await answer(worker);
    if (theirs !== total) throw new Error(`a worker summed ${theirs}, not ${total}`);
    steps.push(all());
    added.push({ bytes: steps[i + 1].pss - steps[i].pss - (heap - heaps[i]), openMs, sumMs });
  }
  for (const worker of workers) worker.kill();
  return { sharing, where: 'processes', opener, first: steps[0], last: steps.at(-1), added };
}

async function write(root, assets, rows) {
  const times = Float64Array.from({ length: rows }, (_, row) => row * 60_000);
  const draft = {
    synthetic: true,
    splits: [],
    dividends: [],
    groups: [
      {
        calendar: '24/7',
        frequency: '1m',
        times,
        assets: Array.from({ length: assets }, (_, i) => {
          const close = Float64Array.from({ length: rows }, (_, row) => (1000 + ((row * (i + 7)) % 9973)) / 100);
          const columns = { open: close, high: close, low: close, close, volume: close };
          return { symbol: `A${i}`, first: 0, priceDecimals: 2, volumeDecimals: 2, columns };
        }),
      },
    ],
  };
  return writeBundle(new BundleStore(root), 'memory', draft);
}

/** A fresh process for each figure, so that nothing of the one before is counted. */
async function inChild(...parameters) {
  const child = fork(self, parameters.map(String), { execArgv: ['--max-old-space-size=8192'] });
  const result = await answer(child);
  child.kill();
  return result;
}

const ms = (value) => `${value.toFixed(0)} ms`;
const mib = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`;

function table(results, bytes) {
  const rows = results.map(({ sharing, where, opener, first, last, added }) => [
    sharing,
    where,
    ...added.map((one) => `${((100 * one.bytes) / bytes).toFixed(2)} %`),
    mib(first.pss),
    mib(last.pss),
    mib(last.rss),
    mib(last.pageTables - first.pageTables),
    ms(opener.openMs),
    ms(opener.coldMs),
    ms(opener.warmMs),
    ms(Math.max(...added.map(({ openMs }) => openMs))),
    ms(Math.max(...added.map(({ sumMs }) => sumMs))),
  ]);
  const head = ['sharing', 'workers', ...Array.from({ length: WORKERS }, (_, i) => `worker ${i + 1}`)];
  head.push(
    'PSS before',
    'PSS after',
    'RSS after',
    'page tables',
    'open',
    'cold sum',
    'warm sum',
    'worker open',
    'worker sum',
  );
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padStart(widths[i])).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

async function main() {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      assets: { type: 'string', default: '64' },
      rows: { type: 'string', default: '419430' },
    },
  });
  const root = mkdtempSync(join(tmpdir(), 'hindcast-memory-'));
  try {
    const { directory } = await inChild('write', root, values.assets, values.rows);
    const [{ bytes }] = new BundleStore(root).list();
    const results = [];
    for (const sharing of ['mapped', 'shared', 'copied']) results.push(await inChild('threads', directory, sharing));
    results.push(await inChild('processes', directory, 'mapped'));
    if (values.json) console.log(JSON.stringify({ bytes, results }));
    else
      console.log(
        `Bundle of ${mib(bytes)}; PSS that each worker adds beyond its own heap, in % of the bundle.\n\n${table(results, bytes)}`,
      );
    const shared = results.filter(({ sharing }) => sharing !== 'copied').flatMap(({ added }) => added);
    if (shared.some((one) => one.bytes > 0.02 * bytes)) {
      console.error('A worker adds more than 2 % of the bundle.');
      process.exitCode = 1;
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const [, , task, ...parameters] = process.argv;
const measures = {
  write: ([root, assets, rows]) => write(root, Number(assets), Number(rows)),
  threads: ([directory, sharing]) => measureThreads(directory, sharing),
  processes: ([directory, sharing]) => measureProcesses(directory, sharing),
};
if (!isMainThread)
  serve(
    (message) => parentPort.postMessage(message),
    (listener) => parentPort.on('message', listener),
  );
else if (task === 'serve')
  serve(
    (message) => process.send(message),
    (listener) => process.on('message', listener),
  );
else if (Object.hasOwn(measures, task ?? '')) process.send(await measures[task](parameters));
else await main();
