import { Worker } from 'node:worker_threads';
import { RunError, restoreError } from '../../core/errors.js';
import { workerEntry } from '../../core/worker-entry-url.js';
import { afterValues, scratchColumn } from '../scratch.js';
import type { BarChunk, BarFile } from './bar-reader.js';
import type { DefectFindings } from './defects.js';
import type { FileShape, FromReading, ReadingBirth, ToReading } from './reading-protocol.js';

/** What a thread read of one path: the file, or the members of an archive. */
export interface ReadPath {
  readonly files: readonly BarFile[];
  readonly findings: DefectFindings;
}

/** One thread that reads files. Disposing ends it, whatever it is doing. */
export class ReadingThread implements Disposable {
  readonly #worker: Worker;
  #listener: ((message: FromReading) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  #dead: Error | undefined;

  constructor(birth: ReadingBirth) {
    this.#worker = new Worker(workerEntry(import.meta.url, './reading-entry.js'), {
      workerData: birth,
      name: 'hindcast-ingest',
      // Threads inherit Node's flags, loaders among them, but refuse to start from a file with this one.
      ...(process.execArgv.some((flag) => flag.startsWith('--input-type')) ? { execArgv: [] } : {}),
    });
    this.#worker.on('message', (message: FromReading) => this.#listener?.(message));
    this.#worker.on('error', (thrown: unknown) =>
      this.#died(thrown instanceof Error ? thrown.message : String(thrown)),
    );
    this.#worker.on('exit', (code) => this.#died(`exit code ${code}`));
  }

  /**
   * Reads one path; one at a time. Values are stored as they arrive, in columns like those of a file that this thread itself reads.
   * @throws what reading it throws; RunError `READING_THREAD_DIED`
   */
  read(path: string): Promise<ReadPath> {
    return new Promise((resolve, reject) => {
      if (this.#dead !== undefined) {
        reject(this.#dead);
        return;
      }
      const end = (): void => {
        this.#listener = undefined;
        this.#fail = undefined;
      };
      this.#fail = (error) => {
        end();
        reject(error);
      };
      let read: { readonly store: ValueStore; readonly findings: DefectFindings } | undefined;
      this.#listener = (message) => {
        if (message.kind === 'failed') {
          end();
          reject(restoreError(message.error));
          return;
        }
        if (message.kind === 'shape') read = { store: new ValueStore(message.files), findings: message.findings };
        else read!.store.take(message.parts);
        this.#send({ kind: 'more' });
        if (!read!.store.isFull) return;
        end();
        resolve({ files: read!.store.files, findings: read!.findings });
      };
      this.#send({ kind: 'read', path });
    });
  }

  [Symbol.dispose](): void {
    this.#listener = undefined;
    this.#fail = undefined;
    void this.#worker.terminate();
  }

  #send(message: ToReading): void {
    this.#worker.postMessage(message);
  }

  #died(why: string): void {
    this.#dead ??= new RunError('READING_THREAD_DIED', {
      message: `A thread that read files ended (${why}). Nothing was stored. Try again with --jobs 1, which needs less memory.`,
      details: { why },
    });
    this.#fail?.(this.#dead);
  }
}

/** Columns that values are put into as they arrive. */
class ValueStore {
  readonly files: readonly BarFile[];
  readonly #targets: Float64Array<ArrayBuffer>[] = [];
  #target = 0;
  #place = 0;

  constructor(shapes: readonly FileShape[]) {
    this.files = shapes.map(({ chunks, ...file }) => ({
      ...file,
      chunks: chunks.map(({ length, ...chunk }): BarChunk => {
        const column = (): Float64Array<ArrayBuffer> => {
          const values = scratchColumn(length);
          if (length > 0) this.#targets.push(values);
          return values;
        };
        return { ...chunk, stamps: column(), rows: column(), values: chunk.fields.map(column) };
      }),
    }));
  }

  get isFull(): boolean {
    return this.#target === this.#targets.length;
  }

  take(parts: readonly Float64Array<ArrayBuffer>[]): void {
    // A part never spans two columns.
    for (const part of parts) {
      const target = this.#targets[this.#target]!;
      target.set(part, this.#place);
      afterValues(part.length);
      this.#place += part.length;
      if (this.#place < target.length) continue;
      this.#target++;
      this.#place = 0;
    }
  }
}
