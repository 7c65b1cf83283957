import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { RunError } from '../core/errors.js';

/**
 * Returns script and style of the report. The build puts them beside this module; from the sources they are taken from the build as well.
 * Throws a {@link RunError} with code `REPORT_CLIENT_MISSING` when the package was not built.
 */
export function clientFiles(): { script: string; style: string } {
  const folder = new URL('./client/', import.meta.url.replace('/src/report/', '/dist/report/'));
  try {
    const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
    return { script: read('page.js').replaceAll('</script', '<\\/script'), style: read('page.css') };
  } catch (cause) {
    throw new RunError('REPORT_CLIENT_MISSING', {
      message: `The browser side of the report is not at ${folder.pathname}. Run 'npm run build' first.`,
      details: { folder: folder.href },
      cause,
    });
  }
}

/** Returns the source of a content security policy that allows this text and no other. */
export const sourceHash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
