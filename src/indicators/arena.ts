import { UsageError } from '../core/errors.js';

/** What another thread needs to use an arena: the memory itself, which is shared and never copied. */
export type ArenaHandle = SharedArrayBuffer;

/** Counts over all threads since the arena was made or reset. */
export interface ArenaStatistics {
  /** Columns computed and published. */
  readonly computed: number;
  /** Columns that a thread took over from another one; a thread counts each once. */
  readonly sharedHits: number;
  /** Claims that another thread took over because their owner died, failed or took too long. */
  readonly takenOver: number;
  /** Columns that found no room and were computed by a thread for itself. */
  readonly withoutRoom: number;
  /** Bytes of columns held. */
  readonly bytes: number;
  readonly byteLimit: number;
}

/** Permission to compute what nobody has computed yet, and to publish it. */
export interface Claim {
  readonly slot: number;
  /** The slot's state while this claim holds it. */
  readonly state: number;
}

/** What {@link IndicatorArena.acquire} found: memory that is filled, a claim to fill it, or the advice to compute alone. */
export type Acquired =
  | { readonly kind: 'ready'; readonly values: Float64Array }
  | { readonly kind: 'claimed'; readonly claim: Claim }
  | { readonly kind: 'private' };

// Header words (Int32).
const MAGIC = 0;
const SLOTS = 1;
const USED = 2;
const GENERATION = 3;
const COMPUTED = 4;
const HITS = 5;
const TAKEN_OVER = 6;
const WITHOUT_ROOM = 7;
const HEADER_WORDS = 16;
const MAGIC_VALUE = 0x48_49_4e_44;

// Words of a slot. Four words of key, where the values lie (in doubles), how many, and the state.
const STATE = 0;
const KEY = 1;
const OFFSET = 5;
const LENGTH = 6;
const SLOT_WORDS = 8;

// A state is a phase and, above it, a count of claims: a late owner's state differs from its successor's.
const EMPTY = 0;
const NAMING = 1;
const COMPUTING = 2;
const READY = 3;
const ABANDONED = 4;
const PHASE_MASK = 7;
const CLAIM = 8;

const MEGABYTE = 2 ** 20;
/** Columns that an arena holds unless told otherwise. */
export const DEFAULT_COLUMNS = 65_536;
/** A column's length and place are counted in 31 bits of doubles. */
const MOST_BYTES = 2 ** 34 - 8;

/**
 * Columns shared between threads in one preallocated block of memory, with an index in the same block. The first thread
 * that wants a key claims it, computes and publishes; the others wait for it. Nothing is ever moved or overwritten until
 * {@link reset}. Memory that holds nothing yet costs nothing: the system commits pages when they are written.
 */
export class IndicatorArena {
  /** Give this to other threads; they call {@link IndicatorArena.attach}. */
  readonly handle: ArenaHandle;
  readonly #words: Int32Array;
  readonly #slots: number;
  readonly #dataOffset: number;
  /** In doubles. */
  readonly #capacity: number;

  private constructor(handle: SharedArrayBuffer) {
    this.handle = handle;
    this.#words = new Int32Array(handle, 0, HEADER_WORDS);
    this.#slots = this.#words[SLOTS]!;
    this.#dataOffset = 4 * (HEADER_WORDS + this.#slots * SLOT_WORDS);
    this.#words = new Int32Array(handle, 0, HEADER_WORDS + this.#slots * SLOT_WORDS);
    this.#capacity = (handle.byteLength - this.#dataOffset) / 8;
  }

  /**
   * Returns a new arena.
   *
   * @param options.byteLimit bytes of columns at most, up to 16 GB. @defaultValue 512 MB, or the largest half of it that
   * the system grants
   * @param options.columns columns at most. @defaultValue 65,536
   * @throws UsageError `INVALID_ARGUMENT` for a limit out of bounds, or one that was given and is not granted
   */
  static create(options: { readonly byteLimit?: number; readonly columns?: number } = {}): IndicatorArena {
    const { byteLimit, columns = DEFAULT_COLUMNS } = options;
    if (!isWhole(byteLimit ?? 8, 8, MOST_BYTES) || !isWhole(columns, 1, 2 ** 24)) {
      throw new UsageError('INVALID_ARGUMENT', {
        message: `An indicator arena holds from 8 bytes to 16 GB and from 1 to ${2 ** 24} columns, not ${String(byteLimit)} bytes and ${String(columns)} columns.`,
        details: { byteLimit, columns },
      });
    }
    // Half of the slots stay empty, so that a search for a key ends soon.
    const slots = 2 ** Math.ceil(Math.log2(2 * columns));
    for (let bytes = byteLimit ?? 512 * MEGABYTE; ; bytes /= 2) {
      try {
        const handle = new SharedArrayBuffer(4 * (HEADER_WORDS + slots * SLOT_WORDS) + 8 * Math.floor(bytes / 8));
        const words = new Int32Array(handle, 0, HEADER_WORDS);
        words[SLOTS] = slots;
        words[MAGIC] = MAGIC_VALUE;
        return new IndicatorArena(handle);
      } catch (cause) {
        if (byteLimit === undefined && bytes > MEGABYTE) continue;
        throw new UsageError('INVALID_ARGUMENT', {
          message: `The system grants no ${bytes} bytes of shared memory for indicators. Give a smaller byte limit.`,
          details: { byteLimit: bytes },
          cause,
        });
      }
    }
  }

  /** Returns another thread's arena. Throws UsageError `INVALID_ARGUMENT` for memory that is none. */
  static attach(handle: ArenaHandle): IndicatorArena {
    if (handle.byteLength < 4 * HEADER_WORDS || new Int32Array(handle)[MAGIC] !== MAGIC_VALUE) {
      throw new UsageError('INVALID_ARGUMENT', { message: 'This shared memory holds no indicator arena.' });
    }
    return new IndicatorArena(handle);
  }

  /** Changes with every {@link reset}: what was taken from the arena before is void. */
  get generation(): number {
    return Atomics.load(this.#words, GENERATION);
  }

  /**
   * Looks for a key's values and claims the key when there are none. While another thread computes them it waits, unless
   * `patienceMs` is 0; after so long it takes the claim over, so that a thread that died holds up nobody for ever.
   *
   * @param key at least 32 hex digits, of which the first 32 count
   * @param length doubles that the key's values take
   */
  acquire(key: string, length: number, patienceMs: number): Acquired {
    const hash = [0, 8, 16, 24].map((from) => Number.parseInt(key.slice(from, from + 8), 16) | 0);
    for (let probe = 0; probe < this.#slots; probe++) {
      const slot = HEADER_WORDS + (((hash[0]! >>> 0) + probe) % this.#slots) * SLOT_WORDS;
      const acquired = this.#acquireAt(slot, hash, length, patienceMs);
      if (acquired !== undefined) return acquired;
    }
    Atomics.add(this.#words, WITHOUT_ROOM, 1);
    return { kind: 'private' };
  }

  /** Returns room for a claim's values, or undefined when there is none; then the claim is given up and counted. */
  allocate(claim: Claim, length: number): Float64Array | undefined {
    for (;;) {
      const used = Atomics.load(this.#words, USED);
      if (used + length > this.#capacity) {
        Atomics.add(this.#words, WITHOUT_ROOM, 1);
        this.abandon(claim);
        return undefined;
      }
      if (Atomics.compareExchange(this.#words, USED, used, used + length) === used) return this.#values(used, length);
    }
  }

  /** Makes a claim's values visible to all threads; without effect when another thread has taken the claim over. */
  publish(claim: Claim, values: Float64Array): void {
    const { slot, state } = claim;
    if (Atomics.load(this.#words, slot + STATE) !== state) return;
    // Should a successor publish in between, these words point at the late owner's values instead: they are the same bits.
    Atomics.store(this.#words, slot + OFFSET, (values.byteOffset - this.#dataOffset) / 8);
    Atomics.store(this.#words, slot + LENGTH, values.length);
    if (this.#move(claim, READY)) Atomics.add(this.#words, COMPUTED, 1);
  }

  /** Gives a claim up, so that a thread that waits for it claims it at once. */
  abandon(claim: Claim): void {
    this.#move(claim, ABANDONED);
  }

  /** Forgets everything. Only between batches: no thread may hold or compute columns of this arena. */
  reset(): void {
    this.#words.fill(0, HEADER_WORDS);
    for (const count of [USED, COMPUTED, HITS, TAKEN_OVER, WITHOUT_ROOM]) Atomics.store(this.#words, count, 0);
    Atomics.add(this.#words, GENERATION, 1);
  }

  statistics(): ArenaStatistics {
    const count = (word: number): number => Atomics.load(this.#words, word);
    return {
      computed: count(COMPUTED),
      sharedHits: count(HITS),
      takenOver: count(TAKEN_OVER),
      withoutRoom: count(WITHOUT_ROOM),
      bytes: 8 * count(USED),
      byteLimit: 8 * this.#capacity,
    };
  }

  /** Undefined: the slot belongs to another key. */
  #acquireAt(slot: number, hash: readonly number[], length: number, patienceMs: number): Acquired | undefined {
    const words = this.#words;
    for (;;) {
      const state = Atomics.load(words, slot + STATE);
      const phase = state & PHASE_MASK;
      if (phase === EMPTY) {
        if (Atomics.compareExchange(words, slot + STATE, EMPTY, NAMING) !== EMPTY) continue;
        for (let k = 0; k < hash.length; k++) Atomics.store(words, slot + KEY + k, hash[k]!);
        const claimed = COMPUTING + CLAIM;
        Atomics.store(words, slot + STATE, claimed);
        Atomics.notify(words, slot + STATE);
        return { kind: 'claimed', claim: { slot, state: claimed } };
      }
      if (phase === NAMING) {
        // A few instructions long, unless its thread was ended within them: then the slot is lost and the next one serves.
        if (Atomics.wait(words, slot + STATE, state, NAMING_MS) === 'timed-out') return undefined;
        continue;
      }
      if (hash.some((word, k) => Atomics.load(words, slot + KEY + k) !== word)) return undefined;
      if (phase === READY) {
        if (Atomics.load(words, slot + LENGTH) !== length) return { kind: 'private' };
        Atomics.add(words, HITS, 1);
        return { kind: 'ready', values: this.#values(Atomics.load(words, slot + OFFSET), length) };
      }
      if (phase === COMPUTING) {
        if (patienceMs === 0) return { kind: 'private' };
        if (Atomics.wait(words, slot + STATE, state, patienceMs) !== 'timed-out') continue;
      }
      const claimed = (state & ~PHASE_MASK) + CLAIM + COMPUTING;
      if (Atomics.compareExchange(words, slot + STATE, state, claimed) !== state) continue;
      Atomics.add(words, TAKEN_OVER, 1);
      return { kind: 'claimed', claim: { slot, state: claimed } };
    }
  }

  #move({ slot, state }: Claim, phase: number): boolean {
    const next = (state & ~PHASE_MASK) | phase;
    if (Atomics.compareExchange(this.#words, slot + STATE, state, next) !== state) return false;
    Atomics.notify(this.#words, slot + STATE);
    return true;
  }

  #values(offset: number, length: number): Float64Array {
    return new Float64Array(this.handle, this.#dataOffset + 8 * offset, length);
  }
}

const NAMING_MS = 20;

const isWhole = (value: number, low: number, high: number): boolean =>
  Number.isSafeInteger(value) && value >= low && value <= high;
