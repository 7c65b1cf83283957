import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Message, Plugin } from 'esbuild';
import { UsageError } from '../core/errors.js';
import { sha256 } from '../core/hash.js';
import { nearest } from '../core/suggest.js';
import { type CompiledText, rememberedText, rememberText, writeModule } from './compiled-modules.js';
import { type ModuleRules, RULES_EXPORT, rulesOfModule } from './rule/module-rules.js';
import { CompiledRule, rememberRule } from './rule/quiet-bars.js';
import { definitionOf, isStrategy, type Strategy } from './strategy.js';

/** A strategy module made ready to be imported by any thread. */
export interface CompiledStrategy {
  /** The source file, absolute. */
  readonly path: string;
  /** What to import: one ES module with everything bundled in but Hindcast itself. */
  readonly url: string;
  /** SHA-256 of the bundled source, in hex: the same on every machine. */
  readonly sourceHash: string;
  /** The file's name without its ending. */
  readonly name: string;
}

const ENDINGS = ['.ts', '.mts', '.js', '.mjs'];
const PLACEHOLDER = 'hindcast-package:';

/**
 * Compiles a strategy file once, for all threads, and for all processes until something changes in what it is made of. Types are not checked (that is the editor's and `tsc`'s part); syntax is.
 * Throws UsageError `STRATEGY_NOT_FOUND` for a missing file, and `STRATEGY_DOES_NOT_COMPILE` with the code frame.
 */
export async function compileStrategy(file: string): Promise<CompiledStrategy> {
  const path = resolve(file);
  checkFile(path, file);
  const require = createRequire(import.meta.url);
  const { version } = require('esbuild/package.json') as { readonly version: string };
  const { text, rules } = rememberedText(path, version) ?? (await bundle(path, file, version, require));
  const code = withoutMap(text);
  const linked = text.replaceAll(
    new RegExp(`(\\bimport \\{([^{}]*)\\} from )?(["'])${PLACEHOLDER}([^"']*)\\3`, 'g'),
    (_all, clause: string | undefined, names: string | undefined, quote: string, door: string) =>
      `${clause ?? ''}${quote}${fileUrl(door === '' && writesOnly(names) ? 'authoring.js' : doorFile(door))}${quote}`,
  );
  // The map names lines of the code: what is added comes behind it.
  const end = linked.length - (text.length - code.length);
  const url = writeModule(linked.slice(0, end) + rules + linked.slice(end));
  return { path, url, sourceHash: sha256(code), name: basename(path, extname(path)) };
}

async function bundle(path: string, file: string, version: string, require: NodeJS.Require): Promise<CompiledText> {
  // Loaded where it is used: most commands find their strategy compiled, and worker threads import it. 'import' would first read all of it for its exports.
  const { build } = require('esbuild') as typeof import('esbuild');
  const begun = Date.now();
  const result = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    sourcesContent: true,
    // The module is written elsewhere: so its map says where the sources are.
    sourceRoot: pathToFileURL(`${dirname(path)}/`).href,
    logLevel: 'silent',
    absWorkingDir: dirname(path),
    plugins: [keepHindcastOutside],
  }).catch((error: unknown) => {
    throw doesNotCompile(file, error);
  });
  const text = result.outputFiles[0]!.text;
  const compiled = { text, rules: rulesOfModule(withoutMap(text)) };
  rememberText(path, version, result.metafile, compiled, begun);
  return compiled;
}

/** Compiles and imports a strategy file. Throws what {@link compileStrategy} throws, and UsageError `NO_STRATEGY` when its default export is none. */
export async function loadStrategy(file: string): Promise<CompiledStrategy & { readonly strategy: Strategy }> {
  const compiled = await compileStrategy(file);
  return { ...compiled, strategy: await importStrategy(compiled.url, file) };
}

/** Imports a compiled strategy by its URL; `file` is what errors call it: the source, which the user knows. */
export async function importStrategy(url: string, file: string): Promise<Strategy> {
  let loaded: { readonly default?: unknown; readonly [RULES_EXPORT]?: ModuleRules };
  try {
    loaded = (await import(url)) as typeof loaded;
  } catch (cause) {
    throw new UsageError('STRATEGY_DOES_NOT_LOAD', {
      message: `The strategy file '${file}' fails when it is loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      details: { file },
      cause,
    });
  }
  if (!isStrategy(loaded.default)) {
    throw new UsageError('NO_STRATEGY', {
      message: `'${file}' has no strategy as its default export. End it with: export default defineStrategy({ ... }).`,
      details: { file, exports: Object.keys(loaded).filter((name) => name !== RULES_EXPORT) },
    });
  }
  takeRules(loaded.default, loaded[RULES_EXPORT]);
  return loaded.default;
}

/** The text of a module without the comment that holds its source map. */
const withoutMap = (text: string): string => text.replace(/\n\/\/# sourceMappingURL=[^\n]*\s*$/, '\n');

function takeRules(strategy: Strategy, rules: ModuleRules | undefined): void {
  const { handleData, initialize } = definitionOf(strategy);
  if (handleData === undefined || rules === undefined) return;
  const rule = rules.handlers[textOf(handleData)];
  if (rule === undefined) return;
  const hasPlainState =
    rule.plainInitialize !== undefined && initialize !== undefined && textOf(initialize) === rule.plainInitialize;
  rememberRule(handleData, new CompiledRule(rule, rules.names, hasPlainState));
}

function checkFile(path: string, file: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) {
    if (ENDINGS.includes(extname(path))) return;
    throw new UsageError('STRATEGY_NOT_FOUND', {
      message: `'${file}' is no strategy file: its name ends in ${extname(path) || 'nothing'} where ${ENDINGS.join(', ')} belongs.`,
      details: { file },
    });
  }
  const near = ENDINGS.map((ending) => `${file}${ending}`).find((candidate) => existsSync(resolve(candidate)));
  const hint =
    near ??
    nearest(
      file,
      ['sma-crossover', 'golden-cross', 'history-crossover', 'channel-breakout']
        .map((name) => `examples/${name}.ts`)
        .filter((example) => existsSync(example)),
    );
  throw new UsageError('STRATEGY_NOT_FOUND', {
    message: `No strategy file '${file}'.${hint === undefined ? ' Give the path of a .ts or .js module whose default export is a strategy.' : ` Did you mean '${hint}'?`}`,
    details: { file },
  });
}

/** Hindcast is never bundled in: all strategies of a process use the package that runs them. */
const keepHindcastOutside: Plugin = {
  name: 'keep-hindcast-outside',
  setup(builder) {
    builder.onResolve({ filter: /^hindcast(\/|$)/ }, ({ path }) => ({
      path: `${PLACEHOLDER}${path.slice('hindcast'.length).replace(/^\//, '')}`,
      external: true,
    }));
  },
};

const doorFile = (door: string): string => (door === '' ? 'index.js' : `${door}/index.js`);

function fileUrl(file: string): string {
  // Run from the sources, in tests: strategies use the built package.
  const base = import.meta.url.endsWith('.ts') ? import.meta.url.replace('/src/', '/dist/') : import.meta.url;
  return new URL(`../${file}`, base).href;
}

/**
 * What the package exports beyond what a strategy is written in: searches, proofs and files. A module that imports none of these by name is linked with
 * the part of the package that its worker threads have loaded anyway.
 */
export const BEYOND_AUTHORING: readonly string[] = [
  ...[
    'OptimizationConfig',
    'WalkForward',
    'backtest',
    'crossValidate',
    'doubleOutOfSample',
    'exportBundle',
    'exportResult',
    'exportTrials',
  ],
  ...['lookahead', 'optimize', 'walkForward'],
];

function writesOnly(names: string | undefined): boolean {
  if (names === undefined) return false;
  return names.split(',').every((name) => !BEYOND_AUTHORING.includes(name.trim().split(' ')[0]!));
}

function doesNotCompile(file: string, error: unknown): UsageError {
  const messages = (error as { readonly errors?: readonly Message[] }).errors ?? [];
  const frames = messages.slice(0, 3).map(codeFrame);
  return new UsageError('STRATEGY_DOES_NOT_COMPILE', {
    message: `The strategy file '${file}' does not compile:\n${frames.join('\n') || (error instanceof Error ? error.message : String(error))}`,
    details: {
      file,
      errors: messages.map(({ text, location }) => ({ text, line: location?.line, column: location?.column })),
    },
    cause: error,
  });
}

function codeFrame({ text, location }: Message): string {
  if (location === null) return `  ${text}`;
  const { file, line, column, lineText, length } = location;
  const gutter = `${line} | `;
  return `  ${file}:${line}:${column + 1}: ${text}\n    ${gutter}${lineText}\n    ${' '.repeat(gutter.length + column)}${'^'.repeat(Math.max(1, length))}`;
}

/** The source text of a function itself, whatever it says of itself. */
const textOf = (handler: object): string => Function.prototype.toString.call(handler);
