import { describe, expect, it } from 'vitest';
import type { Io } from '../../../src/cli/io.js';
import { openLog } from '../../../src/cli/log.js';
import { Output } from '../../../src/cli/output.js';
import { ProgressDisplay } from '../../../src/cli/progress.js';
import type { Session } from '../../../src/cli/session.js';
import type { Progress } from '../../../src/report/index.js';

const ERASE = '\r\u001b[2K';

function session(isTerminal: boolean, quiet = false): { readonly session: Session; readonly pieces: string[] } {
  const pieces: string[] = [];
  const sink = { write: (text: string) => void pieces.push(text), isTerminal, columns: 80 };
  const io: Io = {
    stdout: { ...sink, write: (text) => void pieces.push(`on stdout: ${text}`) },
    stderr: sink,
    env: { NO_COLOR: '1' },
    interruptible: () => ({ signal: new AbortController().signal, [Symbol.dispose]: () => {} }),
  };
  const output = new Output(io, { json: false, quiet, color: true });
  return { session: { io, output, log: openLog(io), exitCode: 0 }, pieces };
}

const at = (elapsedMs: number): Progress => ({
  done: elapsedMs,
  total: 10_000,
  elapsedMs,
  best: { name: 'sharpe', value: 1.5, number: 7 },
  failed: 0,
  workers: { busy: 2, total: 2 },
});

/** Shows a progress every 10 ms for so many milliseconds. */
function feed(display: ProgressDisplay, milliseconds: number): void {
  for (let elapsed = 0; elapsed <= milliseconds; elapsed += 10) display.show(at(elapsed));
}

describe('progress', () => {
  it('redraws one line at most ten times a second on a terminal, within its width', () => {
    const { session: here, pieces } = session(true);
    feed(new ProgressDisplay(here), 2000);
    expect(pieces).toHaveLength(21);
    for (const piece of pieces) {
      expect(piece.startsWith(ERASE)).toBe(true);
      expect(piece).not.toContain('\n');
      expect(piece.length - ERASE.length).toBeLessThan(80);
    }
    expect(pieces.at(-1)).toContain('2,000/10,000');
    expect(pieces.at(-1)).toContain('best 1.5 (#7)');
  });

  it('says on a terminal alone what is done behind a search, and again below what interrupts it', () => {
    const { session: here, pieces } = session(true);
    const display = new ProgressDisplay(here);
    display.say('Trial 7: is it luck?');
    display.interrupt('Stopping.');
    display.say(undefined);
    display.say(undefined);
    expect(pieces).toEqual([
      `${ERASE}Trial 7: is it luck?`,
      ERASE,
      'Stopping.\n',
      `${ERASE}Trial 7: is it luck?`,
      ERASE,
    ]);
    for (const { session: silent, pieces: none } of [session(false), session(true, true)]) {
      new ProgressDisplay(silent).say('Trial 7: is it luck?');
      expect(none).toEqual([]);
    }
  });

  it('writes a plain line every three seconds elsewhere', () => {
    const { session: here, pieces } = session(false);
    feed(new ProgressDisplay(here), 10_000);
    expect(pieces).toHaveLength(3);
    expect(pieces[0]).toMatch(/^3,000\/10,000 · .*2\/2 workers\n$/);
    expect(pieces.join('')).not.toContain('\u001b');
  });

  it('is silent under --quiet', () => {
    for (const isTerminal of [true, false]) {
      const { session: here, pieces } = session(isTerminal, true);
      using display = new ProgressDisplay(here);
      feed(display, 10_000);
      display.interrupt('stopping');
      expect(pieces).toEqual([]);
    }
  });

  it('takes its line away at the end, once', () => {
    const { session: here, pieces } = session(true);
    const display = new ProgressDisplay(here);
    display.show(at(0));
    display[Symbol.dispose]();
    display[Symbol.dispose]();
    expect(pieces.slice(1)).toEqual([ERASE]);
  });

  it('says something above its line', () => {
    const { session: here, pieces } = session(true);
    const display = new ProgressDisplay(here);
    display.show(at(100));
    display.interrupt('Stopping');
    expect(pieces.slice(1)).toEqual([ERASE, 'Stopping\n', pieces[0]]);
  });
});
