import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/** One file of the project: its path from the root with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Returns the TypeScript files below a folder of the project, in alphabetical order; none where it does not exist. */
export function sourceFiles(folder: string): SourceFile[] {
  let names: string[];
  try {
    names = readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return names
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => /\.(ts|mts|mjs)$/.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') }));
}

/**
 * Returns the text with the contents of comments, strings, templates and regular expressions blanked out, character
 * for character, so that a pattern found in it is code and its offset is the offset in the original.
 */
export function codeOnly(text: string): string {
  const out = [...text.split('')];
  const blank = (from: number, to: number): void => {
    for (let k = from; k < to; k++) if (out[k] !== '\n') out[k] = ' ';
  };
  /** Depth of braces at which each open `${` ends. */
  const templates: number[] = [];
  let depth = 0;
  let i = 0;
  const skipTemplate = (): void => {
    const from = i;
    while (i < text.length && text[i] !== '`' && !(text[i] === '$' && text[i + 1] === '{')) {
      i += text[i] === '\\' ? 2 : 1;
    }
    blank(from, Math.min(i, text.length));
    if (text[i] === '$') {
      templates.push(depth);
      i += 2;
    } else i++;
  };
  while (i < text.length) {
    const c = text[i]!;
    if (c === '/' && text[i + 1] === '/') {
      const end = text.indexOf('\n', i);
      blank(i, end < 0 ? text.length : end);
      i = end < 0 ? text.length : end;
    } else if (c === '/' && text[i + 1] === '*') {
      const end = text.indexOf('*/', i + 2);
      blank(i, end < 0 ? text.length : end + 2);
      i = end < 0 ? text.length : end + 2;
    } else if (c === "'" || c === '"') {
      const from = ++i;
      while (i < text.length && text[i] !== c && text[i] !== '\n') i += text[i] === '\\' ? 2 : 1;
      blank(from, i);
      i++;
    } else if (c === '`') {
      i++;
      skipTemplate();
    } else if (c === '/' && startsRegExp(out, i)) {
      const from = ++i;
      let inClass = false;
      while (i < text.length && text[i] !== '\n' && (inClass || text[i] !== '/')) {
        if (text[i] === '[') inClass = true;
        else if (text[i] === ']') inClass = false;
        i += text[i] === '\\' ? 2 : 1;
      }
      blank(from, i);
      i++;
    } else if (c === '}' && templates.at(-1) === depth) {
      templates.pop();
      i++;
      skipTemplate();
    } else {
      if (c === '{') depth++;
      else if (c === '}') depth--;
      i++;
    }
  }
  return out.join('');
}

/** A slash divides after a value, and opens a regular expression after anything else. */
function startsRegExp(out: readonly string[], at: number): boolean {
  let k = at - 1;
  while (k >= 0 && /\s/.test(out[k]!)) k--;
  if (k < 0) return true;
  if (!/[\w$)\]}'"`]/.test(out[k]!)) return true;
  const word = /(?:^|[^\w$.])(return|typeof|case|in|of|void|throw|await|yield|else|do)$/;
  return word.test(out.slice(Math.max(0, k - 10), k + 1).join(''));
}

/** Returns the line number, from 1, of an offset. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
