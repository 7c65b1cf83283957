// Prints "PASSED FAILED SKIPPED" of runs that Vitest's JSON reporter wrote; a file that failed to load counts as one failed test.
// Usage: node scripts/count-tests.mjs RESULTS.json...
import { readFileSync } from 'node:fs';

let [passed, failed, skipped] = [0, 0, 0];
for (const path of process.argv.slice(2)) {
  const { numPassedTests, numFailedTests, numTotalTests, testResults } = JSON.parse(readFileSync(path, 'utf8'));
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  passed += numPassedTests;
  failed += numFailedTests + unloaded;
  skipped += numTotalTests - numPassedTests - numFailedTests;
}
console.log(passed, failed, skipped);
