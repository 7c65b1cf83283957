/**
 * What each door of the package exports, by name, types included: the promise that a version number is about.
 * A change here is a decision, and belongs in CHANGELOG.md.
 */
export const publicSurface: Readonly<Record<string, readonly string[]>> = {
  '.': [],
  './data': [],
  './optimize': [],
  './metrics': [],
};
