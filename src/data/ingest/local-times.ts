import { DAY_MS } from '../../market/civil-date.js';
import type { ZoneClock } from '../../market/zone-clock.js';
import { atRow, scratchColumn } from '../scratch.js';
import type { BarChunk } from './bar-reader.js';

/** The times of a chunk's rows, by place. */
export interface RowTimes {
  /** Labels; NaN for a local time that clocks skip. */
  readonly labels: Float64Array;
  /** Places of local times that occur twice, of which nothing tells which one they are. Their labels are a guess. */
  readonly unclear: ReadonlySet<number>;
  /** Places of local times that occur twice and are there once, with bars on both sides. Their labels are the first occurrence. */
  readonly once: readonly number[];
}

/** Neighbouring rows of one night whose local times occur twice: places `[from, to)`. */
interface Night {
  readonly from: number;
  to: number;
}

/**
 * Returns the instants of local stamps. Clocks that go back make times occur twice, and the rows tell the two apart:
 *
 * - The second occurrence begins where the clock of the rows goes back, once in a night: to a time that is there already with other values, or on a
 *   grid of bars without a hole. Bars as long as the change have the same stamp twice then; a row that has also the values of the one before is a
 *   duplicate, and so is one of shorter bars that follows itself.
 * - Where the clock does not go back, it is the occurrence that lies on the grid of the bars around. At an end of the rows it is else the one that goes on
 *   from the bar before (the first) or to the bar after (the second). Between bars on both sides any of them may be missing, so that distances tell nothing.
 *
 * @param length milliseconds of a bar
 */
export function localTimes(chunk: BarChunk, length: number, clock: ZoneClock): RowTimes {
  const { stamps } = chunk;
  const labels = scratchColumn(stamps.length);
  const nights: Night[] = [];
  for (let place = 0; place < stamps.length; place++) {
    atRow(place);
    const stamp = stamps[place]!;
    labels[place] = clock.toInstant(stamp);
    if (!clock.occursTwice(stamp)) continue;
    const night = nights.at(-1);
    if (night?.to === place && Math.abs(stamp - stamps[night.from]!) < DAY_MS) night.to++;
    else nights.push({ from: place, to: place + 1 });
  }
  const unclear = new Set<number>();
  const once: number[] = [];
  if (nights.length === 0) return { labels, unclear, once };
  const reader = new NightReader(chunk, labels, length, clock);
  const isNewestFirst = reader.runsBackwards(nights);
  if (isNewestFirst) nights.reverse();
  for (const night of nights) {
    const places = placesOf(night);
    const certainty = reader.read(isNewestFirst ? places.toReversed() : places, isNewestFirst ? -1 : 1);
    if (certainty === 'unclear') for (const place of places) unclear.add(place);
    else if (certainty === 'once') once.push(...places);
  }
  return { labels, unclear, once };
}

const placesOf = ({ from, to }: Night): number[] => Array.from({ length: to - from }, (_, at) => from + at);

/** Reads the nights of one chunk. */
class NightReader {
  readonly #chunk: BarChunk;
  readonly #labels: Float64Array;
  readonly #length: number;
  readonly #clock: ZoneClock;

  constructor(chunk: BarChunk, labels: Float64Array, length: number, clock: ZoneClock) {
    this.#chunk = chunk;
    this.#labels = labels;
    this.#length = length;
    this.#clock = clock;
  }

  /** Whether the rows run from the newest to the oldest: by most of their steps, those within a night only where there are no others. */
  runsBackwards(nights: readonly Night[]): boolean {
    const places = placesOf(nights[0]!);
    if (this.#isAll(places)) {
      const change = this.#changeAt(0);
      const turns = this.#turns(places, change).length;
      return turns > 1 && this.#turns(places.toReversed(), change).length < turns;
    }
    const { stamps } = this.#chunk;
    let [inside, outside] = [0, 0];
    let next = 0;
    for (let place = 1; place < stamps.length; place++) {
      while (next < nights.length && place >= nights[next]!.to) next++;
      const direction = Math.sign(stamps[place]! - stamps[place - 1]!);
      if (place > (nights[next]?.from ?? Number.POSITIVE_INFINITY)) inside += direction;
      else outside += direction;
    }
    return (outside === 0 ? inside : outside) < 0;
  }

  /**
   * Sets the labels of a night that are the second occurrence. Nights are read from the oldest to the newest.
   *
   * @param places of the night's rows, the oldest first
   * @param step from a row's place to that of the next newer one
   */
  read(places: readonly number[], step: 1 | -1): 'certain' | 'once' | 'unclear' {
    const [oldest, newest] = [places[0]!, places.at(-1)!];
    const change = this.#changeAt(oldest);
    const before = this.#labels[oldest - step] ?? Number.NaN;
    // Of a row that is read after these: where it is of another night, its first occurrence.
    const after = this.#labels[newest + step] ?? Number.NaN;
    const turns = this.#turns(places, change);
    const [turn] = turns;
    if (turn === undefined) return this.#readUnturned(places, change, before, after);
    for (const place of places.slice(turn)) this.#labels[place]! += change;
    if (turns.length > 1 || (this.#isAll(places) && this.#turns(places.toReversed(), change).length < 2))
      return 'unclear';
    const isClear = this.#comesAgain(places, turn) || this.#isWithoutHole(places, before, after);
    return isClear ? 'certain' : 'unclear';
  }

  /** A night in which the clock of the rows does not go back. */
  #readUnturned(places: readonly number[], change: number, before: number, after: number): 'certain' | 'once' {
    const fromBefore = this.#labels[places[0]!]! - before;
    const toAfter = after - this.#labels[places.at(-1)!]!;
    const fits = (distance: number): boolean => Number.isNaN(distance) || distance % this.#length === 0;
    const isFirst = fits(fromBefore) && fits(toAfter);
    const isSecond = fits(fromBefore + change) && fits(toAfter - change);
    const isAtEnd = Number.isNaN(before) || Number.isNaN(after);
    const goesOn = fromBefore === this.#length;
    const leadsOn = toAfter - change === this.#length;
    const isSettled = isFirst !== isSecond || (isAtEnd && goesOn !== leadsOn);
    if (isSettled && (isFirst === isSecond ? leadsOn : isSecond)) {
      for (const place of places) this.#labels[place]! += change;
    }
    return isSettled ? 'certain' : 'once';
  }

  /** Returns where in a night the clock of its rows goes back. */
  #turns(places: readonly number[], change: number): number[] {
    const { stamps } = this.#chunk;
    const turns: number[] = [];
    for (let at = 1; at < places.length; at++) {
      const [place, earlier] = [places[at]!, places[at - 1]!];
      const distance = stamps[place]! - stamps[earlier]!;
      const isAgain = distance === 0 && turns.length === 0 && this.#length >= change && !this.#repeats(place, earlier);
      if (distance < 0 || isAgain) turns.push(at);
    }
    return turns;
  }

  /** Whether a night is all that the chunk has: no other rows tell then which end is the newest. */
  #isAll(places: readonly number[]): boolean {
    return places.length === this.#labels.length;
  }

  #changeAt(place: number): number {
    return this.#clock.toLaterInstant(this.#chunk.stamps[place]!) - this.#labels[place]!;
  }

  /** Whether a time before the turn is there again behind it, with other values. */
  #comesAgain(places: readonly number[], turn: number): boolean {
    const { stamps } = this.#chunk;
    const known = new Map(places.slice(0, turn).map((place) => [stamps[place]!, place]));
    return places.slice(turn).some((place) => {
      const earlier = known.get(stamps[place]!);
      return earlier !== undefined && !this.#repeats(place, earlier);
    });
  }

  #isWithoutHole(places: readonly number[], before: number, after: number): boolean {
    const labels = [before, ...places.map((place) => this.#labels[place]!), after];
    return labels.every((label, at) => {
      const distance = label - labels[at - 1]!;
      return at === 0 || Number.isNaN(distance) || distance === this.#length;
    });
  }

  /** Whether a row has the values of an earlier one, down to what was traded. */
  #repeats(place: number, earlier: number): boolean {
    const { fields, values } = this.#chunk;
    const volume = values[fields.indexOf('volume')]?.[place];
    return volume !== 0 && values.every((column) => Object.is(column[place], column[earlier]));
  }
}
