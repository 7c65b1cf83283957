// Bundles src/ into dist/: a file for each door, for the command line and for each entry of a thread, and chunks of what they share.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');
const { exports: doors, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What scripts/calibrate-overfitting.mjs takes from behind the doors. */
const FOR_SCRIPTS = [
  'core/random.ts',
  'optimize/session-values.ts',
  'optimize/study-run.ts',
  'validate/judged-study.ts',
];

const filesUnder = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));

function entryPoints() {
  const published = [...Object.values(doors).map((door) => door.default), ...Object.values(bin)]
    .filter((path) => path !== undefined)
    .map((path) => path.replace('./dist/', '').replace(/\.js$/, '.ts'));
  const threads = filesUnder(source).filter((path) => /-(entry|runner)\.ts$/.test(path));
  return [...new Set([...published, ...threads, ...FOR_SCRIPTS])].map((path) => join(source, path));
}

/** Where dist/ is, seen from any file of it. */
const BANNER = "const __dist = import.meta.url.slice(0, import.meta.url.lastIndexOf('/dist/') + 6);";

/** Wherever a module ends up, it looks for what is beside it from the place that it has in src/. */
const keepPlaces = {
  name: 'keep-places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta')) return undefined;
      const place = relative(source, path).replaceAll(sep, '/').replace(/\.ts$/, '.js');
      const url = `const __url = __dist + '${place}';`;
      const resolve = 'const __resolve = (path) => new URL(path, __url).href;';
      // On the first line, so that source maps count lines as the source does.
      return { contents: `${url} ${resolve} ${text}`, loader: 'ts' };
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
      entryPoints: entryPoints(),
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
      plugins: [keepPlaces],
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
