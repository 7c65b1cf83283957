import { describe, expect, it } from 'vitest';
import { placeOf } from '../../../src/profiling/places.js';
import { profileOf } from '../../../src/profiling/profile.js';
import { renderProfile } from '../../../src/report/profile-text.js';
import { cpuProfile, heapNode } from '../../helpers/call-trees.js';

describe('renderProfile', () => {
  const cpu = cpuProfile([
    ['main>work', 3000],
    ['main', 1000],
  ]);
  const heap = { head: heapNode(1, '(root)', 0, [heapNode(2, 'make', 4096)]), samples: [] };
  const settings = { sampleMicroseconds: 200, heapIntervalBytes: 1024 };
  const profile = profileOf([{ name: 'main', cpu, heap }], settings, ['worker 0', 'worker 1']);

  it('has every function, who allocates how much for each bar, and the threads that are missing', () => {
    const lines = renderProfile('sma on us', profile, placeOf, { name: 'bar', count: 8 }).split('\n');
    expect(lines[0]).toBe('sma on us');
    expect(lines).toContain('Ended without a profile: worker 0, worker 1.');
    expect(lines).toContain('work      /made/up.js:1      3.0  75.0 %   75.0 %');
    expect(lines).toContain('main      /made/up.js:1      1.0  25.0 %  100.0 %');
    expect(lines).toContain('make       /made/up.js:1  4.0  100.0 %        512.0');
  });

  it('has no bytes for each of nothing', () => {
    expect(renderProfile('sma on us', profile, placeOf, { name: 'trial', count: 0 })).toMatch(/^make .* 100\.0 %$/m);
  });
});
