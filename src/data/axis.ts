import { compileAxis } from '../market/bar-axis.js';
import type { Calendar } from '../market/calendar.js';
import type { GroupDraft } from './draft.js';
import { releaseScratch, scratchColumn } from './scratch.js';

/** The three columns of a group's time axis. */
export interface Axis {
  readonly times: Float64Array;
  readonly opens: Float64Array;
  readonly closes: Float64Array;
}

/** Rows compiled at once, so that a long axis need not lie in memory three times. */
const ROWS_AT_ONCE = 2 ** 19;

/** Returns the axis of a group: what the draft gives, the rest compiled from its calendar. */
export function axisOf({ frequency, times, opens, closes }: GroupDraft, calendar: Calendar): Axis {
  if (opens !== undefined && closes !== undefined) return { times, opens, closes };
  if (times.length <= ROWS_AT_ONCE) {
    const compiled = compileAxis(calendar, frequency, times);
    return { times, opens: opens ?? compiled.opens, closes: closes ?? compiled.closes };
  }
  const made = { opens: scratchColumn(times.length), closes: scratchColumn(times.length) };
  for (let row = 0; row < times.length; row += ROWS_AT_ONCE) {
    const compiled = compileAxis(calendar, frequency, times.subarray(row, row + ROWS_AT_ONCE));
    made.opens.set(compiled.opens, row);
    made.closes.set(compiled.closes, row);
    releaseScratch();
  }
  return { times, opens: opens ?? made.opens, closes: closes ?? made.closes };
}
