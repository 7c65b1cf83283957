import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const candidates = [
  process.env.HINDCAST_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of a Chromium on this machine, or undefined. */
export const browserPath = candidates.find((path) => path !== undefined && existsSync(path));

/** Whether tests in a browser run: where one is, and always where HINDCAST_REQUIRE_ALL=1 demands everything. */
export const browserWanted = browserPath !== undefined || process.env.HINDCAST_REQUIRE_ALL === '1';

/** Starts a headless browser that asks the network for nothing of its own. */
export function openBrowser(): Promise<Browser> {
  if (browserPath === undefined) throw new Error('no Chromium found: install chromium, or set HINDCAST_CHROMIUM');
  return chromium.launch({
    executablePath: browserPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
