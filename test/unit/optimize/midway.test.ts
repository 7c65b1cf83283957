import { describe, expect, it } from 'vitest';
import { goesThrough, type MidwayTerms } from '../../../src/optimize/midway.js';

const terms = (changes: Partial<MidwayTerms> = {}): Partial<MidwayTerms> => changes;

describe('a run that went through to its end', () => {
  it.each([
    { ended: terms(), under: terms(), goes: true },
    { ended: terms({ checks: 8, over: 'so far' }), under: terms(), goes: true },
    { ended: terms({ checks: 8, over: 'so far' }), under: terms({ checks: 8, over: 'so far' }), goes: true },
    { ended: terms({ checks: 8, over: 'so far' }), under: terms({ checks: 4, over: 'so far' }), goes: false },
    { ended: terms({ checks: 8, over: 'so far' }), under: terms({ checks: 8, over: 'part' }), goes: false },
    { ended: terms(), under: terms({ checks: 8, over: 'part' }), goes: false },
    { ended: terms({ checks: 4, drawdown: 0.3 }), under: terms({ checks: 8, drawdown: 0.3 }), goes: true },
    { ended: terms({ checks: 8, drawdown: 0.3 }), under: terms({ checks: 8, drawdown: 0.4 }), goes: true },
    { ended: terms({ checks: 8, drawdown: 0.3 }), under: terms({ checks: 8, drawdown: 0.2 }), goes: false },
    { ended: terms(), under: terms({ checks: 8, drawdown: 0.9 }), goes: false },
    { ended: terms({ checks: 8, ruin: 0.3 }), under: terms({ checks: 8, ruin: 0.2 }), goes: true },
    { ended: terms({ checks: 8, ruin: 0.3 }), under: terms({ checks: 8, ruin: 0.4 }), goes: false },
    { ended: terms({ checks: 8, drawdown: 0.1 }), under: terms({ checks: 8, ruin: 0 }), goes: false },
  ])('under $ended goes through under $under: $goes', ({ ended, under, goes }) => {
    expect(goesThrough(ended, under)).toBe(goes);
  });
});
