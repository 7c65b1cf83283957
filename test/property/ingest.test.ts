import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HindcastError } from '../../src/core/errors.js';
import { orderDraft } from '../../src/data/draft-order.js';
import { buildDraft, type IngestOptions } from '../../src/data/ingest/ingest.js';
import { readNumber } from '../../src/data/ingest/number-cell.js';
import { settleDecimals } from '../../src/data/ingest/precision.js';
import { frameText } from '../../src/data/ingest/text-framing.js';
import { temporaryFiles } from '../helpers/csv-files.js';

const write = temporaryFiles();

/** A decimal of 1 to 15 digits, 0 to 12 of them after the point, as a file writes it, with its exact integer. */
const decimal = fc
  .tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 0, max: 12 }), fc.bigInt({ min: 1n, max: 10n ** 15n - 1n }))
  .map(([digits, decimals, raw]) => {
    const mantissa = (raw % 10n ** BigInt(digits)) + 1n;
    const kept = mantissa > 10n ** 15n - 1n ? mantissa - 1n : mantissa;
    const text = String(kept).padStart(decimals + 1, '0');
    return { kept, decimals, text: decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}` };
  });

describe('decimal prices', () => {
  it('of at most 15 digits round trip exactly through a float64 and its scale', () => {
    let checked = 0;
    fc.assert(
      fc.property(fc.array(decimal, { minLength: 100, maxLength: 100 }), (prices) => {
        for (const { kept, decimals, text } of prices) {
          const column = [readNumber(text) as number];
          const outcome = settleDecimals([column], 'auto');
          if (!('settled' in outcome)) throw new Error(`${text} was refused`);
          const scale = outcome.settled.decimals;
          const integer = BigInt(Math.round(column[0]! * 10 ** scale)) * 10n ** BigInt(decimals - scale);
          if (integer !== kept || outcome.settled.rounded !== 0) throw new Error(`${text} became ${column[0]}`);
          checked++;
        }
      }),
      { numRuns: 1000 },
    );
    expect(checked).toBe(100_000);
  });

  it('printed as float32 come back as they were', () => {
    const price = fc.integer({ min: 100, max: 9_999_99 }).map((cents) => cents / 100);
    fc.assert(
      fc.property(fc.array(price, { minLength: 20, maxLength: 60 }), (prices) => {
        const column = prices.map(Math.fround);
        const outcome = settleDecimals([column], 'auto');
        // With all of them exact in binary, or short, there is nothing to recognise.
        if ('settled' in outcome && outcome.settled.source === 'float32') expect(column).toEqual(prices);
        else expect(prices.some((value) => String(Math.fround(value)).length > 16)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('computed in doubles come back as they were', () => {
    const cents = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(cents, cents, (a, b) => {
        const column = [a / 100 + b / 100, 1.25];
        settleDecimals([column], 'auto');
        expect(column[0]).toBe((a + b) / 100);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a header', () => {
  it('is one line where the next begins with a date or holds values alone', () => {
    const header = ['Date', 'Open', 'High', 'Low', 'Close', 'Volume'];
    const date = fc.constantFrom(
      '2024-01-02',
      '20240102',
      '01/13/2024',
      '13.1.2024',
      '2024-01-02 09:30',
      '1704153600000',
    );
    const value = fc.oneof(
      fc.double().map(String),
      decimal.map(({ text }) => text),
      fc.constantFrom(
        '',
        'null',
        'N/A',
        '#N/A',
        '-',
        '--',
        '+inf',
        '-Infinity',
        '1,234.5',
        '1.234,5',
        "1'234",
        '.5',
        '5.',
        '1E3',
      ),
    );
    const cells = (cell: fc.Arbitrary<string>) => fc.array(cell, { minLength: 5, maxLength: 5 });
    const row = fc.oneof(
      fc.tuple(date, cells(fc.oneof(value, fc.string()))).map(([first, rest]) => [first, ...rest]),
      fc.tuple(fc.constantFrom('', 'NaN', 'total'), cells(value)).map(([first, rest]) => [first, ...rest]),
    );
    fc.assert(
      fc.property(row, (first) => {
        const frame = frameText({ path: 'X.csv', records: [header, first, first] }, 'auto', undefined);
        if (frame.skip !== 1 || frame.columns.some(({ name }, index) => name !== header[index])) {
          throw new Error(`${frame.skip} lines of header: ${frame.columns.map(({ name }) => name).join()}`);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('damaged files', () => {
  const rows = Array.from(
    { length: 12 },
    (_, day) => `2024-01-${String(day + 15).padStart(2, '0')},10.5,12.25,9.75,11.5,${1000 + day}`,
  );
  const plain = Buffer.from(['date,open,high,low,close,volume', ...rows].join('\n'));
  const minutes = Buffer.from(
    [
      'time,symbol,open,high,low,close,volume',
      ...rows.map((row, minute) => `2024-01-16T14:${30 + (minute >> 1)}:00Z,S${minute % 2},${row.slice(11)}`),
    ].join('\n'),
  );
  const events = Buffer.from('symbol,ex_date,ratio\nfuzz,2024-01-17,2\nfuzz,2024-01-19,1/3\nOTHER,2024-01-19,5\n');

  /** Bytes that mean something to some part of the reader, and any other. */
  const byte = fc.oneof(
    fc.constantFrom(...[...',;"\n\r\t .-+:/0159eENnTZ', '\0'].map((char) => char.charCodeAt(0))),
    fc.integer({ min: 0, max: 255 }),
  );
  const damage = fc.array(
    fc.record({ at: fc.nat(100_000), kind: fc.constantFrom('replace', 'insert', 'delete', 'cut', 'double'), byte }),
    { minLength: 1, maxLength: 8 },
  );
  const damaged = (file: Buffer, changes: readonly { at: number; kind: string; byte: number }[]): Buffer => {
    let bytes = [...file];
    for (const { at, kind, byte: value } of changes) {
      const place = at % (bytes.length + 1);
      if (kind === 'replace') bytes[Math.min(place, Math.max(0, bytes.length - 1))] = value;
      else if (kind === 'insert') bytes.splice(place, 0, value);
      else if (kind === 'delete') bytes.splice(place, 1 + (value % 4));
      else if (kind === 'cut') bytes = bytes.slice(0, Math.max(place, bytes.length - 40));
      else bytes.splice(place, 0, ...bytes.slice(place, place + value));
    }
    return Buffer.from(bytes);
  };
  const options = fc.record({
    calendar: fc.constantFrom('auto', 'XNYS', '24/7'),
    missing: fc.constantFrom('fail', 'skip', 'fill'),
    precision: fc.constantFrom('auto', 'exact', 2),
  }) as fc.Arbitrary<Partial<IngestOptions>>;

  /** Whether an ingest ends in a draft that the writer would take (true), or in an error of the family (false); all else throws. */
  async function endsWell(ingest: IngestOptions): Promise<boolean> {
    try {
      const { draft } = await buildDraft(ingest);
      orderDraft(draft);
      return true;
    } catch (error) {
      if (!(error instanceof HindcastError)) throw error;
      return false;
    }
  }

  it.each([
    ['daily bars', plain],
    ['minute bars of two symbols', minutes],
  ])('of %s give a whole draft or an error of the family', async (_, file) => {
    const outcomes = { draft: 0, error: 0 };
    expect(await endsWell({ files: [write('whole.csv', file)] })).toBe(true);
    await fc.assert(
      fc.asyncProperty(damage, options, async (changes, chosen) => {
        const isDraft = await endsWell({ ...chosen, files: [write('fuzz.csv', damaged(file, changes))] });
        outcomes[isDraft ? 'draft' : 'error']++;
      }),
      { numRuns: 1000 },
    );
    expect(outcomes.error).toBeGreaterThan(100);
    expect(outcomes.draft).toBeGreaterThan(0);
  });

  it('of events give a whole draft or an error of the family', async () => {
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const splits = write('events.csv', damaged(events, changes));
        await endsWell({ files: [write('fuzz.csv', plain)], calendar: '24/7', splits });
      }),
      { numRuns: 1000 },
    );
  });
});
