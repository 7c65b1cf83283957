// Prints "PASSED FAILED SKIPPED" of a run that Vitest's JSON reporter wrote; a file that failed to load counts as one failed test.
import { readFileSync } from 'node:fs';

const { numPassedTests, numFailedTests, numTotalTests, testResults } = JSON.parse(
  readFileSync(process.argv[2], 'utf8'),
);
const unloaded = testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
).length;
console.log(numPassedTests, numFailedTests + unloaded, numTotalTests - numPassedTests - numFailedTests);
