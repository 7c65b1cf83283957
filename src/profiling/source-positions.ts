import { existsSync, readFileSync } from 'node:fs';
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

/**
 * Finds what people wrote behind what a compiler made of it, by the source map of a compiled module, inline or in a file beside it. Modules without
 * one keep their places.
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

/** Where a compiler writes the map: into the last line, or the name of a file beside the module. */
const MARK = /\n\/\/# sourceMappingURL=(\S+)\s*$/;
const INLINE = /^data:application\/json(?:;charset=utf-8)?;base64,/;

function readMap(url: string): MappedModule | undefined {
  const text = textOf(url);
  const mark = MARK.exec(text ?? '');
  if (text === undefined || mark === null) return undefined;
  const [, place = ''] = mark;
  const json = INLINE.test(place)
    ? Buffer.from(place.replace(INLINE, ''), 'base64').toString()
    : textOf(new URL(place, url).href);
  if (json === undefined) return undefined;
  const payload = JSON.parse(json) as SourceMapPayload;
  const base = new URL(payload.sourceRoot ?? '', url).href;
  return { map: new SourceMap(payload), lines: text.slice(0, mark.index).split('\n'), base };
}

/** A module that is gone, or a map that was not shipped: functions then keep the places they had in the module. */
function textOf(url: string): string | undefined {
  const path = fileURLToPath(url);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
