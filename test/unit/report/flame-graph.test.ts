import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOf } from '../../../src/profiling/places.js';
import { flameBars, renderFlameGraph } from '../../../src/report/flame-graph.js';
import { call, callTrees, everyCall } from '../../helpers/call-trees.js';

const options = { title: 'sma on us', placeOf };

describe('flameBars', () => {
  it('gives a caller the width of what it calls and of its own work', () => {
    const tree = call('main', 1, call('work', 2, call('sum', 1)));
    expect(flameBars(tree, 400).map(({ depth, x, width }) => [depth, x, width])).toEqual([
      [0, 0, 400],
      [1, 0, 300],
      [2, 0, 100],
    ]);
  });

  it('has widths that add up, bars that do not overlap, and callees beneath their callers', () => {
    fc.assert(
      fc.property(callTrees(), (tree) => {
        const bars = flameBars(tree, 1000);
        const scale = tree.total > 0 ? 1000 / tree.total : 0;
        expect(bars).toHaveLength(everyCall(tree).length);
        const byCall = new Map(bars.map((bar) => [bar.call, bar]));
        for (const bar of bars) {
          const beneath = bar.call.children.map((child) => byCall.get(child)!);
          const sum = beneath.reduce((width, child) => width + child.width, 0);
          expect(sum + bar.call.self * scale).toBeCloseTo(bar.width, 6);
          let end = bar.x;
          for (const child of beneath) {
            expect(child.depth).toBe(bar.depth + 1);
            expect(child.x).toBeCloseTo(end, 6);
            end = child.x + child.width;
          }
          expect(end).toBeLessThanOrEqual(bar.x + bar.width + 1e-6);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('renderFlameGraph', () => {
  it('is the same picture for the same tree', () => {
    const tree = call('all', 0, call('main', 0, call('work', 2, call('sum', 1))));
    expect(renderFlameGraph(tree, options)).toBe(renderFlameGraph(tree, options));
  });

  it('says milliseconds and shares where one points', () => {
    const svg = renderFlameGraph(call('all', 0, call('main', 1, call('work', 3))), options);
    expect(svg).toContain('<title>work (/made/up.js:1)\n3.00 ms, 75.0 %; itself 3.00 ms, 75.0 %</title>');
    expect(svg).toContain('<text x="12" y="24" font-size="15" font-weight="bold">sma on us</text>');
  });

  it('escapes names', () => {
    const svg = renderFlameGraph(call('all', 0, call('main', 0, call('<script>&"', 3))), {
      ...options,
      title: `<b> & 'co'`,
    });
    expect(svg).not.toContain('<script>');
    expect(svg).not.toContain('<b>');
    expect(svg).toContain('&lt;script&gt;&amp;&quot;');
  });

  it('leaves out what is too narrow to be seen, and says how much', () => {
    const tree = call('all', 0, call('main', 0, call('wide', 9999), call('narrow', 0.1, call('deep', 0.1))));
    const svg = renderFlameGraph(tree, options);
    expect(svg).not.toContain('narrow (');
    expect(svg).toContain('2 of 5 bars are narrower than 0.5 pixels');
  });

  it('draws a tree without any cost', () => {
    expect(renderFlameGraph(call('all', 0), options)).toMatch(/^<\?xml .*<\/svg>\n$/s);
  });

  it('keeps the names of colours within the picture', () => {
    const rooms = [
      'cli',
      'core',
      'data',
      'engine',
      'execution',
      'indicators',
      'market',
      'metrics',
      'optimize',
      'portfolio',
    ];
    const root = new URL('../../../dist/', import.meta.url).href;
    const calls = rooms.map((room) => {
      const own = call(room, 1);
      return { ...own, frame: { ...own.frame, url: `${root}${room}/file.js` } };
    });
    const svg = renderFlameGraph(call('all', 0, call('main', 0, ...calls)), options);
    const legends = [...svg.matchAll(/<text x="(\d+)" y="(\d+)">(hindcast \w+)<\/text>/g)];
    expect(legends.map(([, , , name]) => name)).toEqual(rooms.map((room) => `hindcast ${room}`));
    expect(new Set(legends.map(([, , y]) => y)).size).toBe(2);
    for (const [, x, , name] of legends) expect(Number(x) + name!.length * 6.6).toBeLessThan(1200);
    const colors = new Set([...svg.matchAll(/rx="2" fill="([^"]+)"/g)].map(([, color]) => color));
    expect(colors.size).toBe(rooms.length);
  });
});
