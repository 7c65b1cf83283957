import { describe, expect, it } from 'vitest';
import { DataError } from '../../../../src/core/errors.js';
import { buildDraft } from '../../../../src/data/ingest/ingest.js';
import { chooseMembers, zipMembers } from '../../../../src/data/ingest/zip-archive.js';
import { temporaryFiles } from '../../../helpers/csv-files.js';
import { type MemberDraft, zipOf } from '../../../helpers/zip-files.js';

const write = temporaryFiles();
let files = 0;
const archive = (members: readonly MemberDraft[], options = {}): string =>
  write(`archive-${++files}.zip`, zipOf(members, options));
const CSV = 'date,open,high,low,close,volume\n2024-01-02,10,12,9,11,100\n2024-01-03,10,12,9,11,100\n';
const bars = (name: string, change: Partial<MemberDraft> = {}): MemberDraft => ({ name, content: CSV, ...change });

async function textOf(path: string): Promise<string> {
  const [member] = await zipMembers(path);
  const chunks: Buffer[] = [];
  for await (const chunk of member!.open()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function refusal(work: Promise<unknown>): Promise<DataError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
}

describe('a zip archive', () => {
  it.each([
    ['deflated', [bars('a.csv')], {}],
    ['stored', [bars('a.csv', { deflate: false })], {}],
    ['with a comment that looks like an end', [bars('a.csv')], { comment: 'PK\u0005\u0006 is how an end begins' }],
    ['with zip64 sizes', [bars('a.csv', { zip64: true })], {}],
    ['with a zip64 directory', [bars('a.csv')], { zip64: true }],
  ])('%s gives its bytes', async (_, members, options) => {
    expect(await textOf(archive(members, options))).toBe(CSV);
  });

  it('lists files without folders and what macOS adds', async () => {
    const path = archive([
      { name: 'prices/', content: '' },
      bars('prices/A.csv'),
      { name: '__MACOSX/prices/._A.csv', content: 'x' },
      { name: 'prices/.DS_Store', content: 'x' },
    ]);
    expect((await zipMembers(path)).map(({ name, size }) => [name, size])).toEqual([['prices/A.csv', CSV.length]]);
  });

  it.each([
    ['../escape.csv'],
    ['a/../../escape.csv'],
    ['/etc/escape.csv'],
    ['C:/escape.csv'],
    ['..\\escape.csv'],
    ['a\0.csv'],
    [''],
  ])('with a member named %j is refused', async (name) => {
    expect((await refusal(zipMembers(archive([bars('A.csv'), bars(name)])))).code).toBe('ZIP_PATH');
  });

  it.each<[string, readonly MemberDraft[], RegExp]>([
    ['encrypted', [bars('a.csv', { flags: 1 })], /'a.csv' is encrypted/],
    ['packed by another method', [bars('a.csv', { method: 14 })], /packed by method 14/],
    ['with two names of one member', [bars('a.csv', { localName: 'b.csv' })], /another name beside its bytes/],
    ['stored in two sizes', [bars('a.csv', { deflate: false, size: 5 })], /two sizes/],
  ])('that is %s is refused', async (_, members, message) => {
    const error = await refusal(zipMembers(archive(members)));
    expect(error.code).toBe('BAD_ZIP');
    expect(error.message).toMatch(message);
  });

  it.each<[string, Partial<MemberDraft>, RegExp]>([
    ['another checksum', { crc: 1 }, /another checksum/],
    ['fewer bytes', { size: CSV.length - 1 }, /longer than it says/],
    ['more bytes', { size: CSV.length + 1 }, new RegExp(`ends after ${CSV.length} of`)],
  ])('whose member promises %s fails while it is read', async (_, change, message) => {
    const error = await refusal(textOf(archive([bars('a.csv', change)])));
    expect(error.code).toBe('BAD_ZIP');
    expect(error.message).toMatch(message);
  });

  it('that would inflate without measure is refused before it is read', async () => {
    const error = await refusal(zipMembers(archive([{ name: 'bomb.csv', content: Buffer.alloc(80 << 20) }])));
    expect(error.code).toBe('ZIP_BOMB');
    // A small one is harmless, whatever its ratio.
    expect(await zipMembers(archive([{ name: 'flat.csv', content: Buffer.alloc(1 << 20) }]))).toHaveLength(1);
  });

  it('whose members share bytes is refused', async () => {
    const bytes = zipOf([bars('a.csv'), bars('b.csv')]);
    // The second entry of the directory points at the first member, which has another name: either is a contradiction.
    const second = bytes.lastIndexOf(Buffer.from('PK\u0001\u0002'));
    bytes.writeUInt32LE(0, second + 42);
    expect((await refusal(zipMembers(write('shared.zip', bytes)))).code).toBe('BAD_ZIP');
    const twins = zipOf([bars('a.csv'), bars('a.csv')]);
    twins.writeUInt32LE(0, twins.lastIndexOf(Buffer.from('PK\u0001\u0002')) + 42);
    expect((await refusal(zipMembers(write('twins.zip', twins)))).message).toMatch(/share bytes/);
  });

  it('cut anywhere is refused, whole or nothing', async () => {
    const whole = zipOf([bars('a.csv')]);
    for (let length = 1; length < whole.length; length++) {
      const error = await refusal(zipMembers(write('cut.zip', whole.subarray(0, length))));
      expect(error.code).toBe('BAD_ZIP');
    }
    await expect(zipMembers(write('cut.zip', whole))).resolves.toHaveLength(1);
  });
});

describe('the members that are meant', () => {
  const two = async () => zipMembers(archive([bars('a.csv'), bars('b.csv'), bars('notes.txt')]));
  const names = (chosen: readonly { readonly name: string }[]): string[] => chosen.map(({ name }) => name);

  it('are the only one, the one that is named, or all that fit a pattern', async () => {
    expect(names(chooseMembers(await zipMembers(archive([bars('x.csv')])), undefined, 'z'))).toEqual(['x.csv']);
    expect(names(chooseMembers(await two(), 'b.csv', 'z'))).toEqual(['b.csv']);
    expect(names(chooseMembers(await two(), '*.csv', 'z'))).toEqual(['a.csv', 'b.csv']);
    expect(names(chooseMembers(await two(), '*', 'z'))).toHaveLength(3);
  });

  it('are asked for where nobody can know, naming what there is', async () => {
    const path = archive([bars('a.csv'), bars('b.csv')]);
    const error = await refusal(buildDraft({ files: [path] }));
    expect(error.code).toBe('ZIP_MEMBERS');
    expect(error.message).toMatch(/holds 2 files: a.csv, b.csv. Name the one that is meant, --member a.csv/);
    expect((await refusal(buildDraft({ files: [path], member: 'c.csv' }))).message).toMatch(/no file 'c.csv'/);
    const { draft, report } = await buildDraft({ files: [path], member: '*' });
    expect(draft.groups[0]!.assets.map(({ symbol }) => symbol)).toEqual(['a', 'b']);
    expect(report.files.map(({ file }) => file.replace(/archive-\d+/, 'archive'))).toEqual([
      'archive.zip/a.csv',
      'archive.zip/b.csv',
    ]);
  });

  it('are none in an empty archive', async () => {
    expect((await refusal(buildDraft({ files: [archive([])] }))).code).toBe('ZIP_MEMBERS');
  });
});
