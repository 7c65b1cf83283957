import { sourceHash } from './client-files.js';
import { type Html, html, trusted } from './html.js';

/** What a page is made of. */
export interface PageParts {
  readonly title: string;
  readonly style: string;
  /** Its one script. @defaultValue none: the page forbids all */
  readonly script?: string;
  /** Inside the `main` element. */
  readonly main: Html;
  /** Behind it. @defaultValue nothing */
  readonly after?: Html;
}

/**
 * Returns an HTML page that needs nothing else: its content security policy names its style and its script by hash, and forbids every
 * request.
 */
export function pageOf({ title, style, script, main, after }: PageParts): string {
  const scripts = script === undefined ? '' : `script-src '${sourceHash(script)}'; `;
  const policy = `default-src 'none'; ${scripts}style-src '${sourceHash(style)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Hindcast">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
${main}
</main>
${after !== undefined && html`${after}\n`}${script !== undefined && html`<script>${trusted(script)}</script>\n`}</body>
</html>
`.markup;
}
