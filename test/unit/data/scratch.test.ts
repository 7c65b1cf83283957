import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nativeMemory } from '../../../src/data/native-memory.js';
import { afterValues, atRow, releaseScratch, scratchColumn, scratchPlaces } from '../../../src/data/scratch.js';
import { temporaryDirectory } from '../../../src/data/temporary-directory.js';

const ROWS = 2_000_000;
const residentBytes = (): number => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);

describe('a scratch column', () => {
  it('begins with zeros and keeps its values when its memory is let go', () => {
    const column = scratchColumn(ROWS);
    const places = scratchPlaces(ROWS);
    expect(column.length).toBe(ROWS);
    expect(column.every((value) => value === 0)).toBe(true);
    for (let row = 0; row < ROWS; row++) {
      column[row] = row / 7;
      places[row] = row;
    }
    releaseScratch();
    let wrong = 0;
    for (let row = 0; row < ROWS; row++) if (column[row] !== row / 7 || places[row] !== row) wrong++;
    expect(wrong).toBe(0);
    expect([...column.subarray(3, 6)]).toEqual([3 / 7, 4 / 7, 5 / 7]);
  });

  it('leaves no file behind', () => {
    mkdirSync(temporaryDirectory(), { recursive: true });
    const own = () => readdirSync(temporaryDirectory()).filter((name) => name.includes(`~${process.pid}~`));
    const before = own();
    const column = scratchColumn(ROWS);
    column[ROWS - 1] = 5;
    expect(own()).toEqual(before);
    expect(column[ROWS - 1]).toBe(5);
  });

  it.skipIf(nativeMemory() === undefined)('takes no memory beyond what a loop touches between two releases', () => {
    const columns = Array.from({ length: 8 }, () => scratchColumn(4_000_000));
    releaseScratch();
    const before = residentBytes();
    let most = 0;
    for (let row = 0; row < 4_000_000; row++) {
      for (const column of columns) column[row] = row;
      atRow(row);
      if (row % 100_000 === 0) most = Math.max(most, residentBytes());
    }
    for (const column of columns) {
      let sum = 0;
      for (const value of column) sum += value;
      afterValues(column.length);
      expect(sum).toBe((4_000_000 * 3_999_999) / 2);
      most = Math.max(most, residentBytes());
    }
    // The columns are 256 MB together.
    expect(most - before).toBeLessThan(160e6);
  });

  it('lies in memory where it is small, and where files cannot be mapped', () => {
    expect(scratchColumn(10).buffer.byteLength).toBe(80);
    process.env.HINDCAST_NO_MMAP = '1';
    try {
      const column = scratchColumn(ROWS);
      column[7] = 7;
      releaseScratch();
      expect(column[7]).toBe(7);
    } finally {
      process.env.HINDCAST_NO_MMAP = undefined;
      delete process.env.HINDCAST_NO_MMAP;
    }
  });
});
