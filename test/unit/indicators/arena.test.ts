import { beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/core/hash.js';
import { type Acquired, type Claim, IndicatorArena } from '../../../src/indicators/arena.js';
import { DirectIndicators, MemoIndicators, SharedIndicators } from '../../../src/indicators/columns.js';
import { sma } from '../../../src/indicators/index.js';
import { closes } from '../../helpers/indicator-inputs.js';

const key = (name: string): string => sha256(name);

function claimOf(acquired: Acquired): Claim {
  if (acquired.kind !== 'claimed') throw new Error(`expected a claim, got '${acquired.kind}'`);
  return acquired.claim;
}

describe('IndicatorArena', () => {
  let arena: IndicatorArena;
  beforeEach(() => {
    arena = IndicatorArena.create({ byteLimit: 80, columns: 4 });
  });

  function publish(name: string, values: readonly number[]): void {
    const claim = claimOf(arena.acquire(key(name), values.length, 0));
    const room = arena.allocate(claim, values.length)!;
    room.set(values);
    arena.publish(claim, room);
  }

  it('gives back what was published, to any thread that attaches', () => {
    publish('a', [1, 2, 3]);
    publish('b', [4]);
    expect(IndicatorArena.attach(arena.handle).acquire(key('a'), 3, 0)).toEqual({
      kind: 'ready',
      values: Float64Array.of(1, 2, 3),
    });
    expect(arena.acquire(key('b'), 1, 0)).toEqual({ kind: 'ready', values: Float64Array.of(4) });
    expect(arena.statistics()).toEqual({
      computed: 2,
      sharedHits: 2,
      takenOver: 0,
      withoutRoom: 0,
      bytes: 32,
      byteLimit: 80,
    });
  });

  it('tells keys apart that begin alike', () => {
    const head = '0'.repeat(24);
    for (const [tail, value] of [
      ['00000001', 1],
      ['00000002', 2],
      ['ffffffff', 3],
    ] as const) {
      const claim = claimOf(arena.acquire(head + tail, 1, 0));
      const room = arena.allocate(claim, 1)!;
      room[0] = value;
      arena.publish(claim, room);
    }
    expect(arena.acquire(`${head}00000002`, 1, 0)).toMatchObject({ values: Float64Array.of(2) });
    expect(arena.acquire(`${head}ffffffff`, 1, 0)).toMatchObject({ values: Float64Array.of(3) });
  });

  it('leaves a claim alone while its owner computes', () => {
    arena.acquire(key('a'), 1, 0);
    expect(arena.acquire(key('a'), 1, 0)).toEqual({ kind: 'private' });
  });

  it('hands an abandoned claim to the next who wants it', () => {
    arena.abandon(claimOf(arena.acquire(key('a'), 1, 0)));
    expect(arena.acquire(key('a'), 1, 0).kind).toBe('claimed');
    expect(arena.statistics().takenOver).toBe(1);
  });

  it('takes a claim over after its patience, and its late owner publishes in vain', () => {
    const late = claimOf(arena.acquire(key('a'), 1, 0));
    const lateRoom = arena.allocate(late, 1)!;
    const heir = claimOf(arena.acquire(key('a'), 1, 1));
    arena.publish(late, lateRoom);
    arena.abandon(late);
    expect(arena.acquire(key('a'), 1, 0)).toEqual({ kind: 'private' });
    const room = arena.allocate(heir, 1)!;
    room[0] = 5;
    arena.publish(heir, room);
    expect(arena.acquire(key('a'), 1, 0)).toMatchObject({ values: Float64Array.of(5) });
    expect(arena.statistics().computed).toBe(1);
  });

  it('says so when there is no room, and still serves what fits', () => {
    publish('a', [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(arena.allocate(claimOf(arena.acquire(key('b'), 3, 0)), 3)).toBeUndefined();
    publish('c', [9, 10]);
    expect(arena.statistics()).toMatchObject({ withoutRoom: 1, bytes: 80 });
  });

  it('advises to compute alone when the index is full', () => {
    // 4 columns have 8 slots.
    for (let k = 0; k < 8; k++) expect(arena.acquire(key(`k${k}`), 1, 0).kind).toBe('claimed');
    expect(arena.acquire(key('one more'), 1, 0)).toEqual({ kind: 'private' });
    expect(arena.statistics().withoutRoom).toBe(1);
  });

  it('never gives values of another length', () => {
    publish('a', [1, 2]);
    expect(arena.acquire(key('a'), 3, 0)).toEqual({ kind: 'private' });
  });

  it('forgets everything on reset', () => {
    publish('a', [1]);
    const { generation } = arena;
    arena.reset();
    expect(arena.generation).not.toBe(generation);
    expect(arena.acquire(key('a'), 1, 0).kind).toBe('claimed');
    expect(arena.statistics()).toMatchObject({ computed: 0, sharedHits: 0, bytes: 0 });
  });

  it.each([
    { byteLimit: 0 },
    { byteLimit: -8 },
    { byteLimit: 1.5 },
    { byteLimit: 2 ** 40 },
    { columns: 0 },
    { columns: Number.NaN },
  ])('refuses %o', (options) =>
    expect(() => IndicatorArena.create(options)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' })),
  );

  it('refuses memory that is no arena', () => {
    for (const bytes of [0, 4, 4096])
      expect(() => IndicatorArena.attach(new SharedArrayBuffer(bytes))).toThrow('no indicator arena');
  });

  it('costs nothing before it is used', () => {
    const before = process.memoryUsage.rss();
    const large = IndicatorArena.create();
    expect(large.statistics().byteLimit).toBeGreaterThanOrEqual(2 ** 28);
    expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 26);
  });
});

describe('SharedIndicators', () => {
  it('gives the columns of the arena itself', () => {
    const arena = IndicatorArena.create({ byteLimit: 1024 });
    const first = new SharedIndicators(arena).columns(sma(2), closes('a', [1, 2, 4]));
    const second = new SharedIndicators(IndicatorArena.attach(arena.handle)).columns(sma(2), closes('a', [1, 2, 4]));
    expect(second.outputs.value!.buffer).toBe(first.outputs.value!.buffer);
    expect([...second.outputs.value!]).toEqual([Number.NaN, 1.5, 3]);
    expect(arena.statistics()).toMatchObject({ computed: 1, sharedHits: 1 });
  });

  it('asks the arena once for each column', () => {
    const arena = IndicatorArena.create({ byteLimit: 1024 });
    const source = new SharedIndicators(arena);
    const columns = source.columns(sma(2), closes('a', [1, 2, 4]));
    for (let trial = 0; trial < 10; trial++) expect(source.columns(sma(2), closes('a', [1, 2, 4]))).toBe(columns);
    expect(arena.statistics()).toMatchObject({ computed: 1, sharedHits: 0 });
  });

  it('remembers privately what finds no room, without asking again', () => {
    const arena = IndicatorArena.create({ byteLimit: 8 });
    const source = new SharedIndicators(arena);
    const columns = source.columns(sma(2), closes('a', [1, 2, 4]));
    expect([...columns.outputs.value!]).toEqual([Number.NaN, 1.5, 3]);
    expect(source.columns(sma(2), closes('a', [1, 2, 4]))).toBe(columns);
    expect(arena.statistics()).toMatchObject({ computed: 0, withoutRoom: 1, bytes: 0 });
  });

  it('forgets with the arena', () => {
    const arena = IndicatorArena.create({ byteLimit: 1024 });
    const source = new SharedIndicators(arena);
    source.columns(sma(2), closes('a', [1, 2, 4]));
    arena.reset();
    source.columns(sma(3), closes('a', [1, 2, 6]));
    expect([...source.columns(sma(2), closes('a', [1, 2, 4])).outputs.value!]).toEqual([Number.NaN, 1.5, 3]);
    expect(arena.statistics()).toMatchObject({ computed: 2 });
  });
});

describe('MemoIndicators', () => {
  it('computes once what it may keep', () => {
    const source = new MemoIndicators();
    const columns = source.columns(sma(2), closes('a', [1, 2]));
    expect(source.columns(sma(2), closes('a', [1, 2]))).toBe(columns);
    expect(source.statistics()).toEqual({ computed: 1, hits: 1, bytes: 16 });
  });

  it('never keeps more than its limit', () => {
    const source = new MemoIndicators(40);
    for (let length = 1; length <= 9; length++) {
      source.columns(sma(length), closes('a', [1, 2]));
      expect(source.statistics().bytes).toBeLessThanOrEqual(40);
    }
    source.columns(sma(1), closes('long', [1, 2, 3, 4, 5, 6]));
    expect(source.statistics()).toMatchObject({ computed: 10, hits: 0 });
  });

  it('gives the bits of a recomputation', () => {
    const inputs = closes('a', [1.1, 2.2, 3.3, 4.4]);
    const source = new MemoIndicators();
    source.columns(sma(3), inputs);
    expect(source.columns(sma(3), inputs).outputs).toEqual(new DirectIndicators().columns(sma(3), inputs).outputs);
  });
});
