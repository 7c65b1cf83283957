import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placeOf } from '../../src/profiling/places.js';
import { reportRobustness } from '../../src/report/from-robustness.js';
import { renderReport } from '../../src/report/html-report.js';
import type { ReportModel } from '../../src/report/report-model.js';
import { browserWanted, openBrowser } from '../helpers/browser.js';
import { sampleProfile } from '../helpers/call-trees.js';
import {
  sampleBacktest,
  sampleOverfitting,
  sampleRandomStudy,
  sampleRobustness,
  sampleRun,
  sampleStudy,
} from '../helpers/report-models.js';

interface Viewport {
  readonly width: number;
  readonly height: number;
}

describe.skipIf(!browserWanted)('the report in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-report-'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a model's page from disk, gives it to the body, and returns what went wrong: errors and requests. */
  async function visit(
    model: ReportModel,
    body: (page: Page) => Promise<void>,
    options: BrowserContextOptions = {},
  ): Promise<string[]> {
    const file = join(folder, 'report.html');
    writeFileSync(file, renderReport(model));
    const address = pathToFileURL(file).href;
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const wrong: string[] = [];
    try {
      const page = await context.newPage();
      page.on('console', (message) => wrong.push(`console: ${message.text()}`));
      page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
      page.on('request', (request) => {
        if (request.url() !== address && !request.url().startsWith('data:')) wrong.push(`request: ${request.url()}`);
      });
      await page.goto(address);
      await page.locator('html[data-drawn="yes"]').waitFor({ state: 'attached' });
      await body(page);
    } finally {
      await context.close();
    }
    return wrong;
  }

  /** Counts the pixels of a chart's canvas that are not transparent. */
  const inked = (page: Page, id: string): Promise<number> =>
    page.evaluate(`(() => {
      const canvas = document.querySelector('#${id} canvas');
      const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      let count = 0;
      for (let k = 3; k < pixels.length; k += 4) if (pixels[k] > 0) count++;
      return count;
    })()`);

  const points = async (page: Page, id: string): Promise<number> =>
    Number(await page.locator(`#${id}`).getAttribute('data-points'));

  /** Visits a model's page on a wide and on a narrow screen; nothing may go wrong on either. */
  async function onEveryScreen(
    model: ReportModel,
    body: (page: Page, viewport: Viewport) => Promise<void>,
  ): Promise<void> {
    for (const viewport of [
      { width: 1280, height: 900 },
      { width: 390, height: 800 },
    ]) {
      expect(await visit(model, (page) => body(page, viewport), { viewport })).toEqual([]);
    }
  }

  /** Holds that what a selector finds lies within the screen and has a height. */
  async function expectInside(page: Page, selector: string, viewport: Viewport): Promise<void> {
    for (const box of await page.locator(selector).all()) {
      const { x, width, height } = (await box.boundingBox())!;
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(viewport.width);
      expect(height).toBeGreaterThan(40);
    }
  }

  it('draws every chart of a study, without an error or a request', async () => {
    const wrong = await visit(sampleStudy(), async (page) => {
      for (const id of ['equity', 'drawdown', 'history']) {
        expect(await inked(page, id), id).toBeGreaterThan(5_000);
      }
      expect(await points(page, 'history')).toBe(1_100);
      expect(await points(page, 'equity')).toBe(await points(page, 'drawdown'));
      expect(await page.locator('#heat rect[data-cell]').count()).toBe(110);
      expect(await page.locator('#heat rect.cell').count()).toBe(109);
      expect(await page.locator('#top tbody tr').count()).toBe(20);
    });
    expect(wrong).toEqual([]);
  });

  it('shows the statistics of luck within the page, on wide and narrow screens', async () => {
    await onEveryScreen(sampleStudy({ overfitting: sampleOverfitting() }), async (page, viewport) => {
      expect(await page.locator('#luck .finding').count()).toBe(11);
      expect(await page.locator('#luck svg').count()).toBe(2);
      await expectInside(page, '#luck svg, #luck .finding', viewport);
    });
  });

  it('shows the tests of a run within the page, on wide and narrow screens', async () => {
    await onEveryScreen(sampleStudy({ robustness: reportRobustness(sampleRobustness()) }), async (page, viewport) => {
      await expectInside(page, '#robustness svg, #robustness figure, #robustness .scroll', viewport);
    });
  });

  it('shows where the time went within the page, on wide and narrow screens', async () => {
    const profile = { ...sampleProfile(), placeOf, remarks: ['A sample every 200 microseconds.'] };
    await onEveryScreen(sampleBacktest({ profile }), async (page, viewport) => {
      expect(await page.locator('#profile svg .bar').count()).toBe(14);
      await expectInside(page, '#profile .scroll', viewport);
    });
  });

  it('shows which parameters matter within the page, on wide and narrow screens', async () => {
    const importance = {
      trials: 1_090,
      predicted: 0.9,
      parameters: [
        { name: 'slow', share: 0.6, permutation: 1.2 },
        { name: 'fast', share: 0.3, permutation: 0.5 },
      ],
      interactions: [{ names: ['fast', 'slow'] as const, share: 0.1 }],
      higher: 0,
    };
    await onEveryScreen(sampleStudy({ importance }), async (page, viewport) => {
      const bars = await page.locator('#importance svg rect').all();
      const widths = await Promise.all(bars.map(async (bar) => (await bar.boundingBox())!.width));
      expect(widths).toHaveLength(3);
      expect(widths[0]! / widths[1]!).toBeCloseTo(2, 1);
      const { x, width } = (await page.locator('#importance').boundingBox())!;
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(viewport.width);
    });
  });

  it('reads out a cell under the pointer and from the keyboard, over any two parameters', async () => {
    const wrong = await visit(sampleStudy(), async (page) => {
      const readout = page.locator('#heat-readout');
      await page.locator('#heat rect[data-cell="0"]').hover();
      expect(await readout.textContent()).toMatch(
        /^fast 5, slow 50: best sharpe .* \(trial #\d\), mean .* of 10 trials$/,
      );
      await page.locator('#heat').press('ArrowRight');
      expect(await readout.textContent()).toMatch(/^fast 10, slow 50: /);
      await page.locator('#heat').press('ArrowUp');
      expect(await readout.textContent()).toMatch(/^fast 10, slow 65: /);
      const fill = (): Promise<string | null> => page.locator('#heat rect[data-cell="11"]').getAttribute('fill');
      const best = await fill();
      await page.locator('#heat-by').selectOption('mean');
      expect(await fill()).not.toBe(best);
      await page.locator('#heat-x').selectOption('threshold');
      expect(await page.locator('#heat rect[data-cell]').count()).toBe(110);
      await page.locator('#heat').press('ArrowRight');
      expect(await readout.textContent()).toMatch(/^threshold 0\.001, slow 50: /);
      await page.locator('#heat-y').selectOption('threshold');
      expect(await page.locator('#heat-x').inputValue()).toBe('slow');
      await page.locator('#heat').press('ArrowRight');
      expect(await readout.textContent()).toMatch(/^slow 50, threshold 0\.001: /);
    });
    expect(wrong).toEqual([]);
  });

  it('reads out the equity from the keyboard, on both curves at once', async () => {
    const wrong = await visit(sampleBacktest(), async (page) => {
      await page.locator('#equity').press('ArrowRight');
      await page.locator('#equity .u-value').nth(0).filter({ hasText: '1998-01-02' }).waitFor();
      await page.locator('#drawdown .u-value').nth(0).filter({ hasText: '1998-01-02' }).waitFor();
      expect(await page.locator('#equity .u-value').nth(1).textContent()).toMatch(/^\d+,\d{3}/);
    });
    expect(wrong).toEqual([]);
  });

  it('sorts the top trials by any column, both ways', async () => {
    const wrong = await visit(sampleStudy(), async (page) => {
      const firsts = async (): Promise<number[]> =>
        (await page.locator('#top tbody tr td:nth-child(2)').allTextContents()).map(Number);
      const header = page.getByRole('button', { name: 'fast' });
      await header.click();
      expect(await firsts()).toEqual([...(await firsts())].sort((a, b) => a - b));
      await header.press('Enter');
      expect(await firsts()).toEqual([...(await firsts())].sort((a, b) => b - a));
      expect(await page.locator('#top th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    { colorScheme: 'light', width: 390 },
    { colorScheme: 'dark', width: 390 },
    { colorScheme: 'dark', width: 1280 },
  ] as const)('fits $width pixels in the $colorScheme scheme', async ({ colorScheme, width }) => {
    const wrong = await visit(
      sampleStudy(),
      async (page) => {
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
        const brightness = Number(/\d+/.exec(background)![0]);
        if (colorScheme === 'dark') expect(brightness).toBeLessThan(50);
        else expect(brightness).toBeGreaterThan(200);
      },
      { colorScheme, viewport: { width, height: 844 } },
    );
    expect(wrong).toEqual([]);
  });

  it('shows hostile names as text', async () => {
    const evil = '</script><script>alert(1)</script>"\'<b>';
    const wrong = await visit(sampleBacktest({ title: evil, run: sampleRun(500, 4, evil) }), async (page) => {
      expect(await page.locator('h1').textContent()).toBe(evil);
      expect(await page.locator('#fills tbody td').nth(1).textContent()).toBe(evil);
      expect(await inked(page, 'equity')).toBeGreaterThan(1_000);
    });
    expect(wrong).toEqual([]);
  });

  it('draws 41,000 bars and 100,000 trials', async () => {
    const study = sampleRandomStudy(100_000);
    const model = { ...study, best: { ...sampleRun(41_000, 5_000), number: study.best!.number } };
    const wrong = await visit(model, async (page) => {
      expect(await points(page, 'history')).toBe(100_000);
      expect(await points(page, 'equity')).toBeLessThanOrEqual(4_802);
      expect(await inked(page, 'history')).toBeGreaterThan(50_000);
      expect(await page.locator('#heat rect[data-cell]').count()).toBe(24 * 24);
    });
    expect(wrong).toEqual([]);
  });

  it('has no chart without data, and says so', async () => {
    const trials = [{ number: 0, params: { fast: 5 }, value: null, state: 'failed' as const }];
    const wrong = await visit(sampleStudy({ best: undefined, top: [], trials }), async (page) => {
      expect(await page.locator('#heat').textContent()).toBe('Nothing to draw.');
    });
    expect(wrong).toEqual([]);
  });
});
