import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const types = join(root, 'test', 'types');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

/** What the compiler says, nothing when it is content. */
async function compile(project: string): Promise<string> {
  try {
    await promisify(execFile)(process.execPath, [compiler, '-p', project, '--pretty', 'false'], { cwd: root });
    return '';
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

/** Compiles some files of test/types, or changed copies of them, with the flags of all. */
async function compileFiles(
  files: readonly string[],
  copy?: { readonly name: string; readonly text: string },
): Promise<string> {
  const folder = mkdtempSync(join(types, 'refused', 'run-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  if (copy !== undefined) writeFileSync(join(folder, copy.name), copy.text);
  const include = [...files.map((file) => `../${file}`), ...(copy === undefined ? [] : [copy.name])];
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', include, exclude: [] }),
  );
  return compile(join(folder, 'tsconfig.json'));
}

describe('the typed surface', () => {
  it('takes the strategies that it promises to infer, and refuses every planted mistake', async () => {
    expect(await compile(types)).toBe('');
  });

  it('refuses each mistake on its own line, and nothing else', async () => {
    const text = readFileSync(join(types, 'mistakes.ts'), 'utf8');
    const planted = text.split('\n').flatMap((line, at) => (line.includes('@ts-expect-error ') ? [at + 2] : []));
    const bare = text.replace(/\/\/ @ts-expect-error .*/g, '//').replace("'./accepted.js'", "'../../accepted.js'");
    const told = await compileFiles([], { name: 'mistakes.ts', text: bare });
    const lines = [...told.matchAll(/mistakes\.ts\((\d+),\d+\): error TS/g)].map(([, line]) => Number(line));
    expect(planted.length).toBeGreaterThan(50);
    expect(lines).toEqual(planted);
  });

  it.each([
    ['misspelt-parameter.ts', /'lenght' does not exist .* Did you mean to write 'length'\?/],
    ['async-handler.ts', /Type 'Promise<void>' is not assignable to type 'Synchronous'/],
    ['sorted-window.ts', /Property 'sort' does not exist on type 'ReadonlyFloat64Array'/],
    ['handler-above-initialize.ts', /write initialize above the handlers and let it return the state/],
  ])('says in %s what is wrong', async (file, message) => {
    const told = await compileFiles([file]);
    expect(told).toMatch(message);
    expect(told).toContain(file);
  });
});
