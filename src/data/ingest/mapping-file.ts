import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageError } from '../../core/errors.js';
import { rejectUnknownKeys } from '../../core/suggest.js';
import { INGEST_OPTIONS, type IngestOptions } from './ingest-options.js';

const MAPPED = INGEST_OPTIONS.filter((option) => option !== 'files' && option !== 'network' && option !== 'jobs');

/**
 * Returns the options that a mapping file holds: a JSON object of the options of an ingest but its files and servers, for sources whose form is not
 * told from themselves, `{ "columns": { "close": "Last" }, "decimal": ",", "timezone": "Europe/Berlin" }`. Their values are checked
 * where all options are.
 *
 * @throws UsageError `MAPPING_UNREADABLE`, `MAPPING_INVALID`, `UNKNOWN_OPTION`
 */
export async function readMapping(path: string): Promise<Omit<Partial<IngestOptions>, 'files'>> {
  const file = basename(path);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError('MAPPING_UNREADABLE', {
      message: `The mapping file '${path}' cannot be read (${(error as NodeJS.ErrnoException).code}). Check the path.`,
      details: { path },
      cause: error,
    });
  }
  const mapping = parsed(text, file);
  rejectUnknownKeys(`the mapping ${file}`, mapping, MAPPED);
  for (const key of ['columns', 'on'] as const) {
    const value = mapping[key];
    if (value !== undefined && (!isObject(value) || !Object.values(value).every((one) => typeof one === 'string'))) {
      throw invalid(file, `'${key}' must be an object of texts`);
    }
  }
  const { header, divisor, precision } = mapping;
  if (header !== undefined && !(Array.isArray(header) && header.every((name) => typeof name === 'string'))) {
    throw invalid(file, "'header' must be a list of texts");
  }
  if (divisor !== undefined && typeof divisor !== 'number') throw invalid(file, "'divisor' must be a number");
  if (precision !== undefined && !['number', 'string'].includes(typeof precision)) {
    throw invalid(file, "'precision' must be a number or a word");
  }
  const others = MAPPED.filter((key) => !['columns', 'on', 'header', 'divisor', 'precision'].includes(key));
  const odd = others.find((key) => mapping[key] !== undefined && typeof mapping[key] !== 'string');
  if (odd !== undefined) throw invalid(file, `'${odd}' must be a text`);
  return mapping;
}

function parsed(text: string, file: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid(file, `it is no JSON (${(error as Error).message})`);
  }
  return isObject(json) ? json : invalidate(file, 'it is no JSON object');
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalidate = (file: string, what: string): never => {
  throw invalid(file, what);
};

const invalid = (file: string, what: string): UsageError =>
  new UsageError('MAPPING_INVALID', {
    message: `The mapping ${file} cannot be used: ${what}. Its keys are ${MAPPED.join(', ')}.`,
    details: { file, what },
  });
