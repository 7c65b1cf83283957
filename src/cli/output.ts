import { createColors } from 'picocolors';
import type { Io } from './io.js';

/** Version of every JSON document that the command line prints. */
const SCHEMA_VERSION = 1;

/** How a command speaks, from the options and the environment. */
export interface OutputOptions {
  /** Exactly one JSON document on standard output, and nothing else. */
  readonly json: boolean;
  /** No progress and no notes on standard error; warnings and errors remain. */
  readonly quiet: boolean;
  /** False: no styles, whatever the terminal can do. */
  readonly color: boolean;
}

/** A member of a document that is written piece by piece. */
export interface StreamedMember {
  readonly name: string;
  readonly items: Iterable<unknown> | AsyncIterable<unknown>;
}

/** Where a command prints: results to standard output, all else to standard error. */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether tables may use styles. */
  readonly color: boolean;
  /** Styles for standard error. */
  readonly style: ReturnType<typeof createColors>;
  /** What people type before a command: `npx hindcast` where they came through npm, whose path is not theirs. */
  readonly program: string;
  readonly #io: Io;
  #printed = false;

  constructor(io: Io, { json, quiet, color }: OutputOptions) {
    this.#io = io;
    this.json = json;
    this.quiet = quiet;
    this.program = io.env.npm_lifecycle_event === undefined ? 'hindcast' : 'npx hindcast';
    this.color = wantsColor(io, io.stdout.isTerminal, color);
    this.style = createColors(wantsColor(io, io.stderr.isTerminal, color));
  }

  /** Columns for text on standard output. */
  get width(): number {
    return this.#io.stdout.columns;
  }

  /** Whether a document has been printed: a second one would break what reads it. */
  get printed(): boolean {
    return this.#printed;
  }

  /** Prints the command's result: the document under `--json`, else the text. */
  result(document: object, text: () => string): void {
    if (!this.json) this.text(text());
    else this.#document(document);
  }

  /** Prints the result like {@link Output.result}, the document with one more member that may not fit into memory as text. */
  async resultWith(document: object, member: StreamedMember | undefined, text: () => string): Promise<void> {
    if (!this.json || member === undefined) return this.result(document, text);
    const head = JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...document });
    this.#printed = true;
    let piece = `${head.slice(0, -1)},${JSON.stringify(member.name)}:[`;
    let separator = '';
    for await (const item of member.items) {
      piece += separator + JSON.stringify(item);
      separator = ',';
      if (piece.length < 65_536) continue;
      this.#io.stdout.write(piece);
      piece = '';
    }
    this.#io.stdout.write(`${piece}]}\n`);
  }

  /** Prints text on standard output; not under `--json`. */
  text(text: string): void {
    if (!this.json) this.#io.stdout.write(`${text}\n`);
  }

  /** Tells something by the way, on standard error; not under `--quiet`. */
  note(text: string): void {
    if (!this.quiet) this.#io.stderr.write(`${this.#wrapped(text)}\n`);
  }

  /** Warns on standard error. */
  warn(text: string): void {
    this.#io.stderr.write(`${this.style.yellow('warning:')} ${this.#wrapped(text, 'warning: '.length)}\n`);
  }

  /** Says on standard error what ended the command, and under `--json` also as the document. */
  error(error: { readonly code: string; readonly message: string; readonly details: object }, stack?: string): void {
    this.#io.stderr.write(`${this.style.red('error:')} ${this.#wrapped(error.message, 'error: '.length)}\n`);
    if (stack !== undefined) this.#io.stderr.write(`${stack}\n`);
    if (this.json && !this.#printed) this.#document({ error });
  }

  #document(document: object): void {
    this.#printed = true;
    const whole = { schemaVersion: SCHEMA_VERSION, ...document };
    this.#io.stdout.write(`${JSON.stringify(whole, undefined, this.#io.stdout.isTerminal ? 2 : 0)}\n`);
  }

  /** On a terminal, at words; a log file is left to wrap as its reader likes. */
  #wrapped(text: string, offset = 0): string {
    const { isTerminal, columns } = this.#io.stderr;
    return isTerminal ? wrap(text, columns, offset) : text;
  }
}

/** Returns text broken at spaces into lines of at most `width`; indented lines (code frames) stay whole. `offset` columns of the first are taken. */
export function wrap(text: string, width: number, offset = 0): string {
  return text
    .split('\n')
    .map((line, index) => (line.startsWith(' ') ? line : wrapLine(line, width, index === 0 ? offset : 0)))
    .join('\n');
}

/** Breaks a line at words, and keeps what follows as far in as it begins. */
export function wrapIndented(line: string, width: number): string {
  const indent = /^ */.exec(line)![0];
  return wrap(line.slice(indent.length), width - indent.length)
    .split('\n')
    .map((part) => indent + part)
    .join('\n');
}

function wrapLine(line: string, width: number, offset: number): string {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const room = width - (lines.length === 0 ? offset : 0);
    if (current !== '' && current.length + 1 + word.length > room) {
      lines.push(current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, current].join('\n');
}

/** NO_COLOR as https://no-color.org has it; FORCE_COLOR wins over a missing terminal; the option wins over all. */
function wantsColor({ env }: Io, isTerminal: boolean, allowed: boolean): boolean {
  if (!allowed || (env.NO_COLOR !== undefined && env.NO_COLOR !== '')) return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0';
  return isTerminal && env.TERM !== 'dumb';
}
