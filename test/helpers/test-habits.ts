import { codeOnly, lineAt, type SourceFile } from './source-text.js';

/** Test helpers that may wait: each polls for a condition up to a deadline, none sleeps for a result. */
export const waitingHelpers: ReadonlySet<string> = new Set([]);

interface Habit {
  readonly pattern: RegExp;
  readonly reason: string;
  /** Paths to which the rule does not apply, because they are its one home. */
  readonly except?: RegExp;
}

const inTests: readonly Habit[] = [
  {
    pattern: /\b(?:vi|vitest)\s*\.\s*(?:mock|doMock|fn|spyOn|hoisted|mockObject|mocked|importMock)\b/g,
    reason: 'mocks our own code: use the real thing',
  },
  { pattern: /\b(?:jest|sinon)\s*\./g, reason: 'mocks our own code: use the real thing' },
  {
    pattern: /\b(?:it|test|describe|suite)\s*\.\s*(?:skip|only|todo|fails)\b/g,
    reason: 'hides a test',
    except: /^test\/helpers\/shared\.ts$/,
  },
];

const inSource: readonly Habit[] = [
  { pattern: /\bas\s+any\b/g, reason: "'as any' switches the compiler off" },
  {
    pattern: /\bconsole\s*\.\s*\w+\s*\(|\bprocess\s*\.\s*std(?:out|err)\s*\.\s*\w+\s*\(/g,
    reason: 'only cli prints',
    except: /^src\/(cli|report\/client)\//,
  },
];

/** Returns one line for each habit of a test file that this project does without. */
export function testViolations({ path, text }: SourceFile): string[] {
  const found = [...violations(path, text, inTests), ...compilerSwitches(path, text)];
  if (!waitingHelpers.has(path)) found.push(...sleeps(path, text));
  return found;
}

/** Returns one line for each habit of a source file that this project does without. */
export const sourceViolations = ({ path, text }: SourceFile): string[] => [
  ...violations(path, text, inSource),
  ...compilerSwitches(path, text),
];

function violations(path: string, text: string, habits: readonly Habit[]): string[] {
  const code = codeOnly(text);
  return habits
    .filter(({ except }) => !except?.test(path))
    .flatMap(({ pattern, reason }) =>
      [...code.matchAll(pattern)].map((match) => `${path}:${lineAt(text, match.index)}: ${match[0]}: ${reason}`),
    );
}

/** Comments that silence the compiler; in tests `@ts-expect-error` is welcome, since it fails when it is not needed. */
const compilerSwitches = (path: string, text: string): string[] =>
  [...text.matchAll(/(?:\/\/|\/\*)\s*@ts-(?:ignore|nocheck)/g)]
    .filter((match) => codeOnly(text)[match.index] === ' ' && !insideString(text, match.index))
    .map((match) => `${path}:${lineAt(text, match.index)}: ${match[0]}: silences the compiler`);

/** A quote before the match on its line, with no comment before it, means that the match is text. */
const insideString = (text: string, offset: number): boolean =>
  /['"`]/.test(text.slice(text.lastIndexOf('\n', offset) + 1, offset));

/** Timers with a literal delay, whose only use in a test is to hope that something happened meanwhile. */
function sleeps(path: string, text: string): string[] {
  const code = codeOnly(text);
  const found: string[] = [];
  for (const match of code.matchAll(/\b(?:setTimeout|sleep|delay)\s*\(/g)) {
    const argument = lastArgument(code, match.index + match[0].length);
    // 0 and 1 only let the event loop turn.
    if (/^[\d_.]+(?:e\d+)?(?:\s*\*\s*[\d_.]+)*$/.test(argument) && !/^[01]$/.test(argument)) {
      found.push(
        `${path}:${lineAt(text, match.index)}: ${match[0]}…${argument}): sleeps instead of awaiting the result`,
      );
    }
  }
  return found;
}

function lastArgument(code: string, from: number): string {
  let depth = 0;
  let start = from;
  let previous = '';
  for (let i = from; i < code.length; i++) {
    const c = code[i]!;
    if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c) && depth-- === 0) return code.slice(start, i).trim() || previous;
    else if (c === ',' && depth === 0) {
      previous = code.slice(start, i).trim();
      start = i + 1;
    }
  }
  return '';
}
