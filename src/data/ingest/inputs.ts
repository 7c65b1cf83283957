import type { BarInput } from './row-source.js';
import { textInput } from './text-input.js';

/** Returns the sources that files hold, in the order of their paths, so that nothing depends on the order in which they are named. */
export function openInputs(paths: readonly string[]): BarInput[] {
  return [...paths].sort().map(textInput);
}
