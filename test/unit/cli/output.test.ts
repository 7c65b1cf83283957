import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Io } from '../../../src/cli/io.js';
import { Output, wrap } from '../../../src/cli/output.js';
import { hindcast } from '../../helpers/command-line.js';

interface Written {
  readonly io: Io;
  readonly text: { stdout: string; stderr: string };
}

function recording(env: Record<string, string> = {}, isTerminal = false): Written {
  const text = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (piece: string) => {
      text[name] += piece;
    },
    isTerminal,
    columns: 80,
  });
  const io: Io = {
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env,
    interruptible: () => ({ signal: new AbortController().signal, [Symbol.dispose]: () => {} }),
  };
  return { io, text };
}

const plain = { json: false, quiet: false, color: true };

describe('styles', () => {
  it.each([
    { terminal: true, env: {}, color: true, styled: true },
    { terminal: false, env: {}, color: true, styled: false },
    { terminal: true, env: { NO_COLOR: '1' }, color: true, styled: false },
    { terminal: true, env: { NO_COLOR: '' }, color: true, styled: true },
    { terminal: false, env: { FORCE_COLOR: '1' }, color: true, styled: true },
    { terminal: true, env: { FORCE_COLOR: '0' }, color: true, styled: false },
    { terminal: true, env: { FORCE_COLOR: '1', NO_COLOR: '1' }, color: true, styled: false },
    { terminal: true, env: { FORCE_COLOR: '1' }, color: false, styled: false },
    { terminal: true, env: { TERM: 'dumb' }, color: true, styled: false },
  ])('terminal $terminal, $env, --no-color $color: $styled', ({ terminal, env, color, styled }) => {
    const { io, text } = recording(env, terminal);
    const output = new Output(io, { ...plain, color });
    expect(output.color).toBe(styled);
    output.warn('look');
    expect(text.stderr.includes('\u001b[')).toBe(styled);
  });
});

describe('documents', () => {
  it('are the only thing on standard output under --json', () => {
    const { io, text } = recording();
    const output = new Output(io, { ...plain, json: true });
    output.note('by the way');
    output.text('for people');
    output.result({ answer: 42 }, () => 'never asked for');
    output.error({ code: 'LATE', message: 'too late', details: {} });
    expect(JSON.parse(text.stdout)).toEqual({ schemaVersion: 1, answer: 42 });
    expect(text.stderr).toContain('too late');
  });

  it('of an error hold its code, message and facts', () => {
    const { io, text } = recording();
    new Output(io, { ...plain, json: true }).error({ code: 'X', message: 'no', details: { a: 1 } });
    expect(JSON.parse(text.stdout)).toEqual({
      schemaVersion: 1,
      error: { code: 'X', message: 'no', details: { a: 1 } },
    });
  });

  it('written piece by piece are the same document', async () => {
    const items = Array.from({ length: 5000 }, (_, number) => ({ number, text: 'x'.repeat(number % 50) }));
    const { io, text } = recording();
    await new Output(io, { ...plain, json: true }).resultWith({ head: true }, { name: 'all', items }, () => '');
    expect(JSON.parse(text.stdout)).toEqual({ schemaVersion: 1, head: true, all: items });
  });

  it('written piece by piece may have no item', async () => {
    const { io, text } = recording();
    await new Output(io, { ...plain, json: true }).resultWith({ a: 1 }, { name: 'all', items: [] }, () => '');
    expect(JSON.parse(text.stdout)).toEqual({ schemaVersion: 1, a: 1, all: [] });
  });

  it('are text without --json', async () => {
    const { io, text } = recording();
    await new Output(io, plain).resultWith({ a: 1 }, { name: 'all', items: [1] }, () => 'for people');
    expect(text.stdout).toBe('for people\n');
  });
});

describe('remarks', () => {
  it('are dropped by --quiet, warnings and errors are not', () => {
    const { io, text } = recording();
    const output = new Output(io, { ...plain, quiet: true });
    output.note('by the way');
    output.warn('odd');
    output.error({ code: 'X', message: 'bad', details: {} });
    expect(text.stderr).toBe('warning: odd\nerror: bad\n');
  });
});

describe('wrapping', () => {
  it('breaks at spaces only, keeps every word, and fits where words do', () => {
    const words = fc.array(fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'b', 'é', "'") }));
    fc.assert(
      fc.property(words, fc.integer({ min: 20, max: 90 }), fc.nat({ max: 7 }), (list, width, offset) => {
        const text = list.join(' ');
        const lines = wrap(text, width, offset).split('\n');
        expect(lines.join(' ')).toBe(text);
        for (const [index, line] of lines.entries()) {
          expect(line.length).toBeLessThanOrEqual(width - (index === 0 ? offset : 0));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves code frames whole', () => {
    const frame = `    12 | ${'x'.repeat(100)} y z`;
    expect(wrap(`does not compile:\n${frame}`, 40)).toBe(`does not compile:\n${frame}`);
  });
});

describe('the program', () => {
  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await hindcast(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('answers a misspelt command with the nearest, and exit code 2', async () => {
    const { code, stdout, stderr } = await hindcast(['backtst', 'x.ts']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe("error: Unknown command 'backtst'. Did you mean 'backtest'?\n");
  });

  it('answers a misspelt option with the nearest, and exit code 2', async () => {
    const { code, stderr } = await hindcast(['backtest', 'x.ts', '--bundel', 'us']);
    expect(code).toBe(2);
    expect(stderr).toBe("error: Unknown option '--bundel'. Did you mean '--bundle'?\n");
  });

  it('refuses an empty command line with the help beside it', async () => {
    const { code, stdout, stderr } = await hindcast([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: hindcast');
  });

  it('prints an error as the one document under --json', async () => {
    const { code, stdout } = await hindcast(['bundles', 'shw', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, error: { code: 'UNKNOWN_ACTION' } });
  });

  it('shows where an error came from when HINDCAST_DEBUG=1', async () => {
    const args = ['bundles', 'shw'];
    expect((await hindcast(args)).stderr).not.toContain('    at ');
    expect((await hindcast(args, { env: { HINDCAST_DEBUG: '1' } })).stderr).toContain('    at ');
  });

  it('logs one JSON object a line on standard error when HINDCAST_LOG asks for it', async () => {
    const { stderr } = await hindcast(['--version'], { env: { HINDCAST_LOG: 'debug' } });
    const [line] = stderr.trimEnd().split('\n');
    expect(JSON.parse(line!)).toMatchObject({ level: 20, event: 'command', arguments: ['--version'] });
    expect((await hindcast(['--version'], { env: { HINDCAST_LOG: 'info' } })).stderr).toBe('');
  });

  it('refuses a log level that does not exist', async () => {
    const { code, stderr } = await hindcast(['doctor'], { env: { HINDCAST_LOG: 'debugg' } });
    expect(code).toBe(2);
    expect(stderr).toContain("Did you mean 'debug'?");
  });
});
