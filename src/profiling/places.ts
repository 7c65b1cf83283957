import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Frame, Place } from './call-tree.js';

const packageRoot = new URL('../../', import.meta.url).href;

/** Returns whose a function is and where, by the address of its module. */
export function placeOf({ url }: Pick<Frame, 'url'>, folder: string = process.cwd()): Place {
  if (url === '') return { owner: 'native', file: '' };
  if (url.startsWith('node:')) return { owner: 'node', file: url };
  if (!url.startsWith('file:')) return { owner: 'library', file: url };
  const path = fileURLToPath(url);
  const library = path.lastIndexOf('node_modules/');
  const isOurs = url.startsWith(`${packageRoot}dist/`) || url.startsWith(`${packageRoot}src/`);
  if (isOurs) return { owner: 'hindcast', file: url.slice(packageRoot.length) };
  if (library >= 0) return { owner: 'library', file: path.slice(library) };
  const near = relative(folder, path);
  return { owner: 'strategy', file: near.startsWith('..') || isAbsolute(near) ? path : near };
}
