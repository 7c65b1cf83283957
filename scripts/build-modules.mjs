// Bundles src/ into dist/: a file for each door, for the command line and for each entry of a thread, and chunks of what they share.
// What a strategy's module takes is a door of its own, so that a worker thread does not load the searches to write a strategy in.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');
const { exports: doors, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const filesUnder = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));

const from = (...paths) => paths.map((path) => join(source, path));

/**
 * Chunks are what the same entries need, and entries that differ in little leave chunks of a few lines, a hundred of them: each must be found, read
 * and linked. Where entries of one group import the same roots, these and all that they need become few chunks.
 */
const LAYERS = [
  // Numbers, markets, bundles: for all but the command line's first step and threads, which take what they need.
  {
    roots: from(
      ...readdirSync(join(source, 'core')).map((file) => `core/${file}`),
      ...['data/store.ts', 'data/ephemeral.ts', 'data/bundle-pool.ts', 'data/history-cache.ts', 'data/resample.ts'],
      ...['data/verify.ts', 'metrics/index.ts', 'profiling/recorder.ts'],
    ),
    entries: /^(?!cli\/main|authoring|.*-(entry|runner)\.)/,
  },
  // All that runs a strategy.
  {
    roots: from('optimize/trial-runner.ts', 'authoring.ts'),
    entries:
      /^(authoring|calibration|index|(optimize|validate|benchmark|live)\/index|(optimize|validate|benchmark)\/(?!.*(split|random)-).*-(entry|runner)|validate\/trial-lookahead|cli\/profile|cli\/commands\/(?!ingest|bundles|doctor).*)\.ts$/,
  },
  // All that searches parameters.
  {
    roots: from(
      'optimize/study-run.ts',
      'validate/judged-study.ts',
      'validate/trial-lookahead.ts',
      'validate/selection.ts',
    ),
    entries:
      /^(calibration|index|(optimize|validate|benchmark)\/index|benchmark\/measuring-entry|validate\/trial-lookahead|cli\/commands\/(?!ingest|bundles|doctor|backtest).*)\.ts$/,
  },
  // All that the command line says of it.
  {
    roots: from('cli/search.ts', 'cli/prove-best.ts', 'cli/market-options.ts'),
    entries: /^cli\/commands\/(?!ingest|bundles|doctor|backtest).*\.ts$/,
  },
];

/** The imports that an entry shares with those of its groups. */
function layersOf(name) {
  if (!ENTRIES.has(name)) return '';
  return LAYERS.filter(({ entries }) => entries.test(name))
    .flatMap(({ roots }) => roots)
    .filter((root) => root !== join(source, name))
    .map((root) => `import ${JSON.stringify(root)};`)
    .join(' ');
}

const withLayers = (added, text) => (text.startsWith('#!') ? text : `${added} ${text}`);

/** Entries without a file of their own in src/. */
const WRITTEN = {
  // What writing a strategy takes, out of all that the package exports: the statements of src/index.ts that lead to these.
  'authoring.ts': [
    ...readFileSync(join(source, 'index.ts'), 'utf8').matchAll(/^export (?!type)\{[^}]*\} from '([^']+)';$/gm),
  ]
    .filter(([, path]) => /^\.\/(core|indicators|market)\/|^\.\/engine\/(parameters|strategy)\.js$/.test(path))
    .map(([statement]) => statement)
    .join('\n'),
  // What scripts/calibrate-overfitting.mjs takes from behind the doors.
  'calibration.ts': `
    export { SeededRandom } from './core/random.js';
    export { SESSION_VALUE_BYTES } from './optimize/session-values.js';
    export { searchLoaded } from './optimize/study-run.js';
    export { judgeSearch } from './validate/judged-study.js';`,
};

const written = {
  name: 'written',
  setup({ onResolve, onLoad }) {
    const filter = /[\\/](authoring|calibration)\.ts$/;
    onResolve({ filter }, ({ path }) => ({ path: join(source, basename(path)) }));
    onLoad({ filter }, ({ path }) => ({
      contents: withLayers(layersOf(basename(path)), WRITTEN[basename(path)]),
      loader: 'ts',
      resolveDir: source,
    }));
  },
};

function entryPoints() {
  const published = [...Object.values(doors).map((door) => door.default), ...Object.values(bin)]
    .filter((path) => path !== undefined)
    .map((path) => path.replace('./dist/', '').replace(/\.js$/, '.ts'));
  const threads = filesUnder(source).filter((path) => /-(entry|runner)\.ts$/.test(path));
  return [...new Set([...published, ...threads, ...Object.keys(WRITTEN)])];
}

/** What is imported when it is needed is an entry too. */
const ENTRIES = new Set([
  ...entryPoints(),
  ...filesUnder(join(source, 'cli', 'commands')).map((file) => `cli/commands/${file}`),
  ...['cli/profile.ts', 'validate/trial-lookahead.ts'],
]);

/** Where dist/ is, seen from any file of it. */
const BANNER = "const __dist = import.meta.url.slice(0, import.meta.url.lastIndexOf('/dist/') + 6);";

/** Wherever a module ends up, it looks for what is beside it from the place that it has in src/. */
const keepPlaces = {
  name: 'keep-places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const name = relative(source, path).replaceAll(sep, '/');
      const layers = layersOf(name);
      // On the first line, so that source maps count lines as the source does.
      if (!text.includes('import.meta')) {
        return layers === '' ? undefined : { contents: withLayers(layers, text), loader: 'ts' };
      }
      const url = `const __url = __dist + '${name.replace(/\.ts$/, '.js')}';`;
      const resolve = 'const __resolve = (path) => new URL(path, __url).href;';
      return { contents: withLayers(`${layers} ${url} ${resolve}`, text), loader: 'ts' };
    });
  },
};

/** A map names its sources as they lie from where it is built, not from where it goes. */
function moveSources(path, folder) {
  const map = JSON.parse(readFileSync(path, 'utf8'));
  const moved = (name) => relative(folder, resolve(dirname(path), name)).replaceAll(sep, '/');
  writeFileSync(path, JSON.stringify({ ...map, sources: map.sources.map(moved) }));
}

/** Bundles into a folder, file by file, so that a thread that another process is starting never meets half a file. */
export async function buildModules(folder = join(root, 'dist')) {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const built = mkdtempSync(join(cache, 'build-'));
  try {
    await build({
      entryPoints: entryPoints().map((path) => join(source, path)),
      outbase: source,
      outdir: built,
      chunkNames: 'chunks/[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      sourcemap: 'linked',
      sourcesContent: false,
      tsconfig: join(root, 'tsconfig.json'),
      banner: { js: BANNER },
      define: { 'import.meta.url': '__url', 'import.meta.resolve': '__resolve' },
      plugins: [written, keepPlaces],
      logLevel: 'warning',
    });
    for (const file of filesUnder(built)) {
      const target = join(folder, file);
      mkdirSync(dirname(target), { recursive: true });
      if (file.endsWith('.map')) moveSources(join(built, file), dirname(target));
      renameSync(join(built, file), target);
    }
  } finally {
    rmSync(built, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildModules();
