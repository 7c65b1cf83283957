import { readFileSync } from 'node:fs';

/** Returns the text of a file that a user named. @param refusal makes the error of what it is told, which is thrown */
export function readTextFile(path: string, refusal: (what: string, cause: unknown) => Error): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code);
    throw refusal(`cannot be read: ${why}`, cause);
  }
}
