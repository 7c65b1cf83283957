import { type Calendar, SESSION_COLUMNS } from '../market/calendar.js';
import { axisOf } from './axis.js';
import type { AllowedDefect } from './bar-defects.js';
import type { BundleDraft } from './draft.js';
import { calendarNamed, orderDraft } from './draft-order.js';
import {
  BLOCK_ROWS,
  type BundleManifest,
  type CalendarRecord,
  type ColumnRecord,
  FORMAT_VERSION,
  type GroupRecord,
} from './manifest.js';
import { afterValues } from './scratch.js';
import { sessionSpan } from './session-span.js';
import { blockHashes } from './version.js';

/** A bundle ready to be written: its manifest, and the columns of each file in the order in which they lie there. */
export interface BundleLayout {
  readonly manifest: BundleManifest;
  readonly files: ReadonlyMap<string, readonly Float64Array[]>;
}

/** The hashes of the first blocks of a column, by the column. */
export type KnownBlocks = ReadonlyMap<Float64Array, readonly string[]>;

/**
 * Returns where every column of a draft will lie and what the manifest will say: one file for each group and field, the assets'
 * columns one after another by sid. Nothing is written, so the version is known before the disk is touched.
 * Throws what {@link orderDraft} throws.
 * @param known hashes of the first blocks of columns that are taken from another version, so that they are not made again
 * @param allow what may be odd about prices
 */
export function layOut(
  draft: BundleDraft,
  known: KnownBlocks = new Map(),
  allow: readonly AllowedDefect[] = [],
): BundleLayout {
  const { assets, groups, splits, dividends } = orderDraft(draft, allow);
  const files = new Map<string, Float64Array[]>();
  const ends = new Map<string, number>();
  const place = (file: string, given: Float64Array): ColumnRecord => {
    const hashes = known.get(given);
    const isKnown = hashes?.length === Math.ceil(given.length / BLOCK_ROWS);
    const column = isKnown ? given : canonical(given);
    const offset = ends.get(file) ?? 0;
    const columns = files.get(file);
    if (columns === undefined) files.set(file, [column]);
    else columns.push(column);
    ends.set(file, offset + column.byteLength);
    const blocks = blockHashes(column, hashes);
    afterValues(2 * column.length);
    return { file, offset, rows: column.length, blocks };
  };
  const records = groups.map(({ draft: group, listings }, index): GroupRecord => {
    const { calendar, frequency } = group;
    const stem = `${index}-${plain(calendar)}-${frequency}`;
    const { times, opens, closes } = axisOf(group, calendarNamed(draft, calendar));
    return {
      calendar,
      frequency,
      rows: times.length,
      start: times[0]!,
      end: times.at(-1)!,
      times: place(`${stem}.times.f64`, times),
      opens: place(`${stem}.opens.f64`, opens),
      closes: place(`${stem}.closes.f64`, closes),
      listings: listings.map(({ sid, asset, fields }) => ({
        sid,
        first: asset.first,
        end: asset.first + asset.columns.close!.length,
        columns: Object.fromEntries(
          fields.map((field) => [field, place(`${stem}.${field}.f64`, asset.columns[field]!)]),
        ),
      })),
    };
  });
  const calendars = [...new Set(records.map(({ calendar }) => calendar))].map((name): CalendarRecord => {
    const calendar = calendarNamed(draft, name);
    const [first, last] = sessionSpan(
      calendar,
      records.filter((record) => record.calendar === name),
    );
    const table = calendar.sessions(first, last);
    const file = `sessions-${plain(name)}.f64`;
    const columns = SESSION_COLUMNS.map((column) => [column, place(file, table[column])]);
    return { ...factsOf(calendar), first, last, sessions: Object.fromEntries(columns) };
  });
  return {
    manifest: {
      formatVersion: FORMAT_VERSION,
      blockRows: BLOCK_ROWS,
      synthetic: draft.synthetic === true,
      assets,
      calendars,
      groups: records,
      splits,
      dividends,
    },
    files,
  };
}

/** A name as part of a file's. */
const plain = (name: string): string => name.replace(/[^A-Za-z0-9]+/g, '-');

const factsOf = ({ name, timeZone, sessionsPerYear, sessionMinutes, weekdays }: Calendar) => ({
  name,
  timeZone,
  sessionsPerYear,
  sessionMinutes,
  weekdays: [...weekdays],
});

/**
 * Returns the column with every NaN in one bit pattern, of which processors make several, and no zero below zero: a version must not tell
 * them apart. The column itself when it needs no change and does not lie in shared memory, which hashing refuses.
 */
function canonical(column: Float64Array): Float64Array {
  const shared = column.buffer instanceof SharedArrayBuffer;
  const words = new Uint32Array(column.buffer, column.byteOffset, column.length * 2);
  let odd = false;
  for (let row = 0; row < column.length && !odd; row++) {
    const value = column[row]!;
    if (value === 0) odd = words[2 * row + 1] !== 0;
    else if (Number.isNaN(value)) odd = words[2 * row + 1] !== NAN_HIGH || words[2 * row] !== 0;
  }
  if (!odd && !shared) return column;
  const copy = new Float64Array(column);
  const copied = new Uint32Array(copy.buffer);
  for (let row = 0; row < copy.length; row++) {
    const value = copy[row]!;
    if (value === 0) copy[row] = 0;
    else if (Number.isNaN(value)) {
      copied[2 * row] = 0;
      copied[2 * row + 1] = NAN_HIGH;
    }
  }
  return copy;
}

/** High word of the quiet NaN 0x7ff8000000000000. */
const NAN_HIGH = 0x7ff80000;
