/** Markup that is safe to place into a page. */
export interface Html {
  readonly markup: string;
}

type Content = Html | string | number | false | null | undefined | readonly Content[];

/** Builds markup from a template: text is escaped, markup and lists of it pass, false, null and undefined vanish. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return { markup: strings.reduce((text, part, k) => text + markupOf(contents[k - 1]) + part) };
}

/** Marks text as markup: for what the build made, never for what a user gave. */
export const trusted = (markup: string): Html => ({ markup });

/** Returns data as JSON that can stand inside a script element, whatever its strings hold. */
export const jsonForScript = (data: unknown): Html => trusted(JSON.stringify(data).replaceAll('<', '\\u003c'));

function markupOf(content: Content): string {
  if (content === false || content === null || content === undefined) return '';
  if (typeof content === 'string' || typeof content === 'number') return escapeText(String(content));
  return 'markup' in content ? content.markup : content.map(markupOf).join('');
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character]!);
