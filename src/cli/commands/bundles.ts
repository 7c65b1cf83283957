import type { Command } from 'commander';
import { UsageError } from '../../core/errors.js';
import { didYouMean } from '../../core/suggest.js';
import { tickerText } from '../../data/asset-lookup.js';
import {
  type Bundle,
  BundleStore,
  type BundleSummary,
  openBundle,
  resampledDraft,
  writeBundle,
} from '../../data/index.js';
import { describeDefect } from '../../data/ingest/defects.js';
import { readQuality } from '../../data/quality.js';
import { assertBundleName } from '../../data/store.js';
import { type BundleFormat, exportBundle } from '../../export/index.js';
import type { Asset } from '../../market/asset.js';
import type { Frequency } from '../../market/bars.js';
import { formatCount, formatTime, renderRecord, renderTable } from '../../report/index.js';
import { missingBundle } from '../market-options.js';
import type { Session } from '../session.js';
import { bytesText, counted, shortHash } from '../text-blocks.js';
import { list } from '../values.js';

/** Digits of a version in the list, which is short of room: NAME@DIGITS finds it. */
const LISTED_DIGITS = 8;
const ACTIONS = ['list', 'show', 'verify', 'export', 'resample', 'clean'] as const;

interface Flags {
  readonly out?: string;
  readonly format?: string;
  readonly quality?: boolean;
  readonly to?: string[];
  readonly as?: string;
  readonly replace?: boolean;
}

/** Adds `bundles [list | show B | verify B | export B | resample B | clean]`. */
export function registerBundles(program: Command, session: Session): void {
  program
    .command('bundles')
    .description('Lists the ingested bundles, shows, verifies, exports or resamples one, or removes old versions.')
    .argument('[action]', 'list, show, verify, export, resample or clean (default: list)')
    .argument('[bundle]', 'for all but list and clean: NAME, or NAME@HASH for one version')
    .option('--out <dir>', 'for export: the folder to write into, which exists (required)')
    .option('--format <name>', 'for export: parquet, csv or arrow (default: parquet)')
    .option('--quality', 'for show: what its ingest found, and what was done about it')
    .option('--to <lengths>', 'for resample: the longer bars to make, 1h,1d,1w,1mo (required)', list('to'))
    .option('--as <name>', 'for resample: name of the bundle to make (default: a new version of its own)')
    .option('--replace', 'for resample: makes bars anew that the bundle has')
    .addHelpText(
      'after',
      `
verify reads the whole bundle and recomputes every hash. export writes bars,
assets, splits and dividends as files, decimals exact. resample adds
longer bars, by sessions, beside those that it has. clean removes all but the
newest version of each name.

Examples:
  $ hindcast bundles
  $ hindcast bundles show us
  $ hindcast bundles show us --quality
  $ hindcast bundles verify us@3fa9
  $ hindcast bundles export us --format parquet --out data
  $ hindcast bundles resample minutes --to 1h,1d`,
    )
    .action(async (action = 'list', bundle: string | undefined, flags: Flags) => {
      refuseForeignFlags(action, flags);
      if (action === 'show' || action === 'verify' || action === 'export' || action === 'resample') {
        const name = bundle ?? missingBundle(`hindcast bundles ${action} NAME`);
        if (action === 'show' && flags.quality === true) showQuality(session, name);
        else if (action === 'show') show(session, name);
        else if (action === 'verify') await verify(session, name);
        else if (action === 'export') await exportFiles(session, name, flags);
        else await resample(session, name, flags);
        return;
      }
      if (action !== 'list' && action !== 'clean') throw unknownAction(action);
      if (bundle !== undefined) {
        throw new UsageError('INVALID_OPTION', {
          message: `'bundles ${action}' is about all bundles and takes no name, but '${bundle}' was given.`,
          details: { action, bundle },
        });
      }
      if (action === 'list') listAll(session);
      else clean(session);
    });
}

function listAll({ output }: Session): void {
  const store = new BundleStore();
  const bundles = store.list();
  output.result({ store: store.directory, bundles: bundles.map(summaryDocument) }, () => {
    if (bundles.length === 0) {
      return `No bundles in ${store.directory}.\nMake one: hindcast ingest csv FILES --bundle NAME, or see: hindcast demo`;
    }
    return renderTable(
      [
        { header: 'bundle', whole: true },
        { header: 'version', whole: true },
        { header: 'symbols', align: 'right' },
        { header: 'rows', align: 'right' },
        { header: 'from', whole: true },
        { header: 'to', whole: true },
        { header: 'size', align: 'right' },
        ...(bundles.some((bundle) => remarkOf(bundle) !== '') ? [{ header: 'remarks' }] : []),
      ],
      bundles.map((bundle) => [
        bundle.name,
        bundle.newest.slice(0, LISTED_DIGITS),
        formatCount(bundle.assets.length),
        formatCount(bundle.rows),
        spanOf(bundle).start,
        spanOf(bundle).end,
        bytesText(bundle.bytes),
        remarkOf(bundle),
      ]),
      { width: output.width, color: output.color },
    );
  });
}

function remarkOf({ damaged, synthetic, versions }: BundleSummary): string {
  if (damaged !== undefined) return 'damaged';
  const remarks = [
    ...(synthetic ? ['synthetic'] : []),
    ...(versions.length > 1 ? [`${versions.length} versions`] : []),
  ];
  return remarks.join(', ');
}

const dateOf = (label: number): string => formatTime(label).slice(0, 10);

function spanOf({ groups }: BundleSummary): { readonly start: string; readonly end: string } {
  if (groups.length === 0) return { start: '', end: '' };
  return {
    start: dateOf(Math.min(...groups.map(({ start }) => start))),
    end: dateOf(Math.max(...groups.map(({ end }) => end))),
  };
}

function summaryDocument(bundle: BundleSummary): object {
  return {
    name: bundle.name,
    version: bundle.newest,
    versions: bundle.versions.map(({ version, createdAt }) => ({
      version,
      createdAt: createdAt === undefined ? null : new Date(createdAt).toISOString(),
    })),
    symbols: bundle.assets,
    groups: bundle.groups.map((group) => ({ ...group, start: dateOf(group.start), end: dateOf(group.end) })),
    rows: bundle.rows,
    bytes: bundle.bytes,
    synthetic: bundle.synthetic,
    damaged: bundle.damaged ?? null,
  };
}

function show({ output }: Session, specification: string): void {
  const store = new BundleStore();
  const { name, version, directory } = store.resolve(specification);
  using bundle = openBundle(directory);
  const listings = bundle.groups.flatMap(({ calendar, frequency, times, listings: all }) =>
    all.map(({ asset, first, end, fields }) => ({
      symbol: asset.symbol,
      calendar,
      frequency,
      rows: end - first,
      start: dateOf(times[first]!),
      end: dateOf(times[end - 1]!),
      priceDecimals: asset.priceDecimals,
      exchange: asset.exchange ?? null,
      tick: asset.tick,
      lot: asset.lot,
      multiplier: asset.multiplier,
      tickers: tickerDocument(asset),
      currency: asset.currency,
      fields,
      splits: bundle.splits.filter(({ sid }) => sid === asset.sid).length,
      dividends: bundle.dividends.filter(({ sid }) => sid === asset.sid).length,
    })),
  );
  const versions = store.versionsOf(name);
  const synthetic = bundle.manifest.synthetic ?? false;
  const document = { name, version, directory, synthetic, versions: versions.map((one) => one.version), listings };
  output.result(document, () =>
    [
      renderRecord(
        [
          ['bundle', `${name}${synthetic ? ' (synthetic: a program generated these prices)' : ''}`],
          ['version', version],
          ['place', directory],
          ['versions', String(versions.length)],
          ['contents', contentsOf(bundle)],
        ],
        output.color,
      ),
      '',
      renderTable(
        [
          { header: 'symbol', whole: true },
          { header: 'calendar', whole: true },
          { header: 'bars', whole: true },
          { header: 'rows', align: 'right' },
          { header: 'from', whole: true },
          { header: 'to', whole: true },
          { header: 'decimals', align: 'right' },
          { header: 'splits', align: 'right' },
          { header: 'dividends', align: 'right' },
        ],
        listings.map((one) => [
          one.symbol,
          one.calendar,
          one.frequency,
          formatCount(one.rows),
          one.start,
          one.end,
          String(one.priceDecimals),
          String(one.splits),
          String(one.dividends),
        ]),
        { width: output.width, color: output.color },
      ),
      ...tickerLines(bundle.assets),
    ].join('\n'),
  );
}

const tickerDocument = ({ symbol, tickers = [{ ticker: symbol }] }: Asset): object[] =>
  tickers.map(({ ticker, from, to }) => ({
    ticker,
    from: from === undefined ? null : dateOf(from),
    to: to === undefined ? null : dateOf(to),
  }));

/** The assets that had another name once, or share one, in lines. */
function tickerLines(assets: readonly Asset[]): string[] {
  const renamed = assets.filter(
    ({ symbol, tickers = [] }) => tickers.length > 1 || tickers.some((one) => one.ticker !== symbol),
  );
  return renamed.length === 0 ? [] : ['', ...renamed.map((asset) => `${asset.symbol} traded as ${tickerText(asset)}`)];
}

function showQuality({ output }: Session, specification: string): void {
  const store = new BundleStore();
  const found = store.resolve(specification);
  const report = readQuality(store, found);
  if (report === undefined) {
    throw new UsageError('NO_QUALITY_REPORT', {
      message: `${found.name} ${shortHash(found.version)} has no quality report: no ingest of files made it here. Ingest it again to have one.`,
      details: { name: found.name, version: found.version },
    });
  }
  const { quality, files, assets, rows } = report;
  const document = {
    name: found.name,
    version: found.version,
    rows,
    files,
    symbols: assets.map(({ first, last, ...asset }) => ({ ...asset, start: dateOf(first), end: dateOf(last) })),
    quality,
    warnings: report.warnings,
  };
  output.result(document, () => {
    const style = { width: output.width, color: output.color };
    const bars = assets.reduce((sum, asset) => sum + asset.bars, 0);
    const head = renderRecord(
      [
        ['bundle', `${found.name} ${shortHash(found.version)}`],
        ['read', `${counted(rows, 'row')} of ${counted(files.length, 'file')}`],
        ['stored', `${counted(bars, 'bar')} of ${counted(new Set(assets.map(({ symbol }) => symbol)).size, 'symbol')}`],
        [
          'missing',
          counted(
            assets.reduce((sum, asset) => sum + asset.missing, 0),
            'bar',
          ),
        ],
        [
          'filled',
          counted(
            assets.reduce((sum, asset) => sum + asset.filled, 0),
            'bar',
          ),
        ],
        [
          'rounded',
          counted(
            assets.reduce((sum, asset) => sum + asset.prices.rounded, 0),
            'price',
          ),
        ],
      ],
      output.color,
    );
    if (quality.length === 0) return `${head}\n\nNo defect was found.`;
    const table = renderTable(
      [
        { header: 'defect', whole: true },
        { header: 'policy', whole: true },
        { header: 'count', align: 'right' },
        { header: 'the first' },
      ],
      quality.map(({ defect, policy, count, places }) => [
        defect,
        policy,
        formatCount(count),
        places[0] === undefined ? '' : describeDefect(places[0]),
      ]),
      style,
    );
    return `${head}\n\n${table}`;
  });
}

const contentsOf = ({ assets, splits, dividends }: Bundle): string =>
  [counted(assets.length, 'symbol'), counted(splits.length, 'split'), counted(dividends.length, 'dividend')].join(', ');

async function verify({ output }: Session, specification: string): Promise<void> {
  const { name, version, bytes } = await new BundleStore().verify(specification);
  output.result({ name, version, bytes, intact: true }, () => {
    return `${name} ${shortHash(version)} is intact: every hash of its ${bytesText(bytes)} is right.`;
  });
}

async function exportFiles({ output }: Session, specification: string, { out, format }: Flags): Promise<void> {
  if (out === undefined) {
    throw new UsageError('MISSING_EXPORT', {
      message: `Say where to export: hindcast bundles export ${specification} --out DIR.`,
    });
  }
  const { name, version, directory } = new BundleStore().resolve(specification);
  using bundle = openBundle(directory);
  const files = await exportBundle(bundle, out, { format: format as BundleFormat | undefined });
  for (const { name: file, doubleColumns } of files) {
    if (doubleColumns.length === 0) continue;
    output.warn(`${file}: ${doubleColumns.join(', ')} as doubles, for values that are no decimals of their asset`);
  }
  output.result({ bundle: { name, version }, folder: out, files }, () =>
    [
      `${name} ${shortHash(version)} is exported into ${out}:`,
      ...files.map(({ name: file, rows }) => `  ${file}: ${counted(rows, 'row')}`),
    ].join('\n'),
  );
}

async function resample({ output }: Session, specification: string, { to, as, replace = false }: Flags): Promise<void> {
  if (to === undefined) {
    throw new UsageError('MISSING_LENGTHS', {
      message: `Say which bars to make: hindcast bundles resample ${specification} --to 1d,1w.`,
    });
  }
  if (as !== undefined) assertBundleName(as);
  const store = new BundleStore();
  const source = store.resolve(specification);
  using bundle = openBundle(source.directory);
  const draft = resampledDraft(bundle, to as Frequency[], { replace });
  const written = await writeBundle(store, as ?? source.name, draft);
  const groups = draft.groups.map(({ calendar, frequency, times, assets }) => ({
    calendar,
    frequency,
    rows: times.length,
    symbols: assets.length,
    made:
      (replace && to.includes(frequency)) ||
      !bundle.groups.some((group) => group.calendar === calendar && group.frequency === frequency),
  }));
  const { name, version, alreadyPresent } = written;
  output.result({ bundle: { name, version }, alreadyPresent, groups }, () =>
    [
      ...groups.map(
        ({ calendar, frequency, rows, symbols, made }) =>
          `${made ? 'made' : 'has '}  ${calendar} ${frequency}: ${counted(rows, 'row')} of ${counted(symbols, 'symbol')}`,
      ),
      `Bundle ${name} ${shortHash(version)} ${alreadyPresent ? 'was already here, unchanged' : 'is stored'}.`,
    ].join('\n'),
  );
}

/** The action that each option is for. */
const ACTION_OF: Readonly<Record<keyof Flags, string>> = {
  out: 'export',
  format: 'export',
  quality: 'show',
  to: 'resample',
  as: 'resample',
  replace: 'resample',
};

function refuseForeignFlags(action: string, flags: Flags): void {
  if (!(ACTIONS as readonly string[]).includes(action)) return;
  const foreign = (Object.keys(flags) as (keyof Flags)[]).find((option) => ACTION_OF[option] !== action);
  if (foreign === undefined) return;
  throw new UsageError('INVALID_OPTION', {
    message: `Option --${foreign} is for 'bundles ${ACTION_OF[foreign]}', not for 'bundles ${action}'. Leave it out.`,
    details: { option: foreign, action },
  });
}

function clean({ output }: Session): void {
  const { bytesFreed, removed } = new BundleStore().clean();
  output.result({ removed, bytesFreed }, () => {
    if (removed.length === 0) return `Nothing to remove: every bundle has one version. ${bytesText(bytesFreed)} freed.`;
    const lines = removed.map(({ name, version }) => `removed ${name} ${shortHash(version)}`);
    return [...lines, `${bytesText(bytesFreed)} freed.`].join('\n');
  });
}

function unknownAction(action: string): UsageError {
  return new UsageError('UNKNOWN_ACTION', {
    message: `'bundles' cannot '${action}'.${didYouMean(action, ACTIONS)}`,
    details: { action, known: ACTIONS },
  });
}
