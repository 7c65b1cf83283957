// Runs a benchmark against the built package: npm run bench -- NAME [options of the benchmark].
// A .ts benchmark is bundled first; 'hindcast' and its doors resolve to dist/, as they do for a user.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'bench');
const doors = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports;

const usePackage = {
  name: 'use-package',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^hindcast(\/|$)/ }, ({ path }) => {
      const door = doors[path.replace(/^hindcast/, '.')];
      if (door === undefined) return { errors: [{ text: `package.json has no door '${path}'` }] };
      return { path: pathToFileURL(join(root, door.default)).href, external: true };
    });
    // A bundle lies elsewhere: each module keeps the place of its source.
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }));
  },
};

async function run(name, parameters) {
  const source = ['.ts', '.mjs'].map((ending) => join(folder, name + ending)).find((path) => existsSync(path));
  if (source === undefined) {
    const names = readdirSync(folder).filter((file) => ['.ts', '.mjs'].includes(extname(file)));
    console.error(
      `Usage: npm run bench -- NAME [options]; NAME is one of ${names.map((file) => file.replace(/\.\w+$/, '')).join(', ')}.`,
    );
    return 2;
  }
  const work = mkdtempSync(join(tmpdir(), 'hindcast-bench-'));
  try {
    let entry = source;
    if (source.endsWith('.ts')) {
      entry = join(work, `${name}.mjs`);
      const platform = { platform: 'node', target: 'node20', format: 'esm' };
      await build({ entryPoints: [source], outfile: entry, bundle: true, ...platform, plugins: [usePackage] });
    }
    return await new Promise((resolve) => {
      const child = spawn(process.execPath, [...process.execArgv, entry, ...parameters], { stdio: 'inherit' });
      // The terminal sends these to both: the child ends by them, and this process then cleans up.
      for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

process.exitCode = await run(process.argv[2] ?? '', process.argv.slice(3));
