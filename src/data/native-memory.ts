import { createRequire } from 'node:module';
import { RunError } from '../core/errors.js';

/** What this project needs of the C library: memory that is a file. */
export interface NativeMemory {
  /** Maps `bytes` of an open file from `offset` on, private and writable. Throws {@link RunError} `MAP_FAILED`. */
  map(descriptor: number, offset: number, bytes: number): Mapping;
  /**
   * Reserves `bytes` of an open, empty file and maps them so that writes go to the file; undefined where the disk has not the room.
   * `discard` then lets the memory go and keeps what was written.
   */
  scratch(descriptor: number, bytes: number): Mapping | undefined;
}

/** One mapping of part of a file. */
export interface Mapping {
  /** The file's bytes; a write stays in this mapping and never reaches the file. */
  readonly buffer: ArrayBuffer;
  /** Throws away what was written in `[from, to)`: the next read finds the file's bytes. Rounded outwards to pages. */
  discard(from: number, to: number): void;
  /** Gives the addresses back. Nobody may read the buffer afterwards: that would end the process. */
  unmap(): void;
}

/** The part of koffi's surface in use; typed here, so that the package stays optional for the compiler too. */
interface Koffi {
  load(path: null): { func(definition: string): (...values: (number | bigint)[]) => number };
  view(address: number | bigint, bytes: number): ArrayBuffer;
  errno(): number;
}

const PROT_READ_WRITE = 1 | 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MADV_DONTNEED = 4;
const PAGE_BYTES = 65_536;

let loaded: NativeMemory | undefined | null = null;

/**
 * Returns the means to map files, or undefined where there are none: no koffi (it is an optional dependency), a system other than
 * Linux (MADV_DONTNEED brings back the file's bytes there alone), or `HINDCAST_NO_MMAP=1` in the environment.
 * Loaded at the first call.
 */
export function nativeMemory(): NativeMemory | undefined {
  if (process.platform !== 'linux' || process.env.HINDCAST_NO_MMAP === '1') return undefined;
  if (loaded === null) loaded = load();
  return loaded;
}

function load(): NativeMemory | undefined {
  let koffi: Koffi;
  try {
    koffi = createRequire(import.meta.url)('koffi') as Koffi;
  } catch {
    return undefined;
  }
  const library = koffi.load(null);
  const mmap = library.func(
    'intptr_t mmap(intptr_t at, size_t bytes, int protection, int flags, int file, int64_t offset)',
  );
  const munmap = library.func('int munmap(intptr_t at, size_t bytes)');
  const madvise = library.func('int madvise(intptr_t at, size_t bytes, int advice)');
  const reserve = library.func('int posix_fallocate(int file, int64_t offset, int64_t bytes)');
  const check = (result: number, call: string, bytes: number): void => {
    if (result !== -1) return;
    const errno = koffi.errno();
    throw new RunError('MAP_FAILED', {
      message: `Mapping ${bytes} bytes of a bundle failed (${call}, errno ${errno}). Set HINDCAST_NO_MMAP=1 to share memory instead.`,
      details: { call, errno, bytes },
    });
  };
  const mapped = (descriptor: number, offset: number, bytes: number, flags: number): Mapping => {
    const at = mmap(0, bytes, PROT_READ_WRITE, flags, descriptor, offset);
    check(at, 'mmap', bytes);
    return {
      buffer: koffi.view(at, bytes),
      discard(from, to) {
        const begin = from - (from % PAGE_BYTES);
        check(madvise(at + begin, to - begin, MADV_DONTNEED), 'madvise', to - begin);
      },
      unmap: () => check(munmap(at, bytes), 'munmap', bytes),
    };
  };
  return {
    map: (descriptor, offset, bytes) => mapped(descriptor, offset, bytes, MAP_PRIVATE),
    scratch(descriptor, bytes) {
      // A write into a page that the disk has no room for would end the process: the room is taken before.
      return reserve(descriptor, 0, bytes) === 0 ? mapped(descriptor, 0, bytes, MAP_SHARED) : undefined;
    },
  };
}
