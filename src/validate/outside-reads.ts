import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Modules of Node through which a strategy reaches what no cut of the market changes. */
const OUTSIDE = ['fs', 'fs/promises', 'child_process', 'http', 'https', 'http2', 'net', 'dgram', 'sqlite'];

/** Returns the modules of Node by which a compiled strategy could read files, other programs or the network, sorted. */
export function outsideReads(url: string): string[] {
  const text = readFileSync(fileURLToPath(url), 'utf8');
  return OUTSIDE.filter((name) => new RegExp(`["'](?:node:)?${name}["']`).test(text)).map((name) => `node:${name}`);
}
