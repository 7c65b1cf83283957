import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatheredColumns, PreGroupedData } from '../../src/data/pre-grouped-data.js';

const name = (asset: number, field = 'close', version = 'v1') => ({
  bundle: 'us',
  version,
  asset: `${version}/0/${asset}`,
  field,
});

describe('PreGroupedData', () => {
  it('never keeps more than its limit, gives what was gathered, and lets the least recently used go first', () => {
    const request = fc.record({ asset: fc.nat({ max: 7 }), field: fc.constantFrom('open', 'close') });
    const rows = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(fc.nat({ max: 300 }), rows, fc.array(request, { maxLength: 60 }), (limit, lengths, requests) => {
        const data = new PreGroupedData(limit);
        /** What an LRU of this limit holds, the least recent first. */
        const model: { key: string; bytes: number }[] = [];
        for (const { asset, field } of requests) {
          const key = `${asset} ${field}`;
          const column = new Float64Array(lengths[asset]!).fill(asset);
          const at = model.findIndex((kept) => kept.key === key);
          let gathered = 0;
          const found = data.column(name(asset, field), () => {
            gathered++;
            return column;
          });
          expect([...found]).toEqual([...column]);
          expect(gathered).toBe(at < 0 ? 1 : 0);
          const kept = at < 0 ? { key, bytes: column.byteLength } : model.splice(at, 1)[0]!;
          if (kept.bytes <= limit) {
            model.push(kept);
            while (model.reduce((sum, { bytes }) => sum + bytes, 0) > limit) model.shift();
          }
          const { bytes } = data.statistics;
          expect(bytes).toBe(model.reduce((sum, each) => sum + each.bytes, 0));
          expect(bytes).toBeLessThanOrEqual(limit);
        }
        const { hits, misses } = data.statistics;
        expect(hits + misses).toBe(requests.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('lets the columns of an older version go when its name has a new one', () => {
    const data = new PreGroupedData(1000);
    data.column(name(0), () => new Float64Array(3));
    data.column({ ...name(0), bundle: 'eu', asset: 'eu/0/0' }, () => new Float64Array(5));
    expect(data.statistics.bytes).toBe(64);
    data.column(name(0, 'close', 'v2'), () => new Float64Array(4));
    expect(data.statistics).toMatchObject({ bytes: 72, evictions: 0 });
    let gathered = 0;
    data.column(name(0), () => {
      gathered++;
      return new Float64Array(3);
    });
    expect(gathered).toBe(1);
  });

  it('refuses a limit that is none', () => {
    expect(() => new PreGroupedData(-1)).toThrow(expect.objectContaining({ code: 'OUT_OF_RANGE' }));
    expect(() => new PreGroupedData(Number.NaN)).toThrow(expect.objectContaining({ code: 'NOT_AN_INTEGER' }));
  });

  it('gathered for each run, a column is memory of its own', () => {
    const columns = new GatheredColumns();
    const own = Float64Array.of(1, 2);
    const first = columns.column(name(0), () => own) as Float64Array;
    expect([...first]).toEqual([1, 2]);
    expect(first.buffer).not.toBe(own.buffer);
    columns.column(name(0), () => own);
    expect(columns.statistics).toEqual({ hits: 0, misses: 2, evictions: 0, bytes: 0 });
  });
});
