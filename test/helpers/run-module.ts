import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** How a module ended: an exit code or the name of a signal, and what it printed. */
export interface ModuleRun {
  readonly code: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings of {@link runModule}. */
export interface RunModuleOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of node itself. */
  readonly flags?: readonly string[];
  /** Asked again and again while the module runs; `signal` is sent when it is true. */
  readonly killWhen?: (stdout: string) => boolean;
  /** @defaultValue 'SIGKILL' */
  readonly signal?: NodeJS.Signals;
  /** Runs in place of node itself: a shell line in which "$@" is the node command. */
  readonly shell?: string;
}

/** The compiled module lies elsewhere: each of its sources keeps its own place. */
const keepPlaces: Plugin = {
  name: 'keep-places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }));
  },
};

/** Compiles TypeScript source, whose imports are relative to the project, into one module for another process or thread; returns its path. */
export async function compileModule(source: string): Promise<string> {
  // Inside the project, so that packages resolve.
  const folder = join(root, 'node_modules', '.cache', 'hindcast-tests');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${randomBytes(8).toString('hex')}.mjs`);
  await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    plugins: [keepPlaces],
    logLevel: 'silent',
  });
  return outfile;
}

/** Runs TypeScript source, whose imports are relative to the project, in a process of its own. */
export async function runModule(source: string, options: RunModuleOptions = {}): Promise<ModuleRun> {
  const { env = {}, flags = [], killWhen, signal = 'SIGKILL', shell } = options;
  const outfile = await compileModule(source);
  try {
    const command = [process.execPath, ...flags, outfile];
    const [file, ...parameters] = shell === undefined ? command : ['/bin/sh', '-c', shell, 'sh', ...command];
    const child = spawn(file!, parameters, { cwd: root, env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const watch = setInterval(() => {
      if (killWhen?.(stdout) === true) child.kill(signal);
    }, 2);
    const code = await new Promise<ModuleRun['code']>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit, killed) => resolve(killed ?? exit));
    });
    clearInterval(watch);
    return { code, stdout, stderr };
  } finally {
    rmSync(outfile, { force: true });
  }
}

/** Returns the paths of all files under a folder, sorted; none when it does not exist. */
export function filesUnder(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  try {
    return readdirSync(path)
      .sort()
      .flatMap((name) => filesUnder(join(path, name)));
  } catch {
    // Removed between the two calls.
    return [];
  }
}
