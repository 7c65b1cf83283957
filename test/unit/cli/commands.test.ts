import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BundleStore } from '../../../src/data/index.js';
import { CROSSOVER, emptyHome, file, hindcast, ingestWaves, waveCsv } from '../../helpers/command-line.js';

const json = (text: string) => JSON.parse(text) as Record<string, never>;

describe('ingest', () => {
  it('stores a bundle and says what it recognised', async () => {
    const folder = emptyHome();
    const path = file(folder, 'AAA.csv', waveCsv(50));
    const { code, stdout } = await hindcast(['ingest', 'csv', path, '--bundle', 'one']);
    expect(code).toBe(0);
    expect(stdout).toContain('plain layout');
    expect(stdout).toContain('Calendar 24/7 for 1 symbol');
    expect(stdout).toMatch(/AAA\s+1d\s+50\s+2020-01-01\s+2020-02-19/);
    expect(stdout).toMatch(/Bundle one [0-9a-f]{12} is stored: 1 symbol, 50 rows\./);
  });

  it('prints one document under --json, and knows the same content again', async () => {
    const folder = emptyHome();
    const args = ['ingest', 'csv', file(folder, 'AAA.csv', waveCsv(50)), '--bundle', 'one', '--json'];
    const first = json((await hindcast(args)).stdout);
    const second = json((await hindcast(args)).stdout);
    expect(first).toMatchObject({
      schemaVersion: 1,
      bundle: { name: 'one' },
      alreadyPresent: false,
      rows: 50,
      symbols: [{ symbol: 'AAA', bars: 50, start: '2020-01-01', end: '2020-02-19' }],
      warnings: [],
    });
    expect(second).toEqual({ ...first, alreadyPresent: true });
  });

  it('takes layouts, columns, symbols, precision and events from options', async () => {
    const folder = emptyHome();
    const bars = file(folder, 'x.csv', waveCsv(50).replace('close', 'Last of day'));
    const splits = file(folder, 'splits.csv', 'symbol,ex_date,ratio\nZZZ,2020-01-20,2\n');
    const dividends = file(folder, 'dividends.csv', 'symbol,ex_date,amount\nZZZ,2020-01-25,0.5\n');
    const args = ['ingest', 'csv', bars, '--bundle', 'b', '--symbol', 'ZZZ', '--column', 'close=Last of day'];
    const more = ['--precision', '2', '--splits', splits, '--dividends', dividends, '--calendar', '24/7', '--json'];
    const document = json((await hindcast([...args, ...more])).stdout);
    expect(document).toMatchObject({
      symbols: [{ symbol: 'ZZZ', prices: { decimals: 2 } }],
      splits: { used: 1 },
      dividends: { used: 1 },
    });
    const shown = json((await hindcast(['bundles', 'show', 'b', '--json'])).stdout);
    expect(shown).toMatchObject({ listings: [{ symbol: 'ZZZ', splits: 1, dividends: 1, priceDecimals: 2 }] });
  });

  it('adds rows to a bundle, and refuses what contradicts it', async () => {
    const folder = emptyHome();
    const lines = waveCsv(60).trim().split('\n');
    const begin = file(folder, 'AAA.csv', `${lines.slice(0, 41).join('\n')}\n`);
    await hindcast(['ingest', 'csv', begin, '--bundle', 'parts']);
    const rest = file(folder, 'rest.csv', `${[lines[0], ...lines.slice(31)].join('\n')}\n`);
    const appended = json(
      (await hindcast(['ingest', 'csv', rest, '--symbol', 'AAA', '--bundle', 'parts', '--append', '--json'])).stdout,
    );
    const whole = json(
      (await hindcast(['ingest', 'csv', file(folder, 'AAA.csv', waveCsv(60)), '--bundle', 'whole', '--json'])).stdout,
    );
    expect((appended.bundle as unknown as { version: string }).version).toBe(
      (whole.bundle as unknown as { version: string }).version,
    );
    const changed = file(folder, 'AAA.csv', waveCsv(60).replace(/^(2020-01-05,.*),\d+$/m, '$1,7'));
    const { code, stderr } = await hindcast(['ingest', 'csv', changed, '--bundle', 'parts', '--append']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/AAA has volume \d+ on 2020-01-05 in the bundle, and 7 in the new rows/);
    const missing = await hindcast(['ingest', 'csv', changed, '--bundle', 'none', '--append']);
    expect(missing.code).toBe(2);
  });

  it('refuses bad data with exit code 3, names the place, and leaves the store as it was', async () => {
    const folder = emptyHome();
    const bad = file(folder, 'AAA.csv', `${waveCsv(5)}2020-01-06,10,9,11,10,5\n`);
    const { code, stdout, stderr } = await hindcast(['ingest', 'csv', bad, '--bundle', 'one', '--json']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/AAA\.csv row 6.*high 9 is below low 11/);
    expect(json(stdout)).toMatchObject({ error: { code: 'INGEST_REFUSED', details: { count: 1 } } });
    expect(new BundleStore().names()).toEqual([]);
  });

  it('warns of what it left out before what looks odd, and of the first only', async () => {
    const folder = emptyHome();
    const lines = waveCsv(40).trimEnd().split('\n');
    const files = Array.from({ length: 12 }, (_, index) => {
      const kept = lines.filter((_line, row) => row !== 10 + index);
      return file(folder, `S${index}.csv`, `${kept.join('\n')}\n2020-02-10,300,300,300,300,5\n`);
    });
    const { stderr } = await hindcast(['ingest', 'csv', ...files, '--bundle', 'gaps', '--calendar', '24/7']);
    const warnings = stderr.trimEnd().split('\n');
    expect(warnings).toHaveLength(11);
    expect(warnings[0]).toContain('lacks 1 of 41 24/7 sessions');
    expect(warnings[10]).toMatch(/^warning: \d+ more; --json lists all\.$/);
  });

  it.each([
    { name: 'a market without its exchange', args: ['ccxt', 'BTC', '--bundle', 'b'], says: 'binance:BTC/USDT' },
    { name: 'no Parquet file', args: ['parquet', 'a.parquet', '--bundle', 'b'], says: "No file 'a.parquet'" },
    { name: 'an unknown source', args: ['cvs', 'a.csv', '--bundle', 'b'], says: "Did you mean 'csv'?" },
    { name: 'a file that is not there', args: ['csv', 'none.csv', '--bundle', 'b'], says: "No file 'none.csv'" },
    {
      name: 'a folder',
      args: ['csv', 'examples', '--bundle', 'b'],
      says: "'examples' is a folder. Name the files in it",
    },
    { name: 'no bundle', args: ['csv', 'none.csv'], says: '--bundle NAME' },
    { name: 'a bundle name with a slash', args: ['csv', 'a.csv', '--bundle', '../b'], says: 'cannot name a bundle' },
    { name: 'an unknown calendar', args: ['csv', 'a.csv', '--bundle', 'b', '--calendar', 'XNYSE'], says: 'XNYS' },
    {
      name: 'an unknown policy',
      args: ['csv', 'a.csv', '--bundle', 'b', '--missing', 'drop'],
      says: 'fail, skip, fill',
    },
    { name: 'an unknown role', args: ['csv', 'a.csv', '--bundle', 'b', '--column', 'clos=x'], says: "'close'" },
  ])('refuses $name with exit code 2', async ({ args, says }) => {
    emptyHome();
    const { code, stderr } = await hindcast(['ingest', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});

describe('bundles', () => {
  it('says how to begin where there is none', async () => {
    emptyHome();
    const { code, stdout } = await hindcast(['bundles']);
    expect(code).toBe(0);
    expect(stdout).toContain('hindcast ingest csv FILES --bundle NAME');
    expect(json((await hindcast(['bundles', '--json'])).stdout)).toMatchObject({ schemaVersion: 1, bundles: [] });
  });

  it('lists, shows, verifies and cleans', async () => {
    const folder = emptyHome();
    await ingestWaves(folder, 100);
    await ingestWaves(folder, 120);
    const list = json((await hindcast(['bundles', 'list', '--json'])).stdout);
    expect(list).toMatchObject({ bundles: [{ name: 'waves', rows: 240, symbols: ['AAA', 'BBB'], damaged: null }] });
    expect((list.bundles as unknown as { versions: unknown[] }[])[0]!.versions).toHaveLength(2);
    expect((await hindcast(['bundles'])).stdout).toMatch(/waves\s+[0-9a-f]{8}\s+2\s+240.*2 versions/);
    expect((await hindcast(['bundles', 'show', 'waves'])).stdout).toMatch(/AAA\s+24\/7\s+1d\s+120\s+2020-01-01/);
    expect((await hindcast(['bundles', 'verify', 'waves'])).stdout).toMatch(/^waves [0-9a-f]{12} is intact/);
    expect((await hindcast(['bundles', 'clean'])).stdout).toMatch(/^removed waves [0-9a-f]{12}\n.* freed\.\n$/);
    expect((await hindcast(['bundles', 'clean'])).stdout).toContain('Nothing to remove');
    expect(new BundleStore().versionsOf('waves')).toHaveLength(1);
  });

  it('exports a bundle as files', async () => {
    const folder = emptyHome();
    await ingestWaves(folder, 50);
    const out = join(folder, 'out');
    mkdirSync(out);
    const { code, stdout } = await hindcast(['bundles', 'export', 'waves', '--out', out, '--format', 'csv']);
    expect(code).toBe(0);
    expect(stdout).toContain('bars-24-7-1d.csv: 100 rows');
    expect(readFileSync(join(out, 'bars-24-7-1d.csv'), 'utf8')).toMatch(
      /^symbol,date,open,high,low,close,volume\nAAA,/,
    );
    const document = json((await hindcast(['bundles', 'export', 'waves', '--out', out, '--json'])).stdout);
    expect(document).toMatchObject({ bundle: { name: 'waves' }, folder: out });
    expect(
      (document.files as unknown as { name: string; rows: number }[]).map(({ name, rows }) => [name, rows]),
    ).toEqual([
      ['assets.parquet', 2],
      ['bars-24-7-1d.parquet', 100],
      ['splits.parquet', 0],
      ['dividends.parquet', 0],
    ]);
  });

  it('makes longer bars, on which a run can be', async () => {
    const folder = emptyHome();
    await ingestWaves(folder, 50);
    const { code, stdout } = await hindcast(['bundles', 'resample', 'waves', '--to', '1w,1mo', '--as', 'long']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /has {3}24\/7 1d: 50 rows of 2 symbols\nmade {2}24\/7 1w: 8 rows of 2 symbols\nmade {2}24\/7 1mo: 2 rows/,
    );
    expect(stdout).toMatch(/Bundle long [0-9a-f]{12} is stored\./);
    const again = json((await hindcast(['bundles', 'resample', 'long', '--to', '1w', '--json'])).stdout);
    expect(again).toMatchObject({ bundle: { name: 'long' }, alreadyPresent: true });
    const strategy = file(folder, 'cross.ts', CROSSOVER);
    const run = ['backtest', strategy, '--bundle', 'long', '--param', 'fast=2', '--json'];
    expect(json((await hindcast([...run, '--frequency', '1w'])).stdout).bars).toBe(8);
    expect(json((await hindcast(run)).stdout).bars).toBe(50);
    const refused = await hindcast([...run, '--frequency', '1h']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("'long' has no 1h bars, but 1d, 1w, 1mo.");
    expect((await hindcast(['bundles', 'resample', 'waves', '--to', '1h'])).stderr).toContain('do not make bars of 1h');
  });

  it('reports damage with exit code 3', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const { directory } = new BundleStore().resolve('waves');
    const columns = join(directory, readdirSync(directory).find((name) => !name.endsWith('.json'))!);
    chmodSync(columns, 0o600);
    appendFileSync(columns, 'x');
    const { code, stderr } = await hindcast(['bundles', 'verify', 'waves']);
    expect(code).toBe(3);
    expect(stderr).toContain("Bundle 'waves'");
    const doctor = await hindcast(['doctor', '--json']);
    expect(doctor.code).toBe(1);
    expect(json(doctor.stdout)).toMatchObject({ healthy: false, problems: [{ name: 'bundle waves' }] });
  });

  it.each([
    { args: ['verify'], says: 'hindcast bundles verify NAME' },
    { args: ['show', 'wave'], says: "Did you mean 'waves'?" },
    { args: ['lst'], says: "Did you mean 'list'?" },
    { args: ['clean', 'waves'], says: 'takes no name' },
    { args: ['export', 'waves'], says: '--out DIR' },
    { args: ['export'], says: 'hindcast bundles export NAME' },
    { args: ['resample'], says: 'hindcast bundles resample NAME' },
    { args: ['resample', 'waves'], says: '--to 1d,1w' },
    { args: ['resample', 'waves', '--to', '1d', '--out', 'x'], says: "--out is for 'bundles export'" },
    { args: ['list', '--to', '1d'], says: "--to is for 'bundles resample'" },
    { args: ['export', 'waves', '--out', '/none/at/all'], says: 'there is no folder' },
    { args: ['export', 'waves', '--out', '.', '--format', 'parqet'], says: "Did you mean 'parquet'?" },
    { args: ['show', 'waves', '--out', '.'], says: '--out' },
  ])('refuses $args with exit code 2', async ({ args, says }) => {
    await ingestWaves(emptyHome());
    const { code, stderr } = await hindcast(['bundles', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});

describe('backtest', () => {
  it('prints exactly the document of the contract', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const strategy = file(folder, 'cross.ts', CROSSOVER);
    const args = ['backtest', strategy, '--bundle', 'waves', '--param', 'fast=4', '--json'];
    const { code, stdout, stderr } = await hindcast(args);
    const document = json(stdout);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(Object.keys(document)).toEqual([
      ...['schemaVersion', 'strategy', 'bundle', 'params', 'start', 'end', 'bars', 'currency'],
      ...['startingCash', 'endingEquity', 'orders', 'fills', 'metrics', 'statistics', 'orderStreamHash', 'seconds'],
    ]);
    expect(Object.keys(document.metrics!)).toEqual([
      ...['totalReturn', 'annualReturn', 'annualVolatility', 'sharpe', 'sortino', 'calmar', 'maxDrawdown'],
      ...['winRate', 'profitFactor', 'trades'],
    ]);
    expect(document).toMatchObject({
      schemaVersion: 1,
      strategy: 'cross',
      bundle: { name: 'waves', version: new BundleStore().resolve('waves').version },
      params: { fast: 4, slow: 8 },
      start: '2020-01-01',
      end: '2020-10-26',
      bars: 300,
      startingCash: '100000',
    });
    expect(document.endingEquity).toMatch(/^\d+(\.\d+)?$/);
    expect(document.orderStreamHash).toMatch(/^[0-9a-f]{64}$/);
    expect(document.fills as unknown as number).toBeGreaterThan(5);
  });

  it('adds the fills as `trades`, and they explain the ending', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const strategy = file(folder, 'cross.ts', CROSSOVER);
    const base = ['backtest', strategy, '--bundle', 'waves', '--commission', 'percent:0.001', '--json'];
    const document = json((await hindcast([...base, '--trades'])).stdout);
    const trades = document.trades as unknown as { side: string; quantity: string; price: string; fee: string }[];
    expect(trades).toHaveLength(document.fills!);
    expect(trades[0]).toMatchObject({ side: 'buy', symbol: 'AAA' });
    for (const { quantity, price, fee } of trades) {
      expect(Number(fee)).toBeCloseTo(Number(quantity) * Number(price) * 0.001, 6);
    }
    expect(json((await hindcast(base)).stdout)).not.toHaveProperty('trades');
  });

  it('honours symbols, dates and cash', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const strategy = file(folder, 'cross.ts', CROSSOVER);
    const options = ['--symbols', 'BBB', '--start', '2020-03-01', '--end', '2020-05-31', '--cash', '5000.50'];
    const document = json((await hindcast(['backtest', strategy, '--bundle', 'waves', ...options, '--json'])).stdout);
    expect(document).toMatchObject({ start: '2020-03-01', end: '2020-05-31', bars: 92, startingCash: '5000.5' });
  });

  it('shows an aligned table and, when asked, the fills', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const strategy = file(folder, 'cross.ts', CROSSOVER);
    const { stdout } = await hindcast(['backtest', strategy, '--bundle', 'waves', '--trades']);
    expect(stdout).toMatch(/^cross on waves [0-9a-f]{12}\n2020-01-01 to 2020-10-26, 300 bars\nfast=2 slow=8\n/);
    expect(stdout).toMatch(/Sharpe +-?[\d.]+/);
    expect(stdout).toMatch(/2020-\d\d-\d\d +AAA +buy +[\d.]+ +[\d.]+ +0\n/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('gives null for metrics that are not available', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const never = CROSSOVER.replace('fast.value > slow.value', 'false');
    const args = ['backtest', file(folder, 'never.ts', never), '--bundle', 'waves', '--json'];
    const document = json((await hindcast(args)).stdout);
    expect(document).toMatchObject({ fills: 0, metrics: { trades: 0, winRate: null, profitFactor: null } });
  });

  it('adds what analyze returns, and prints what the strategy logs on standard error', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const talking = CROSSOVER.replace(
      'handleData({ state:',
      'analyze: () => ({ luck: 0.5 }),\n  handleData({ log, state:',
    ).replace(
      "order.notional(asset, 'all');",
      "{ log('entered', { symbol: asset.symbol }); order.notional(asset, 'all'); }",
    );
    const strategy = file(folder, 'talking.ts', talking);
    const args = ['backtest', strategy, '--bundle', 'waves', '--json'];
    const run = await hindcast(args);
    expect(run.stderr).toMatch(/2020-\d\d-\d\d[^\n]* entered symbol=AAA\n/);
    expect(json(run.stdout)).toMatchObject({ custom: { luck: 0.5 } });
    expect((await hindcast([...args, '--quiet'])).stderr).toBe('');
    const logged = await hindcast(args, { env: { HINDCAST_LOG: 'info' } });
    const [first] = logged.stderr.split('\n');
    expect(JSON.parse(first!)).toMatchObject({ event: 'strategy-log', msg: 'entered', symbol: 'AAA' });
  });

  it('logs what each cache did, by layer and bundle, and does without those that the environment switches off', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const args = ['backtest', file(folder, 'cross.ts', CROSSOVER), '--bundle', 'waves', '--json'];
    const run = await hindcast(args, { env: { HINDCAST_LOG: 'debug', HINDCAST_INDICATOR_CACHE: 'off' } });
    const events = run.stderr
      .split('\n')
      .filter((line) => line.includes('"event":"cache"'))
      .map((line) => json(line));
    expect(events.map(({ cache, cache_layer }) => [cache, cache_layer])).toEqual([
      ['assetCache', 1],
      ['pregroupedColumns', 1],
      ['indicatorCache', 1],
      ['arrayReturn', 2],
      ['historyCache', 2],
      ['bundlePool', 3],
      ['sharedBundle', 3],
      ['persistentPool', 3],
    ]);
    for (const event of events) {
      expect(event).toMatchObject({ bundle_name: 'waves', enabled: event.cache !== 'indicatorCache', failures: 0 });
      expect(event.hit_rate === null || (Number(event.hit_rate) >= 0 && Number(event.hit_rate) <= 1)).toBe(true);
    }
    expect(events[2]).toMatchObject({ choice: 'DirectIndicators', hit_rate: 0 });
    expect(events[0]).toMatchObject({ choice: 'CachedAssetList', misses: 1 });
    expect(json((await hindcast(args)).stdout)).toEqual({
      ...json(run.stdout),
      seconds: expect.any(Number),
    });
    const wrong = await hindcast(args, { env: { HINDCAST_ASSET_CACHE: 'maybe' } });
    expect(wrong.code).toBe(2);
    expect(wrong.stdout + wrong.stderr).toContain('INVALID_CACHE_VARIABLE');
  });

  it('writes a report', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const report = join(folder, 'out.html');
    const args = ['backtest', file(folder, 'cross.ts', CROSSOVER), '--bundle', 'waves', '--report', report];
    const { code, stderr } = await hindcast(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `Report: ${report}\n` });
    expect(readFileSync(report, 'utf8')).toContain('<h1>cross on waves</h1>');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it.runIf(existsSync('/dev/full'))('fails with exit code 1 where the report finds no room', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const args = ['backtest', file(folder, 'cross.ts', CROSSOVER), '--bundle', 'waves', '--report', '/dev/full'];
    const { code, stdout, stderr } = await hindcast([...args, '--json']);
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot write the report /dev/full: the disk is full');
    expect(json(stdout)).toMatchObject({ error: { code: 'REPORT_WRITE_FAILED' } });
  });

  it('refuses a place for the report before it runs anything', async () => {
    const folder = emptyHome();
    const args = ['backtest', 'not-there.ts', '--bundle', 'waves', '--report'];
    const { code, stderr } = await hindcast([...args, join(folder, 'no', 'out.html')]);
    expect(code).toBe(2);
    expect(stderr).toContain('there is no folder');
    mkdirSync(join(folder, 'a-folder'));
    expect((await hindcast([...args, join(folder, 'a-folder')])).stderr).toContain('it is a folder');
  });

  it('exports a run, as Parquet unless told otherwise', async () => {
    const folder = emptyHome();
    await ingestWaves(folder, 60);
    const to = join(folder, 'out');
    mkdirSync(to);
    const args = ['backtest', file(folder, 'cross.ts', CROSSOVER), '--bundle', 'waves', '--export', to];
    const { code, stdout, stderr } = await hindcast([...args, '--trades', '--json']);
    const { trades, roundTrips } = json(stdout) as Record<string, unknown[]>;
    const fills = trades!.length;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `Export: ${to}: fills.parquet (${fills} rows), round-trips.parquet (${roundTrips!.length} rows), equity.parquet (60 rows), recorded.parquet (60 rows)\n`,
    });
    expect((await hindcast([...args, '--export-as', 'csv'])).code).toBe(0);
    expect(readFileSync(join(to, 'fills.csv'), 'utf8').trim().split('\n')).toHaveLength(fills + 1);
    expect(readdirSync(to).sort()).toEqual(
      ['equity', 'fills', 'recorded', 'round-trips'].flatMap((name) => [`${name}.csv`, `${name}.parquet`]),
    );
  });

  it('says which columns of an export are text, and why', async () => {
    const folder = emptyHome();
    await ingestWaves(folder, 60);
    const thirds = CROSSOVER.replace("order.notional(asset, 'all');", 'order(asset, 3);')
      .replace('order.target(asset, 0);', 'order(asset, -1);')
      .replace('if (position.isFlat)', 'if (position.quantity < 3)');
    const costs = ['--commission', 'per-trade:1'];
    const args = ['backtest', file(folder, 'thirds.ts', thirds), '--bundle', 'waves', '--export', folder, ...costs];
    const { code, stderr } = await hindcast(args);
    expect(code).toBe(0);
    expect(stderr).toContain('round-trips.parquet: text, for more digits than DECIMAL(38) has: commission, profit\n');
  });

  it('refuses an export before it runs anything', async () => {
    const folder = emptyHome();
    const args = ['backtest', 'not-there.ts', '--bundle', 'waves'];
    for (const [flags, says] of [
      [['--export', join(folder, 'no')], 'there is no folder'],
      [['--export', folder, '--export-as', 'json'], "Did you mean 'jsonl'?"],
      [['--export-as', 'csv'], 'Say where to export: --export DIR --export-as csv.'],
    ] as const) {
      const { code, stderr } = await hindcast([...args, ...flags]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
    }
  });

  it.each([
    { name: 'an unknown bundle', args: ['--bundle', 'wave'], says: "Did you mean 'waves'?" },
    { name: 'no bundle', args: [], says: 'Here are: waves.' },
    {
      name: 'a misspelt parameter',
      args: ['--bundle', 'waves', '--param', 'fats=4'],
      says: "Unknown parameter 'fats'. Did you mean 'fast'?",
    },
    {
      name: 'a value outside its range',
      args: ['--bundle', 'waves', '--param', 'fast=40'],
      says: 'Nearest valid value: 6',
    },
    { name: 'a parameter without a value', args: ['--bundle', 'waves', '--param', 'fast'], says: 'NAME=VALUE' },
    { name: 'an unknown symbol', args: ['--bundle', 'waves', '--symbols', 'AAB'], says: 'AAA' },
    { name: 'a date that is none', args: ['--bundle', 'waves', '--start', '2020-02-30'], says: '2020-02-30' },
    { name: 'a span without bars', args: ['--bundle', 'waves', '--start', '2031-01-01'], says: '2031-01-01' },
    {
      name: 'an unknown commission',
      args: ['--bundle', 'waves', '--commission', 'percnt:1'],
      says: "Did you mean 'percent'?",
    },
    {
      name: 'an unknown fill rule',
      args: ['--bundle', 'waves', '--fill', 'next-opn'],
      says: "Did you mean 'next-open'?",
    },
    { name: 'cash that is no amount', args: ['--bundle', 'waves', '--cash', 'much'], says: 'much' },
    {
      name: 'an unknown option',
      args: ['--bundle', 'waves', '--comission', 'none'],
      says: "Did you mean '--commission'?",
    },
  ])('refuses $name with exit code 2', async ({ args, says }) => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const { code, stdout, stderr } = await hindcast(['backtest', file(folder, 'cross.ts', CROSSOVER), ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });

  it('shows the code frame of a strategy that does not compile', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const broken = file(folder, 'broken.ts', "import { int } from 'hindcast';\nexport default { fast: int(2, 6 };\n");
    const { code, stderr } = await hindcast(['backtest', broken, '--bundle', 'waves'], { terminal: true });
    expect(code).toBe(2);
    expect(stderr).toMatch(/broken\.ts:2:\d+/);
    expect(stderr).toMatch(/2 \| export default \{ fast: int\(2, 6 \};\n\s+\^/);
  });

  it('ends with exit code 1 when the strategy throws', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const throwing = CROSSOVER.replace(
      'if (position.isFlat)',
      "if (fast.value > 110) throw new Error('no more'); if (position.isFlat)",
    );
    const { code, stderr } = await hindcast(['backtest', file(folder, 'throws.ts', throwing), '--bundle', 'waves']);
    expect(code).toBe(1);
    expect(stderr).toContain('no more');
  });
});

describe('doctor', () => {
  it('finds a sound machine, without making a store', async () => {
    const folder = emptyHome();
    const { code, stdout } = await hindcast(['doctor', '--json']);
    expect(code).toBe(0);
    expect(json(stdout)).toMatchObject({ healthy: true, problems: [] });
    expect(existsSync(join(folder, 'store'))).toBe(false);
    const text = (await hindcast(['doctor'], { env: { HINDCAST_LOG: 'silent' } })).stdout;
    expect(text).toContain('All is well.');
    expect(text).toMatch(/node +v\d+/);
    expect(text).toMatch(/HINDCAST_LOG +silent/);
  });

  it('finds a switch of a cache that cannot be read', async () => {
    emptyHome();
    const { code, stdout } = await hindcast(['doctor', '--json'], { env: { HINDCAST_BUNDLE_POOL: 'no' } });
    expect(code).toBe(1);
    expect(json(stdout).problems).toEqual([
      { name: 'HINDCAST_BUNDLE_POOL', problem: expect.stringContaining("is 'no', but is one of 1, true, on") },
    ]);
  });

  it('names bundles and whether they are intact', async () => {
    await ingestWaves(emptyHome());
    expect((await hindcast(['doctor'])).stdout).toMatch(/bundle waves +2 symbols, 600 rows, .*intact/);
  });
});
