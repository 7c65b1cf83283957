import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/helpers/longest-first.js';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Money and search: where a wrong line costs most. */
const strict = { lines: 95 };

export default defineConfig({
  resolve: {
    alias: [
      { find: /^hindcast$/, replacement: source('./src/index.ts') },
      { find: /^hindcast\/(data|optimize|metrics|validate|benchmark)$/, replacement: source('./src/$1/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/memory-folder.ts', 'test/helpers/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Test files share the modules of a process: they leave nothing behind in them, and importing the library for each is a sixth of the time.
    isolate: false,
    // A cache that fails is a bug here, not a slower run.
    env: { HINDCAST_STRICT_CACHES: '1' },
    // The default leaves a core to the watcher, which a single run has not.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // What runs in another process, thread or browser, where this provider cannot count: end-to-end tests run it.
      exclude: ['src/cli/main.ts', 'src/**/*-entry.ts', 'src/report/client/**'],
      reportOnFailure: true,
      reporter: ['text-summary', 'json-summary', 'lcovonly'],
      thresholds: {
        lines: 90,
        'src/core/**': strict,
        'src/portfolio/**': strict,
        'src/execution/**': strict,
        'src/optimize/**': strict,
      },
    },
  },
});
