import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A place in a module: line and column from 0, as profiles count. */
export interface Position {
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

interface MappedModule {
  readonly map: SourceMap;
  /** Text of each line of the compiled module. */
  readonly lines: readonly string[];
  /** What the map's sources are relative to. */
  readonly base: string;
}

const MARK = '//# sourceMappingURL=data:application/json;base64,';

/**
 * Finds what people wrote behind what a compiler made of it, by the source map at the end of a compiled module. Modules without such a map
 * keep their places.
 */
export class SourcePositions {
  readonly #modules = new Map<string, MappedModule | undefined>();

  /** Returns the place in the source; the same place where nothing is known about it. */
  original(position: Position): Position {
    const module = this.#moduleOf(position.url);
    if (module === undefined) return position;
    const entry = module.map.findEntry(position.line, position.column);
    if (!('originalSource' in entry)) return position;
    const { originalSource, originalLine, originalColumn } = entry;
    return { url: new URL(originalSource, module.base).href, line: originalLine, column: originalColumn };
  }

  /** Returns the line in the source, from 0, of a line of a module. */
  originalLine(url: string, line: number): number {
    const indented = this.#moduleOf(url)?.lines[line];
    // The map of a line begins at its first word: column 0 would still belong to the line before.
    const column = indented === undefined ? 0 : indented.length - indented.trimStart().length;
    return this.original({ url, line, column }).line;
  }

  #moduleOf(url: string): MappedModule | undefined {
    if (!url.startsWith('file:')) return undefined;
    if (!this.#modules.has(url)) this.#modules.set(url, readMap(url));
    return this.#modules.get(url);
  }
}

function readMap(url: string): MappedModule | undefined {
  let text: string;
  try {
    text = readFileSync(fileURLToPath(url), 'utf8');
  } catch {
    // A module that is gone has no map to read: its functions keep the places they had in it.
    return undefined;
  }
  const at = text.lastIndexOf(MARK);
  if (at < 0) return undefined;
  const payload = JSON.parse(Buffer.from(text.slice(at + MARK.length).trim(), 'base64').toString()) as SourceMapPayload;
  return {
    map: new SourceMap(payload),
    lines: text.slice(0, at).split('\n'),
    base: new URL(payload.sourceRoot ?? '', url).href,
  };
}
