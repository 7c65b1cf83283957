import { TextDecoder } from 'node:util';
import { DataError } from '../../core/errors.js';
import { quote } from './number-cell.js';

const LONGEST_ROW = 4096;
const TOKEN = /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|null|NaN|"[^"\\]*")$/;

/**
 * Yields the rows of a JSON array of flat arrays, `[[1509836520000,0.0016,...],...]`, as ccxt answers and freqtrade stores them. Numbers
 * stay text, so that no digit is lost. The array is read as it comes, never as a whole.
 *
 * @throws DataError `BAD_JSON` naming the row where it is broken, of another shape, or ends early
 */
export async function* jsonRows(bytes: AsyncIterable<Buffer>, file: string): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let text = '';
  let rows = 0;
  let state: 'start' | 'row or end' | 'row' | 'comma or end' | 'end' = 'start';
  const broken = (what: string): DataError =>
    new DataError('BAD_JSON', {
      message: `${file} ${rows === 0 ? '' : `behind row ${rows} `}is no JSON array of bars: ${what}. Expected is [[time, open, high, low, close, volume], ...].`,
      details: { file, row: rows },
    });
  for await (const chunk of chunksAndEnd(bytes)) {
    text += chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    let at = 0;
    for (;;) {
      while (at < text.length && /\s/.test(text[at]!)) at++;
      if (at === text.length) break;
      const sign = text[at]!;
      if (state === 'start' && sign === '[') state = 'row or end';
      else if (state === 'comma or end' && sign === ',') state = 'row';
      else if ((state === 'comma or end' || state === 'row or end') && sign === ']') state = 'end';
      else if ((state === 'row or end' || state === 'row') && sign === '[') {
        const end = text.indexOf(']', at);
        if (end < 0 && text.length - at < LONGEST_ROW) break;
        if (end < 0 || end - at > LONGEST_ROW) throw broken(`a row is longer than ${LONGEST_ROW} characters`);
        const cells = text
          .slice(at + 1, end)
          .split(',')
          .map((cell) => cell.trim());
        const odd = cells.find((cell) => !TOKEN.test(cell));
        if (odd !== undefined) throw broken(`${quote(odd)} is no number`);
        rows++;
        yield cells.map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).trim() : cell));
        at = end;
        state = 'comma or end';
      } else throw broken(`${quote(text.slice(at, at + 20))} was not expected`);
      at++;
    }
    text = text.slice(at);
  }
  if (state !== 'end' || text !== '') throw broken('it ends in the middle');
}

async function* chunksAndEnd(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer | undefined> {
  yield* bytes;
  yield undefined;
}
