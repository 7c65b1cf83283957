import { type ArenaHandle, DEFAULT_COLUMNS, IndicatorArena } from '../indicators/arena.js';
import {
  type ColumnMemory,
  DirectIndicators,
  type IndicatorSource,
  MemoIndicators,
  SharedIndicators,
  StreamedIndicators,
} from '../indicators/columns.js';

/** Where the runs of a thread get indicator columns: computed each time, remembered by the thread, or shared by all threads of a search. */
export type IndicatorSharing =
  | { readonly kind: 'direct' | 'memo' }
  | { readonly kind: 'shared'; readonly arena: ArenaHandle };

/** Returns how the runs of one thread alone get indicator columns: remembered, or computed each time. */
export const ownIndicators = (areKept: boolean): IndicatorSharing => ({ kind: areKept ? 'memo' : 'direct' });

/** Returns memory in which threads share indicator columns; each attaches by {@link indicatorSource}. */
export function sharedIndicators(): Extract<IndicatorSharing, { kind: 'shared' }> {
  return { kind: 'shared', arena: IndicatorArena.create().handle };
}

/** Whether memory that threads share is at most half full, in bytes and in columns: enough for another search of the same kind. */
export function hasRoom(arena: ArenaHandle): boolean {
  const { bytes, byteLimit, computed } = IndicatorArena.attach(arena).statistics();
  return 2 * bytes <= byteLimit && 2 * computed <= DEFAULT_COLUMNS;
}

/**
 * Returns this thread's source of indicator columns. All kinds give the same bits.
 *
 * @param memory gives each column that is not shared its memory. @defaultValue its own
 */
export function indicatorSource(sharing: IndicatorSharing, memory?: ColumnMemory): IndicatorSource {
  switch (sharing.kind) {
    case 'direct':
      return new DirectIndicators(memory);
    case 'memo':
      return new MemoIndicators(undefined, memory);
    case 'shared':
      return new SharedIndicators(IndicatorArena.attach(sharing.arena));
  }
}

/** Returns a source of indicator columns over inputs that are still arriving: at most `capacity` bars. */
export const streamedIndicators = (capacity: number): StreamedIndicators => new StreamedIndicators(capacity);
