import { compileAxis } from '../market/bar-axis.js';
import type { Calendar } from '../market/calendar.js';
import type { GroupDraft } from './draft.js';

/** The three columns of a group's time axis. */
export interface Axis {
  readonly times: Float64Array;
  readonly opens: Float64Array;
  readonly closes: Float64Array;
}

/** Returns the axis of a group: what the draft gives, the rest compiled from its calendar. */
export function axisOf({ frequency, times, opens, closes }: GroupDraft, calendar: Calendar): Axis {
  if (opens !== undefined && closes !== undefined) return { times, opens, closes };
  const compiled = compileAxis(calendar, frequency, times);
  return { times, opens: opens ?? compiled.opens, closes: closes ?? compiled.closes };
}
