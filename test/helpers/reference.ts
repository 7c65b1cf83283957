import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { sharedFile } from './shared.js';

/** Returns the text of a file of reference data, unpacked where it is gzipped. */
export function referenceText(path: string): string {
  const bytes = readFileSync(sharedFile(path));
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** Returns a JSON file of reference data; the caller states its shape. */
export const referenceJson = <T>(path: string): T => JSON.parse(referenceText(path)) as T;

/** Returns named columns of a CSV file of reference data, numbers only. */
export function referenceColumns<N extends string>(path: string, names: readonly N[]): Record<N, Float64Array> {
  const [head = '', ...lines] = referenceText(path).trim().split(/\r?\n/);
  const titles = head.split(',');
  return Object.fromEntries(
    names.map((name) => [name, Float64Array.from(lines, (line) => Number(line.split(',')[titles.indexOf(name)]))]),
  ) as Record<N, Float64Array>;
}
