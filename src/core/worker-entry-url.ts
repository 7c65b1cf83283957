/**
 * Returns the URL of a thread's entry file beside a module. Threads load built JavaScript: for a module that itself runs
 * from TypeScript source the same path under `dist` is taken.
 *
 * @param importMetaUrl - the caller's `import.meta.url`
 * @param path - relative to the caller, ending in `.js`
 */
export function workerEntry(importMetaUrl: string, path: string): URL {
  const url = new URL(path, importMetaUrl);
  if (!importMetaUrl.endsWith('.ts')) return url;
  const at = url.href.lastIndexOf('/src/');
  return at < 0 ? url : new URL(`${url.href.slice(0, at)}/dist/${url.href.slice(at + '/src/'.length)}`);
}
