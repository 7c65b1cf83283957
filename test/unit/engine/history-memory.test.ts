import { expect, it } from 'vitest';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { defineStrategy, int, optimize } from '../../../src/index.js';
import { assetDraft, dailyDraft } from '../../helpers/bundle-draft.js';

/** Two assets whose closes are the numbers of their rows, so that a value says when it was known. */
async function countingBundle(rows: number) {
  const closes = Array.from({ length: rows }, (_, row) => row + 1);
  return bundleFromColumns(dailyDraft([assetDraft('AAA', closes), assetDraft('BBB', closes)]));
}

it.each([
  ['equal', {}],
  ['equal', { stopAtDrawdown: 0.5 }],
  [undefined, {}],
] as const)(
  'behind a window lies nothing that its run does not know yet (sleeves: %s, stops: %j)',
  async (sleeves, stops) => {
    using bundle = await countingBundle(600);
    let asked = 0;
    let latest = 0;
    const strategy = defineStrategy({
      parameters: { count: int(2, 8) },
      ...(sleeves === undefined ? {} : { sleeves }),
      handleData({ assets }, data, { count }) {
        const now = data.close(assets[0]!);
        const windows = [
          data.history(assets[0]!, 'close', count, '1d', { returnType: 'array' }),
          data.history(assets[0]!, 'close', count, '1d').column(assets[0]!, 'close'),
        ];
        for (const window of windows) {
          expect(window.at(-1)).toBe(now);
          const behind = new Float64Array((window as Float64Array).buffer as ArrayBuffer);
          // What is not a number lies before the first bar.
          for (const value of behind) if (value - now > latest) latest = value - now;
          asked++;
        }
      },
    });
    await using study = await optimize(strategy, { bundle, search: 'grid', jobs: 1, ...stops });
    const states = [];
    for await (const { state, error } of study.trials() as AsyncIterable<{ state: string; error?: unknown }>)
      states.push(error ?? state);
    expect(new Set(states)).toEqual(new Set(['pruned']));
    expect(asked).toBeGreaterThan(8000);
    expect(latest).toBe(0);
  },
);
