import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Searches in its own thread, says so, and detaches a buffer. */
const PROGRAM = `
  import { defineStrategy, int, optimize, sma } from 'hindcast';
  import { bundleFromColumns, sampleMarket } from 'hindcast/data';
  const strategy = defineStrategy({
    parameters: { bars: int(2, 9) },
    initialize: ({ asset, indicator }, { bars }) => ({ asset, mean: indicator(sma(bars), asset) }),
    handleData({ state: { asset, mean }, order }, data) {
      if (data.close(asset) > mean.value) order.notional(asset, 'all');
      else order.target(asset, 0);
    },
  });
  const bundle = await bundleFromColumns(sampleMarket({ symbols: 1, sessions: 300 }));
  const { counts } = await optimize(strategy, { bundle, search: 'grid', jobs: 1 });
  console.log('trials:', counts.complete);
  const { buffer } = new Float64Array(8);
  structuredClone(buffer, { transfer: [buffer] });
  console.log('detached');
`;

// From the first buffer on that is detached, V8 has all compiled code of a thread ask of every typed array whether it still has its memory:
// a tenth of a sweep (docs/decisions/metrics-in-one-pass.md).
it('detaches no buffer in a thread that runs trials', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--trace-protector-invalidation', '--input-type=module', '--eval', PROGRAM],
    { cwd: root },
  );
  const lines = stdout.split('\n').filter((line) => /trials|etach/.test(line));
  expect(lines).toEqual(['trials: 8', 'Invalidating protector cell ArrayBufferDetaching', 'detached']);
});
