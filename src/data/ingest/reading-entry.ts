// A thread that reads files of bars: one file after the other, as it is told, until it is ended.
import { parentPort, workerData } from 'node:worker_threads';
import { serializeError } from '../../core/errors.js';
import { dropScratch } from '../scratch.js';
import { type BarFile, readBars } from './bar-reader.js';
import { DefectLog } from './defects.js';
import { resolveOptions } from './ingest-options.js';
import { inputsOf } from './inputs.js';
import type { FileShape, FromReading, ReadingBirth, ToReading } from './reading-protocol.js';

/** Values of a piece: 4 MB. */
const PIECE = 2 ** 19;

const { options } = workerData as ReadingBirth;
const port = parentPort!;
let pieces: Iterator<Float64Array<ArrayBuffer>[]> | undefined;

const send = (message: FromReading, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

async function read(path: string): Promise<void> {
  const resolved = resolveOptions(options);
  const log = new DefectLog(resolved.policies);
  const files: BarFile[] = [];
  for (const input of await inputsOf(path, resolved)) files.push(await readBars(input, resolved, log));
  pieces = piecesOf(files);
  send({ kind: 'shape', files: files.map(shapeOf), findings: log.findings });
}

function shapeOf({ chunks, ...file }: BarFile): FileShape {
  return {
    ...file,
    chunks: chunks.map(({ stamps, rows: _rows, values: _values, ...chunk }) => ({ ...chunk, length: stamps.length })),
  };
}

/** Yields copies of all columns, small ones together. */
function* piecesOf(files: readonly BarFile[]): Generator<Float64Array<ArrayBuffer>[]> {
  let parts: Float64Array<ArrayBuffer>[] = [];
  let count = 0;
  for (const { stamps, rows, values } of files.flatMap(({ chunks }) => chunks)) {
    for (const column of [stamps, rows, ...values]) {
      for (let from = 0; from < column.length; ) {
        const part = new Float64Array(column.subarray(from, from + PIECE - count));
        parts.push(part);
        from += part.length;
        count += part.length;
        if (count < PIECE) continue;
        yield parts;
        [parts, count] = [[], 0];
      }
    }
  }
  if (count > 0) yield parts;
}

/** Sends the next piece; behind the last one nothing is left of the files. */
function next(): void {
  const { value: parts, done } = pieces!.next();
  if (done === true) {
    pieces = undefined;
    dropScratch();
  } else
    send(
      { kind: 'values', parts },
      parts.map(({ buffer }) => buffer),
    );
}

port.on('message', (message: ToReading) => {
  if (message.kind === 'more') {
    next();
    return;
  }
  read(message.path).catch((thrown: unknown) => {
    dropScratch();
    send({ kind: 'failed', error: serializeError(thrown) });
  });
});
