import { IndicatorArena } from '../../src/indicators/arena.js';
import { DirectIndicators, MemoIndicators, SharedIndicators } from '../../src/indicators/columns.js';
import { indicatorSourceContract } from './indicator-source-contract.js';

indicatorSourceContract('DirectIndicators', () => new DirectIndicators());
indicatorSourceContract('MemoIndicators', () => new MemoIndicators());
indicatorSourceContract('MemoIndicators without room', () => new MemoIndicators(0));

// One arena for all: what an earlier test left there must not disturb.
const arena = IndicatorArena.create({ byteLimit: 2 ** 24, columns: 16_384 });
indicatorSourceContract('SharedIndicators', () => {
  arena.reset();
  return new SharedIndicators(arena);
});
const tiny = IndicatorArena.create({ byteLimit: 64, columns: 2 });
indicatorSourceContract('SharedIndicators over a full arena', () => {
  tiny.reset();
  return new SharedIndicators(tiny);
});
