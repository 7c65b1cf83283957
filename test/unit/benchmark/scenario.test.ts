import { describe, expect, it } from 'vitest';
import { readScenarioFile } from '../../../src/benchmark/scenario.js';
import { emptyHome, file } from '../../helpers/command-line.js';

describe('a file of scenarios', () => {
  it('fills in what it does not say, and takes paths from its own folder', () => {
    const folder = emptyHome();
    const path = file(
      folder,
      'bench.yaml',
      `
defaults: { strategy: mine.ts, runs: 12, repeat: 2 }
sequential: true
scenarios:
  - name: files
    baseline: { env: { HINDCAST_NO_MMAP: 1 } }
  - name: other
    bundle: us@12ab
    command: optimize
    search: random
    trials: 5
    runs: 30
    expected: 0.4
    market: { symbols: [A], cash: '5000' }
    candidate: { strategy: other.ts, jobs: 2, params: { fast: 3 }, nodeOptions: [--max-semi-space-size=64], package: ../old }
`,
    );
    const { scenarios, sequential } = readScenarioFile(path);
    expect(sequential).toEqual({ goal: 0.9, small: 0.02, row: 2 });
    expect(scenarios[0]).toMatchObject({
      name: 'files',
      strategy: `${folder}/mine.ts`,
      bundle: { sample: { symbols: 8, sessions: 5200 } },
      command: 'backtest',
      runs: 12,
      repeat: 2,
      life: 'cold',
      time: 'wall',
      memory: 'rss',
      same: false,
      baseline: { env: { HINDCAST_NO_MMAP: '1' } },
      candidate: {},
    });
    expect(scenarios[1]).toMatchObject({
      bundle: 'us@12ab',
      runs: 30,
      expected: 0.4,
      market: { symbols: ['A'], cash: '5000' },
      candidate: {
        strategy: `${folder}/other.ts`,
        jobs: 2,
        params: { fast: '3' },
        nodeOptions: ['--max-semi-space-size=64'],
      },
    });
    expect(scenarios[1]!.candidate.package).toMatch(/^\/.*old$/);
  });

  it('may be JSON', () => {
    const scenarios = [{ name: 'a', strategy: '/s.ts', bundle: { sample: { symbols: 2 } } }];
    const path = file(emptyHome(), 'bench.json', JSON.stringify({ scenarios }));
    expect(readScenarioFile(path)).toMatchObject({
      scenarios: [{ name: 'a', strategy: '/s.ts', bundle: { sample: { symbols: 2, sessions: 5200 } } }],
      sequential: undefined,
    });
  });

  it.each([
    ['scenarios: [', /is neither YAML nor JSON/],
    ['scenarios: []', /scenarios: /],
    ['scenarois: [{ name: a }]', /the file does not know 'scenarois'. Did you mean 'scenarios'\?/],
    ['scenarios: [{ name: a }]', /scenario 'a' has no strategy/],
    ['scenarios: [{ name: a b, strategy: s.ts }]', /scenarios\.0\.name: must be letters/],
    [
      'scenarios: [{ name: a, strategy: s.ts, trails: 5 }]',
      /scenarios\.0 does not know 'trails'. Did you mean 'trials'\?/,
    ],
    [
      'scenarios: [{ name: a, strategy: s.ts, baseline: { evn: {} } }]',
      /baseline does not know 'evn'. Did you mean 'env'\?/,
    ],
    ['scenarios: [{ name: a, strategy: s.ts }, { name: a, strategy: s.ts }]', /two scenarios are named 'a'/],
    [
      'defaults: { lief: warm }\nscenarios: [{ name: a, strategy: s.ts }]',
      /defaults does not know 'lief'. Did you mean 'life'\?/,
    ],
    ['sequential: { goal: 1 }\nscenarios: [{ name: a, strategy: s.ts }]', /sequential/],
    [
      'scenarios: [{ name: a, strategy: s.ts, candidate: { env: { HINDCAST_NOMMAP: 1 } } }]',
      /the candidate of 'a' sets HINDCAST_NOMMAP, which is no flag of Hindcast. Did you mean 'HINDCAST_NO_MMAP'\?/,
    ],
  ])('is refused where it says %s', (text, message) => {
    expect(() => readScenarioFile(file(emptyHome(), 'bench.yaml', text))).toThrow(message);
  });

  it('is refused where it is not there', () => {
    expect(() => readScenarioFile('/no/where.yaml')).toThrow(
      /Scenario file \/no\/where.yaml: cannot be read: there is no such file/,
    );
    expect(() => readScenarioFile(emptyHome())).toThrow(/it is a folder/);
  });
});
