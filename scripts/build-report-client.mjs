// Bundles the browser side of the HTML report, chart library included, into two files that the renderer inlines.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Writes page.js and page.css of the report into a folder. The chart library's licence travels at their head. */
export async function buildReportClient(folder = join(root, 'dist', 'report', 'client')) {
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  const licence = readFileSync(join(uplot, 'LICENSE'), 'utf8').trim();
  const notice = `/*! Contains uPlot, https://github.com/leeoniya/uPlot\n\n${licence}\n*/`;
  await build({
    entryPoints: { page: join(root, 'src', 'report', 'client', 'page.ts') },
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['es2022'],
    legalComments: 'none',
    banner: { js: notice, css: notice },
    logLevel: 'warning',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildReportClient();
