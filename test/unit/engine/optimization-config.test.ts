import { describe, expect, it } from 'vitest';
import {
  CACHE_FLAGS,
  FLAG_FACTS,
  flagsOfLayer,
  OptimizationConfig,
  settingsOf,
} from '../../../src/engine/optimization-config.js';

const { fromDefaults, disableAll, enableLayer } = OptimizationConfig;
const flagsOn = ({ settings }: OptimizationConfig): string[] => CACHE_FLAGS.filter((flag) => settings[flag]);

describe('OptimizationConfig', () => {
  it('has all flags on by default, and the limits that are documented', () => {
    const config = fromDefaults({});
    expect(flagsOn(config)).toEqual([...CACHE_FLAGS]);
    expect(config.settings.limits).toEqual({
      columnBytes: 2_147_483_648,
      historyWindows: [20, 50, 200],
      historyEntries: 256,
      historyBytes: 67_108_864,
    });
    expect(config.settings.onFailure).toBe('fall-back');
  });

  it.each(CACHE_FLAGS)('%s is overridden by its variable, in any of the words', (flag) => {
    const { variable } = FLAG_FACTS[flag];
    for (const text of ['0', 'false', 'off', 'OFF', 'False']) {
      expect(flagsOn(fromDefaults({ [variable]: text }))).toEqual(CACHE_FLAGS.filter((other) => other !== flag));
    }
    for (const text of ['1', 'true', 'on', 'On', '']) {
      expect(flagsOn(fromDefaults({ [variable]: text }))).toEqual([...CACHE_FLAGS]);
    }
    expect(() => fromDefaults({ [variable]: 'ture' })).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        code: 'INVALID_CACHE_VARIABLE',
        message: `${variable} is 'ture', but is one of 1, true, on, or 0, false, off. Did you mean 'true'?`,
      }),
    );
  });

  it('reads the environment of the process unless it is given another', () => {
    expect(process.env.HINDCAST_STRICT_CACHES).toBe('1');
    expect(fromDefaults().settings.onFailure).toBe('throw');
    expect(settingsOf(undefined)).toEqual(fromDefaults().settings);
  });

  it('is off altogether after disableAll, whatever the environment says, and on by layers', () => {
    expect(flagsOn(disableAll())).toEqual([]);
    expect(flagsOn(enableLayer(1))).toEqual(['assetCache', 'pregroupedColumns', 'indicatorCache']);
    expect(flagsOn(enableLayer(2))).toEqual(['arrayReturn', 'historyCache']);
    expect(flagsOn(enableLayer(3))).toEqual(['bundlePool', 'sharedBundle', 'persistentPool']);
    expect(flagsOn(enableLayer(1).enableLayer(3))).toEqual([...flagsOfLayer(1), ...flagsOfLayer(3)]);
    expect(flagsOn(enableLayer(1).enableLayer(2).enableLayer(3))).toEqual([...CACHE_FLAGS]);
    expect(() => enableLayer(4 as never)).toThrow(/There is no layer 4 of caches/);
  });

  it('changes by copies: nothing changes one that is in use', () => {
    const config = fromDefaults({});
    const changed = config.with({ historyCache: false, limits: { historyEntries: 8 } });
    expect(flagsOn(config)).toEqual([...CACHE_FLAGS]);
    expect(changed.settings).toEqual({
      ...config.settings,
      historyCache: false,
      limits: { ...config.settings.limits, historyEntries: 8 },
    });
    for (const part of [changed.settings, changed.settings.limits, changed.settings.limits.historyWindows]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    const windows = [10, 30];
    const copied = config.with({ limits: { historyWindows: windows } });
    windows.push(5);
    expect(copied.settings.limits.historyWindows).toEqual([10, 30]);
  });

  it('travels as plain data', () => {
    const config = enableLayer(2).with({ limits: { columnBytes: 1 } });
    expect(structuredClone(config.settings)).toEqual(config.settings);
    expect(JSON.parse(JSON.stringify(config))).toEqual(config.settings);
  });

  it.each([
    [{ histroyCache: true }, /Unknown option 'histroyCache' of OptimizationConfig. Did you mean 'historyCache'\?/],
    [
      { limits: { columnByte: 1 } },
      /Unknown option 'columnByte' of OptimizationConfig limits. Did you mean 'columnBytes'\?/,
    ],
    [{ historyCache: 'off' }, /'historyCache' of OptimizationConfig is true or false, not off/],
    [{ onFailure: 'ignore' }, /'onFailure' of OptimizationConfig is 'fall-back' or 'throw', not ignore/],
    [{ limits: { columnBytes: -1 } }, /'limits.columnBytes' of OptimizationConfig is a whole number from 0, not -1/],
    [{ limits: { historyEntries: 1.5 } }, /'limits.historyEntries' .* not 1.5/],
    [{ limits: { historyWindows: [50, 20] } }, /'limits.historyWindows' .* ascending, not 50,20/],
  ])('refuses %j', (change, message) => {
    expect(() => fromDefaults({}).with(change as never)).toThrow(message);
  });

  it('is what the option takes, not its plain data', () => {
    expect(settingsOf(disableAll())).toEqual(disableAll().settings);
    expect(() => settingsOf({ historyCache: false } as never)).toThrow(
      /'optimization' is an OptimizationConfig, such as/,
    );
  });
});
