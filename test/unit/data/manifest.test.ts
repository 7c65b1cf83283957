import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut } from '../../../src/data/layout.js';
import { BLOCK_ROWS, manifestText, parseManifest } from '../../../src/data/manifest.js';
import { blockHashes, bundleVersion } from '../../../src/data/version.js';
import { assetDraft, dailyDraft, days, smallDraft } from '../../helpers/bundle-draft.js';

const manifest = () => layOut(smallDraft()).manifest;

type Json = Record<string, unknown>;

/** The text of a manifest in which the member at a path ('groups.0.times') has other values. */
function changed(path: string, values: Json): string {
  const root = JSON.parse(manifestText(manifest())) as Json;
  const member = path.split('.').reduce((found, key) => (key === '' ? found : (found[key] as Json)), root);
  Object.assign(member, values);
  return JSON.stringify(root);
}

describe('a manifest', () => {
  it('comes back from its text', () => {
    expect(parseManifest(manifestText(manifest()), 'manifest.json')).toEqual(manifest());
  });

  it('has the version that it always had: a change of format is a decision', () => {
    expect(bundleVersion(manifest())).toBe('76afdc51cc7132ebacf9469e650b5bba6644cf4d59e25ca72125dee048e7f695');
  });

  it('has one version for one amount, however it is written', () => {
    const written = (amount: string) => {
      const dividends = [{ symbol: 'AAA', exDate: days(5)[2]!, amount }];
      return bundleVersion(layOut(dailyDraft([assetDraft('AAA', [10, 11, 12])], { dividends })).manifest);
    };
    for (const [one, other] of [
      ['0.5', '0.50'],
      ['0.5', '00.500'],
      ['5', '5.0'],
      ['10', '10.000'],
    ] as const) {
      expect(written(other)).toBe(written(one));
    }
    expect(written('1')).not.toBe(written('10'));
    expect(written('0.5')).not.toBe(written('0.05'));
  });

  it('takes few bytes beside its columns', () => {
    const assets = Array.from({ length: 100 }, (_, i) => assetDraft(`A${i}`, [1, 2, 3]));
    expect(manifestText(layOut(dailyDraft(assets)).manifest).length).toBeLessThan(100_000);
  });

  it.each<[string, string]>([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a file outside', changed('groups.0.times', { file: '../../etc/passwd.f64' })],
    ['a file of another kind', changed('groups.0.times', { file: 'manifest.json' })],
    ['half an offset', changed('groups.0.times', { offset: 4 })],
    ['rows that do not fit', changed('groups.0', { rows: 4 })],
    ['a listing off the axis', changed('groups.0.listings.0', { end: 9 })],
    ['an unknown asset', changed('groups.0.listings.0', { sid: 7 })],
    ['a split of an unknown asset', changed('splits.0', { sid: -1 })],
    ['a missing hash', changed('groups.0.times', { blocks: [] })],
    ['another size of blocks', changed('', { blockRows: 1 })],
    ['a group of an unknown calendar', changed('groups.0', { calendar: 'XNYS' })],
    ['a calendar without closes', changed('calendars.0.sessions', { closes: undefined })],
    ['sessions that do not fit', changed('calendars.0.sessions.opens', { rows: 4 })],
    ['an eighth day of the week', changed('calendars.0', { weekdays: [7] })],
    ['a tick that is text', changed('assets.0', { tick: '0.01' })],
  ])('is refused with %s', (_, text) => {
    expect(() => parseManifest(text, 'manifest.json')).toThrow(
      expect.objectContaining({ code: 'BUNDLE_DAMAGED', exitCode: 3 }),
    );
  });

  it('of another format is told apart from a damaged one', () => {
    const text = changed('', { formatVersion: 1 });
    expect(() => parseManifest(text, 'manifest.json')).toThrow(
      expect.objectContaining({ code: 'BUNDLE_FORMAT', exitCode: 2 }),
    );
  });

  it('never breaks the parser with anything but its two errors', () => {
    const paths = ['assets', 'calendars', 'groups', 'splits', 'dividends', 'blockRows', 'formatVersion'];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (key, value) => {
        try {
          parseManifest(changed('', { [key]: value }), 'manifest.json');
        } catch (error) {
          expect(['BUNDLE_DAMAGED', 'BUNDLE_FORMAT']).toContain((error as { code?: string }).code);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('block hashes', () => {
  it('are one for each begun block, and change for the block that changed alone', () => {
    const column = new Float64Array(2 * BLOCK_ROWS + 1);
    const before = blockHashes(column);
    column[BLOCK_ROWS] = 1;
    const after = blockHashes(column);
    expect(before.map((hash, i) => hash === after[i])).toEqual([true, false, true]);
    expect(before[0]).toBe(before[1]);
  });
});
