import { describe, expect, it, onTestFinished } from 'vitest';
import { RunError } from '../../../src/core/errors.js';
import type { Bundle } from '../../../src/data/bundle.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import type { FillRule } from '../../../src/engine/fill-rule.js';
import type { Setup } from '../../../src/engine/strategy.js';
import type { Frequency } from '../../../src/market/bars.js';
import {
  afterOpen,
  beforeClose,
  everyDay,
  monthEnd,
  monthStart,
  weekStart,
} from '../../../src/market/schedule-rules.js';
import { labelledDraft, sessionLabels } from '../../helpers/session-bars.js';
import { fillsOf, run, runOn } from '../../helpers/tiny-market.js';

const DAYS = { assets: { A: '10>11 12>13 14>15 16>17' } };

async function sessionBundle(frequency: Frequency, from: string, to: string, keep = (_row: number) => true) {
  const labels = sessionLabels('XNYS', frequency, from, to).filter((_, row) => keep(row));
  const bundle: Bundle = await bundleFromColumns(labelledDraft('XNYS', frequency, labels));
  onTestFinished(() => bundle[Symbol.dispose]());
  return bundle;
}

const utc = (instant: number): string => new Date(instant).toISOString().slice(5, 16);

/** What a strategy hears that buys by schedule on one bar and cancels on another. */
function story(bundle: Bundle, fill: FillRule, buyAt: number): string[] {
  const log: string[] = [];
  let bar = 0;
  const result = runOn(
    bundle,
    {
      initialize({ asset, schedule }) {
        log.push('initialize');
        schedule(everyDay(), afterOpen(2), ({ now, order, portfolio }) => {
          log.push(`${utc(now)} schedule`);
          if (portfolio.position(asset).isFlat && bar === buyAt) order(asset, 1);
        });
        schedule(everyDay(), beforeClose(1), ({ now }) => void log.push(`${utc(now)} second schedule`));
      },
      beforeTradingStart: ({ now }) => void log.push(`${utc(now)} before`),
      handleData({ now }) {
        bar++;
        log.push(`${utc(now)} bar`);
      },
      onFill: ({ now }, { price }) => void log.push(`${utc(now)} fill at ${price}`),
      analyze: () => {
        log.push('analyze');
        return {};
      },
    },
    { fill },
  );
  expect(result.fills).toHaveLength(1);
  return log;
}

describe('the order of callbacks with schedules', () => {
  it('on daily bars: a session’s functions run at its bar, after handleData, in their order', async () => {
    const bundle = await sessionBundle('1d', '2014-07-02', '2014-07-07');
    const of = (day: string, opens: string, closes: string, fill?: string): string[] => [
      `${day}T${opens} before`,
      ...(fill === undefined ? [] : [`${day}T${opens} fill at ${fill}`]),
      ...['bar', 'schedule', 'second schedule'].map((what) => `${day}T${closes} ${what}`),
    ];
    expect(story(bundle, 'next-open', 1)).toEqual([
      'initialize',
      ...of('07-02', '13:30', '20:00'),
      ...of('07-03', '13:30', '17:00', '99.76'),
      ...of('07-07', '13:30', '20:00'),
      'analyze',
    ]);
  });

  it.each<[FillRule, string]>([
    ['next-open', '07-03T13:32 fill at 99.77'],
    ['next-close', '07-03T13:33 fill at 100.02'],
    ['same-close', '07-03T13:32 fill at 100.01'],
  ])('on minute bars of a half day with fills at %s', async (fill, filled) => {
    const bundle = await sessionBundle('1m', '2014-07-03', '2014-07-03', (row) => row < 3 || row > 207);
    const bars = ['13:31 bar', '13:32 bar', '13:32 schedule', '13:33 bar', '16:59 bar', '16:59 second schedule'];
    const expected = ['initialize', '07-03T13:30 before', ...[...bars, '17:00 bar'].map((text) => `07-03T${text}`)];
    // A fill at the next opening or at the same close follows the schedule; one at the next close goes before its bar.
    expected.splice(expected.indexOf('07-03T13:32 schedule') + 1, 0, filled);
    expect(story(bundle, fill, 2)).toEqual([...expected, 'analyze']);
  });
});

describe('a strategy with schedules alone', () => {
  it('trades at its rows, lets orders wait for a bar, and looks nowhere else', async () => {
    const seen: string[] = [];
    const handlers = {
      initialize({ asset, schedule, portfolio }: Setup) {
        schedule(monthEnd(), afterOpen(), ({ order, now }, data) => {
          seen.push(`${utc(now)} ${data.close(asset)}`);
          if (portfolio.position(asset).isFlat) order(asset, 1);
        });
      },
    };
    // 2020-01-31 is row 30; the two bars after it are missing.
    const words = Array.from({ length: 62 }, (_, row) => (row === 31 || row === 32 ? '.' : String(100 + row)));
    const result = await run({ assets: { A: words.join(' ') } }, handlers);
    expect(seen).toEqual(['02-01T00:00 130', '03-01T00:00 159']);
    expect(fillsOf(result)).toEqual(['33 A 1 @ 133']);
    expect(result.equity.at(-1)).toBe(100_000 + 161 - 133);
    const told: number[] = [];
    const heard = await run(
      { assets: { A: words.join(' ') } },
      { ...handlers, onFill: (_context, { price }) => void told.push(price) },
    );
    expect(told).toEqual([133]);
    expect(heard.orderStreamHash).toBe(result.orderStreamHash);
  });

  it('does what handleData does that waits for the same bars, over splits and dividends', async () => {
    const market = {
      assets: { A: Array.from({ length: 120 }, (_, row) => String(50 + (row % 9))).join(' ') },
      splits: [{ symbol: 'A', row: 40, ratio: '2' }],
      dividends: [{ symbol: 'A', row: 70, amount: '0.5', payRow: 75 }],
    };
    const act = ({ order, asset, portfolio }: Parameters<Parameters<Setup['schedule']>[2]>[0]): void => {
      if (portfolio.position(asset).isFlat) order.percent(asset, 0.5);
      else order.close(asset);
    };
    for (const fill of ['next-open', 'next-close', 'same-close'] as const) {
      const scheduled = await run(
        market,
        { initialize: ({ schedule }) => schedule(weekStart(2), afterOpen(), act) },
        { fill },
      );
      const asked = await run(
        market,
        {
          handleData(context) {
            // The bar of a Wednesday is known at the first instant of Thursday.
            if (new Date(context.now).getUTCDay() === 4) act(context);
          },
        },
        { fill },
      );
      expect(scheduled.orderStreamHash).toBe(asked.orderStreamHash);
      expect([...scheduled.equity]).toEqual([...asked.equity]);
      expect(scheduled.fills.length).toBeGreaterThan(10);
    }
  });

  it('begins with the first decision, and within the span', async () => {
    const rows = async (options: { readonly start?: string; readonly warmUp?: number }): Promise<string[]> => {
      const seen: string[] = [];
      const { start, warmUp = 1 } = options;
      await run(
        { assets: { A: Array.from({ length: 20 }, () => '5').join(' ') } },
        {
          warmUp: () => warmUp,
          initialize: ({ schedule }) => schedule(weekStart(), afterOpen(), ({ now }) => void seen.push(utc(now))),
        },
        start === undefined ? {} : { start },
      );
      return seen;
    };
    expect(await rows({})).toEqual(['01-07T00:00', '01-14T00:00', '01-21T00:00']);
    expect(await rows({ warmUp: 7 })).toEqual(['01-14T00:00', '01-21T00:00']);
    expect(await rows({ start: '2020-01-14' })).toEqual(['01-21T00:00']);
  });

  it('keeps its own in each sleeve', async () => {
    const seen: string[] = [];
    await run(
      { assets: { A: '1 2 3 4 5 6 7', B: '- - 1 2 3 4 5' } },
      {
        sleeves: 'equal',
        initialize: ({ asset, schedule }) =>
          schedule(everyDay(), afterOpen(), ({ now }) => void seen.push(asset.symbol + utc(now).slice(3, 5))),
      },
    );
    expect(seen).toEqual(['A02', 'A03', 'A04', 'A05', 'A06', 'A07', 'A08', 'B04', 'B05', 'B06', 'B07', 'B08']);
  });
});

describe('the session of a minute bar', () => {
  it('has its calendar’s hours, early ones on a half day, whatever of it has bars', async () => {
    const bundle = await sessionBundle('1m', '2014-07-02', '2014-07-03', (row) => row % 100 === 50);
    const seen: string[] = [];
    runOn(bundle, {
      beforeTradingStart: ({ session }) =>
        void seen.push(`before ${session.minutesSinceOpen} ${session.minutesToClose}`),
      handleData({ session, order, asset }) {
        seen.push(`${session.minutesSinceOpen} ${session.minutesToClose}`);
        if (seen.length === 2) order(asset, 1);
      },
      onFill: ({ session }) => void seen.push(`fill ${session.minutesSinceOpen} ${session.minutesToClose}`),
    });
    // Rows 50, 150, 250, 350 of the first session, then 60 and 160 of the half day.
    expect(seen).toEqual([
      ...['before 50 340', '51 339', 'fill 150 240', '151 239', '251 139', '351 39'],
      ...['before 60 150', '61 149', '161 49'],
    ]);
  });
});

describe('schedules that are refused', () => {
  const refused = async (declare: (setup: Setup) => unknown): Promise<unknown> =>
    run(DAYS, { initialize: (setup) => void declare(setup), handleData() {} }).catch((error: unknown) => error);
  const nothing = (): void => {};

  it.each<[string, (setup: Setup) => unknown, string, string]>([
    ['a rule not called', (s) => s.schedule(monthStart as never, afterOpen(), nothing), 'INVALID_SCHEDULE', 'Call it'],
    [
      'rules exchanged',
      (s) => s.schedule(afterOpen() as never, everyDay() as never, nothing),
      'INVALID_SCHEDULE',
      'first argument',
    ],
    ['no time', (s) => s.schedule(everyDay(), nothing as never, nothing), 'INVALID_SCHEDULE', 'second argument'],
    ['no function', (s) => s.schedule(everyDay(), afterOpen(), undefined as never), 'INVALID_SCHEDULE', 'third'],
    [
      'a misspelt option',
      (s) => s.schedule(everyDay(), afterOpen(), nothing, { halfDay: false } as never),
      'UNKNOWN_OPTION',
      "Did you mean 'halfDays'?",
    ],
    [
      'a word for an option',
      (s) => s.schedule(everyDay(), afterOpen(), nothing, { halfDays: 'no' as never }),
      'INVALID_SCHEDULE',
      'true or false',
    ],
    ['days below 0', (s) => s.schedule(weekStart(-1), afterOpen(), nothing), 'OUT_OF_RANGE', 'must be from 0 to 6'],
  ])('%s', async (_name, declare, code, text) => {
    const failure = await refused(declare);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(text) });
    expect((failure as Error).message).toContain('failed in initialize');
  });

  it('a session that no week of the calendar has', async () => {
    const bundle = await sessionBundle('1d', '2014-07-02', '2014-07-07');
    expect(() =>
      runOn(bundle, { initialize: ({ schedule }) => schedule(weekStart(5), afterOpen(), nothing) }),
    ).toThrowError(/weekStart\(5\) names no session of XNYS: a week has at most 5 of them, so give 0 to 4/);
  });

  it('outside initialize', async () => {
    const late = run(DAYS, {
      initialize: ({ schedule }) => ({ schedule }),
      handleData: ({ state }) => state.schedule(everyDay(), afterOpen(), nothing),
    });
    await expect(late).rejects.toMatchObject({
      code: 'DECLARED_TOO_LATE',
      message: expect.stringContaining('schedule() belongs into initialize'),
    });
  });

  it('a function that throws: the error names the schedule and the bar', async () => {
    const failure = await run(DAYS, {
      initialize: ({ schedule }) =>
        schedule(everyDay(), beforeClose(5), (_context, data) => {
          if (data.close({ sid: 0, symbol: 'A' } as never) === 13) throw new Error('no thirteen');
        }),
    }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RunError);
    expect(failure).toMatchObject({
      code: 'STRATEGY_THREW',
      details: { handler: 'schedule', bar: 1 },
      message:
        'The strategy failed in schedule(everyDay(), beforeClose(5)) at 2020-01-02T00:00:00Z (bar 1, A): no thirteen',
    });
  });

  it('a function that returns a Promise', async () => {
    const waiting = run(DAYS, {
      initialize: ({ schedule }) => schedule(everyDay(), afterOpen(), (async () => {}) as never),
    });
    await expect(waiting).rejects.toMatchObject({ code: 'PROMISE_RETURNED', details: { handler: 'schedule', bar: 0 } });
  });
});
