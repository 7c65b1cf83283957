#!/usr/bin/env node
import { processIo } from './process-io.js';
import { run } from './program.js';

// Not process.exit at once: what is still on its way into a pipe would be lost.
process.exitCode = await run(process.argv, processIo());
// A request that a library of the user's makes and cannot take back must not hold what was interrupted.
if (process.exitCode === 130) process.stdout.write('', () => process.stderr.write('', () => process.exit()));
