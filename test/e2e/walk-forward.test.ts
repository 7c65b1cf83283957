import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { browserWanted, openBrowser } from '../helpers/browser.js';
import { type ChildOptions, type ChildRun, hindcastChild } from '../helpers/child-command.js';
import { makeFolder } from '../helpers/folders.js';
import { canonicalJournal, readOptunaJournal } from '../helpers/optuna-journal.js';
import { describeShared, sharedFile } from '../helpers/shared.js';

const MINUTES = 60_000;
const KILLS = Number(process.env.HINDCAST_KILLS ?? 3);
const folder = makeFolder();
afterAll(() => folder.remove());

const at = (name: string): string => join(folder.path, name);
const hindcast = (args: readonly string[], options: Partial<ChildOptions> = {}): Promise<ChildRun> =>
  hindcastChild([...args, '--json'], { home: at('home'), ...options });

/** Five windows of 50 trials. */
const walk = (study: string, ...more: string[]): readonly string[] => [
  ...['walkforward', 'examples/sma-crossover.ts', '--bundle', 'us', '--train', '4y', '--test', '1y', '--windows', '5'],
  ...['--search', 'tpe', '--trials', '50', '--commission', 'percent:0.001', '--purge', '1', '--embargo', '2'],
  ...['--study', study, ...more],
];

interface Document {
  readonly windows: readonly { readonly testReads: number; readonly test: { readonly start: string } }[];
  readonly stitched: { readonly endingEquity: string };
  readonly trials: { readonly total: number };
}

async function documentOf(args: readonly string[]): Promise<Document> {
  const { code, stdout, stderr } = await hindcast(args);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

/** What does not hang on time, place or workers. */
const lasting = ({ windows, stitched, trials }: Document) => ({ windows, stitched, trials });

describeShared('five windows of 50 trials on real prices', 'data/equities/plain-daily', () => {
  const whole = at('whole');
  let found: Document;

  beforeAll(async () => {
    const prices = sharedFile('data/equities/plain-daily');
    const files = readdirSync(prices).map((name) => join(prices, name));
    const events = (kind: string): string => sharedFile(`data/equities/events/${kind}-by-ex-date.csv`);
    await documentOf([
      ...['ingest', 'csv', ...files, '--bundle', 'us', '--calendar', 'XNYS'],
      ...['--splits', events('splits'), '--dividends', events('dividends')],
    ]);
    found = await documentOf(walk(whole, '--jobs', '2', '--report', at('walk.html')));
  }, 3 * MINUTES);

  it('end to end: five tests read once, and five journals that Optuna opens', () => {
    expect(found.windows).toHaveLength(5);
    expect(found.windows.every(({ testReads }) => testReads === 1)).toBe(true);
    expect(found.windows.map(({ test }) => test.start.slice(0, 4))).toEqual(['2002', '2003', '2004', '2005', '2006']);
    expect(found.trials.total).toBe(250);
    for (const name of readdirSync(whole)) {
      const [study] = readOptunaJournal(join(whole, name));
      expect(study!.trials).toHaveLength(50);
    }
    expect(readdirSync(whole)).toHaveLength(5);
  });

  it.each([1, 4])(
    'the same windows one after the other and at the same time: %i workers',
    async (jobs) => {
      const folderOf = at(`jobs-${jobs}`);
      expect(lasting(await documentOf(walk(folderOf, '--jobs', String(jobs))))).toEqual(lasting(found));
      for (const name of readdirSync(whole)) {
        expect(canonicalJournal(join(folderOf, name))).toEqual(canonicalJournal(join(whole, name)));
      }
    },
    2 * MINUTES,
  );

  it(
    `the same after a kill in window 3, and ${KILLS} more anywhere`,
    async () => {
      const study = at('killed');
      const sizeOf = (window: number): number =>
        statSync(join(study, `window-0${window}.log`), { throwIfNoEntry: false })?.size ?? 0;
      const size = statSync(join(whole, 'window-03.log')).size;
      const inThird = await hindcast(walk(study, '--jobs', '1'), {
        signal: 'SIGKILL',
        signalWhen: () => sizeOf(3) >= size / 3,
      });
      expect(inThird).toMatchObject({ code: 'SIGKILL', stdout: '' });
      // One after the other with one worker: the third was being searched, the fourth not begun.
      expect(existsSync(join(study, 'window-04.log'))).toBe(false);
      expect(sizeOf(3)).toBeLessThan(size);
      const random = SeededRandom.derive(3, 'kills');
      for (let kill = 0; kill < KILLS; kill++) {
        const window = random.int(3, 5);
        const bytes = random.int(1, Math.floor(size * 0.9));
        const args = walk(study, '--jobs', String(1 + (kill % 3)));
        await hindcast(args, { signal: 'SIGKILL', signalWhen: () => sizeOf(window) >= bytes });
      }
      expect(lasting(await documentOf(walk(study, '--jobs', '2')))).toEqual(lasting(found));
      for (const name of readdirSync(whole)) {
        expect(canonicalJournal(join(study, name))).toEqual(canonicalJournal(join(whole, name)));
      }
    },
    (2 + KILLS) * MINUTES,
  );

  describe.skipIf(!browserWanted)('its report in a browser', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await openBrowser();
    });
    afterAll(async () => browser?.close());

    it('draws the stitched curve with a band a window, and the drift, without an error or a request', async () => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      const wrong: string[] = [];
      const address = pathToFileURL(at('walk.html')).href;
      page.on('console', (message) => wrong.push(`console: ${message.text()}`));
      page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
      page.on('request', (request) => {
        if (request.url() !== address && !request.url().startsWith('data:')) wrong.push(`request: ${request.url()}`);
      });
      await page.goto(address);
      await page.locator('html[data-drawn="yes"]').waitFor({ state: 'attached' });
      for (const id of ['equity', 'drawdown', 'drift']) {
        // Pixels that are drawn at all, and the share of a row near the top in the band's colour, which is all but transparent.
        const { inked, shaded } = (await page.evaluate(`(() => {
          const canvas = document.querySelector('#${id} canvas');
          const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          const row = Math.round(canvas.height * 0.12) * canvas.width;
          let inked = 0;
          let shaded = 0;
          for (let pixel = 0; pixel < canvas.width * canvas.height; pixel++) {
            const alpha = pixels[4 * pixel + 3];
            if (alpha > 0) inked++;
            if (pixel >= row && pixel < row + canvas.width && alpha > 4 && alpha < 30) shaded++;
          }
          return { inked, shaded: shaded / canvas.width };
        })()`)) as { readonly inked: number; readonly shaded: number };
        expect(inked, id).toBeGreaterThan(3_000);
        if (id !== 'equity') continue;
        // Windows 1, 3 and 5 of five.
        expect(shaded).toBeGreaterThan(0.4);
        expect(shaded).toBeLessThan(0.75);
      }
      expect(await page.locator('#windows tbody tr').count()).toBe(5);
      expect(await page.locator('#drift-table tbody tr').count()).toBe(3);
      expect(Number(await page.locator('#drift').getAttribute('data-points'))).toBe(5);
      await page.locator('#drift').press('ArrowRight');
      await page.locator('#drift .u-value').nth(0).filter({ hasText: '1' }).waitFor();
      // Nothing is wider than the page.
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(wrong).toEqual([]);
      expect(readFileSync(at('walk.html'), 'utf8')).toContain(
        'All parameters were chosen before the first test was read',
      );
    });
  });
});
