import { describe, expect, it } from 'vitest';
import { dominates } from '../../../src/optimize/dominance.js';
import type { JournalTrial } from '../../../src/optimize/trial.js';
import { reportFront } from '../../../src/report/from-results.js';
import { renderReport } from '../../../src/report/html-report.js';
import { type PageData, pageData } from '../../../src/report/page-data.js';
import {
  sampleBacktest,
  sampleOverfitting,
  sampleRandomStudy,
  sampleRun,
  sampleStudy,
} from '../../helpers/report-models.js';

/** The markup that a user's words can reach: the page without its style, script and data. */
const visible = (page: string): string =>
  page.replace(/<(style|script)\b[^>]*>[\s\S]*?<\/\1>/g, '').replace(/\s+/g, ' ');

const dataOf = (page: string): PageData =>
  JSON.parse(/<script type="application\/json" id="report-data">([\s\S]*?)<\/script>/.exec(page)![1]!) as PageData;

describe('renderReport', () => {
  it('gives equal bytes for equal models', () => {
    expect(renderReport(sampleStudy())).toBe(renderReport(sampleStudy()));
  });

  it('says in loud words that a market is synthetic, and only then', () => {
    expect(visible(renderReport(sampleStudy()))).toContain('Synthetic market.');
    expect(visible(renderReport(sampleStudy({ synthetic: false })))).not.toContain('Synthetic');
  });

  it('says what it does not know about luck, where the model says so', () => {
    expect(visible(renderReport(sampleStudy()))).toContain('The best of 1,090 trials looks better than it is');
    const { overfitting: _, ...model } = sampleStudy();
    expect(visible(renderReport(model))).not.toContain('About luck');
  });

  it('shows how far the best trial can be luck, in words and charts', () => {
    const page = renderReport(sampleStudy({ overfitting: sampleOverfitting() }));
    expect(visible(page)).toContain('<h2 id="luck-title">Is it luck?</h2>');
    expect(visible(page)).not.toContain('About luck');
    expect(page.match(/data-finding="/g)).toHaveLength(11);
    expect(page.match(/<rect class="(?:good|bad)"/g)).toHaveLength(40);
    expect(page.match(/<circle class="(?:good|bad)"/g)).toHaveLength(600);
    const section = /<section[^>]*id="luck">[\s\S]*?<\/section>/.exec(page)![0];
    expect(section).not.toMatch(/NaN|Infinity|undefined/);
    const { splits: _, ...rest } = sampleOverfitting();
    expect(renderReport(sampleStudy({ overfitting: { ...rest, splits: undefined } }))).not.toContain('<circle');
  });

  it('shows a Pareto set among the other trials, and lists it', () => {
    const trials = [
      ['complete', [3, 0.3]],
      ['complete', [2, 0.2]],
      ['complete', [2, 0.4]],
      ['pruned', undefined],
      ['complete', [3, 0.3]],
      ['complete', [1, 0.1]],
    ].map(([state, values], number): JournalTrial => {
      const ending = values === undefined ? { state: 'pruned' } : { state, values };
      const copies = number === 4 ? { duplicateOf: 0 } : {};
      return {
        number,
        params: { '<x>': number },
        state,
        ending: { ...ending, ...copies },
        enqueued: false,
        foreign: false,
      } as never;
    });
    const objectives = [
      { name: 'sharpe', direction: 'maximize' },
      { name: 'maxDrawdown', direction: 'minimize' },
    ] as const;
    const front = reportFront(trials, objectives, (a, b) => dominates([-b[0]!, b[1]!], [-a[0]!, a[1]!]));
    expect(front.trials.map(({ number }) => number)).toEqual([0, 1, 5]);
    expect(front.others).toEqual([[2, 0.4]]);
    const page = renderReport(sampleStudy({ front }));
    const section = /<section[^>]*id="front">[\s\S]*?<\/section>/.exec(page)![0];
    expect(section).not.toMatch(/NaN|Infinity|undefined|<x>/);
    expect(visible(section)).toContain(
      '3 of 4 trials shown are beaten by no other one in all of: Sharpe high, Max drawdown low',
    );
    expect(section.match(/<circle class="front" /g)).toHaveLength(3);
    expect(section.match(/<circle class="other" /g)).toHaveLength(1);
    expect(section.indexOf('#0')).toBeLessThan(section.indexOf('#5'));
    expect(renderReport(sampleStudy())).not.toContain('id="front"');
  });

  it('shows which parameters matter, the largest share first, and how little a weak forest says', () => {
    const importance = {
      trials: 1_090,
      predicted: 0.42,
      parameters: [
        { name: 'slow', share: 0.61, permutation: 1.234 },
        { name: '<fast>', share: 0.2, permutation: 0.4 },
        { name: 'threshold', share: 0.01, permutation: -0.002 },
      ],
      interactions: [{ names: ['<fast>', 'slow'] as const, share: 0.15 }],
      higher: 0.03,
    };
    const page = renderReport(sampleStudy({ importance }));
    const section = /<section[^>]*id="importance">[\s\S]*?<\/section>/.exec(page)![0];
    const rows = [
      ...section.matchAll(/<th scope="row">(.*?)<\/th><td class="num">(.*?)<\/td>.*?width="([\d.]+)" height="10"/g),
    ];
    expect(rows.map(([, name, share, width]) => [name, share, width])).toEqual([
      ['slow', '61.00 %', '122.0'],
      ['&lt;fast&gt;', '20.00 %', '40.0'],
      ['threshold', '1.00 %', '2.0'],
      ['&lt;fast&gt; × slow', '15.00 %', '30.0'],
      ['three and more together', '3.00 %', '6.0'],
    ]);
    expect(section).toContain('of 1,090 trials');
    expect(section).toContain('the shares say little');
    expect(renderReport(sampleStudy({ importance: { ...importance, predicted: 0.9 } }))).not.toContain('say little');
  });

  it('shows metrics in their own form, missing ones as a dash', () => {
    const run = { ...sampleRun(100, 2), endingEquity: '1234567.891', metrics: { maxDrawdown: 0.29043, sharpe: null } };
    const page = visible(renderReport(sampleBacktest({ run })));
    expect(page).toContain('<dd>1,234,567.89</dd>');
    expect(page).toContain('<dt>Max drawdown</dt><dd>29.04 %</dd>');
    expect(page).toContain('<dt>Sharpe</dt><dd>–</dd>');
  });

  it('escapes whatever a user named', () => {
    const evil = '</script><img src=x onerror="alert(1)">\'&';
    const run = { ...sampleRun(50, 4, evil), params: { [evil]: evil } };
    const page = renderReport(sampleBacktest({ title: evil, generatedAt: evil, provenance: { [evil]: evil }, run }));
    expect(page).not.toContain('<img');
    expect(page.split('</script>')).toHaveLength(3);
    const study = renderReport(
      sampleStudy({
        parameters: [{ name: evil, kind: 'choice' }],
        trials: [{ number: 0, params: { [evil]: evil }, value: 1, state: 'complete' }],
      }),
    );
    expect(study).not.toContain('<img');
    expect(dataOf(study).study!.columns[0]).toEqual({ name: evil, kind: 'levels', levels: [evil], codes: [0] });
  });

  it('names no file, address or handler outside itself', () => {
    const page = visible(renderReport(sampleStudy()));
    expect(page.match(/\b(?:src|href|action|on\w+)="[^"]*"/g)).toEqual(['href="data:,"']);
    expect(page).toMatch(/default-src &#39;none&#39;/);
    expect(page).not.toContain('unsafe');
  });

  it('keeps the licence of the chart library', () => {
    expect(renderReport(sampleBacktest())).toMatch(/Contains uPlot[\s\S]*The MIT License[\s\S]*Leon Sorokin/);
  });

  it('has words for a study without a completed trial, and a run without a fill', () => {
    const none = renderReport(
      sampleStudy({ best: undefined, top: [], trials: [{ number: 0, params: {}, value: null, state: 'failed' }] }),
    );
    expect(visible(none)).toContain('No completed trial');
    expect(visible(none)).toContain('Study · 1 trial ·');
    expect(visible(none)).not.toContain('About luck');
    expect(visible(renderReport(sampleBacktest({ run: sampleRun(10, 0) })))).toContain('The run never traded.');
  });

  it('shows the first fills and counts the rest', () => {
    const page = visible(renderReport(sampleBacktest({ run: sampleRun(5_000, 1_234) })));
    expect(page).toContain('The first 200 of 1,234 fills.');
    expect(page.match(/<td class="(?:buy|sell)">/g)).toHaveLength(200);
  });
});

describe('pageData', () => {
  it('thins a long equity curve, keeping its deepest fall', () => {
    const run = sampleRun(41_000, 10);
    const { equity } = pageData(sampleBacktest({ run }));
    expect(equity.times.length).toBeLessThanOrEqual(4_802);
    expect(equity.times.length).toBeGreaterThan(1_200);
    let peak = 0;
    let deepest = 0;
    for (const value of Array.from(run.equity.values)) {
      peak = Math.max(peak, value);
      deepest = Math.min(deepest, value / peak - 1);
    }
    expect(Math.min(...equity.drawdown.map(Number))).toBeCloseTo(deepest, 5);
  });

  it('writes a value that is missing as null', () => {
    const run = { ...sampleRun(2, 0), equity: { times: [0, 86_400_000], values: [1, Number.NaN] } };
    expect(pageData(sampleBacktest({ run })).equity.values).toEqual([1, null]);
  });

  it('gives a grid as levels and a random search as values, and leaves out what did not complete', () => {
    const [fast] = pageData(sampleStudy()).study!.columns;
    expect(fast).toMatchObject({ kind: 'levels', levels: [5, 10, 15, 20, 25, 30, 35, 40, 45, 50] });
    const model = sampleRandomStudy(500);
    const { columns, values } = pageData(model).study!;
    expect(columns.map(({ kind }) => kind)).toEqual(['continuous', 'continuous', 'levels']);
    expect(values.filter((value) => value === null)).toHaveLength(
      model.trials.filter(({ state }) => state !== 'complete').length,
    );
  });

  it('keeps 100,000 trials within 4 MB of page', () => {
    expect(renderReport(sampleRandomStudy(100_000)).length).toBeLessThan(4_000_000);
  });
});
