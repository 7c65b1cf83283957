import type { Distribution } from '../validate/robustness/distribution.js';
import type { RobustnessReport, SpreadFigures } from '../validate/robustness.js';
import { capitalized, formatCount, formatMetric, formatNumber, formatPercent, formatShort } from './format.js';
import { pathFigureTexts } from './path-figures.js';
import type { ReportRobustness, ReportSpread } from './report-model.js';

/** Figures that are shown as spreads. */
const SPREAD = ['sharpe', 'totalReturn', 'maxDrawdown'] as const;

/** Returns the tests of a run as a report shows them. */
export function reportRobustness(report: RobustnessReport): ReportRobustness {
  const { base, costs, sensitivity, remarks } = report;
  const kinds = kindsOf(report);
  return {
    spreads: SPREAD.map((metric) => ({
      metric,
      recorded: base.metrics[metric] ?? null,
      kinds: kinds.flatMap(([label, of]) => spreadOf(label, of(metric))),
    })).filter((spread) => spread.kinds.length > 0),
    findings: findingsOf(report),
    costs: costs?.points.map(({ bps, totalReturn }) => ({ bps, totalReturn: totalReturn ?? null })),
    metric: sensitivity?.metric ?? 'sharpe',
    curves: (sensitivity?.curves ?? []).map(({ metrics, stability, ...curve }) => ({
      ...curve,
      metrics: metrics.map((value) => value ?? null),
      stability: stability ?? null,
    })),
    surfaces: (sensitivity?.surfaces ?? []).map(({ metrics, stability, ...surface }) => ({
      ...surface,
      metrics: metrics.map((row) => row.map((value) => value ?? null)),
      stability: stability ?? null,
    })),
    remarks,
  };
}

type SpreadOf = (metric: (typeof SPREAD)[number]) => Distribution | undefined;

/** The ways in which a run was changed, and how a figure spreads over each. */
function kindsOf({ bootstrap, noise, start, synthetic }: RobustnessReport): (readonly [string, SpreadOf])[] {
  const kinds: (readonly [string, SpreadOf])[] = [];
  if (bootstrap !== undefined) {
    const { stationary, block } = bootstrap;
    kinds.push(['its returns, blocks of any length', (metric) => stationary.figures[metric]]);
    kinds.push(['its returns, blocks of one length', (metric) => block.figures[metric]]);
  }
  const add = (label: string, found: SpreadFigures | undefined): void => {
    if (found !== undefined) kinds.push([label, (metric) => found[metric]]);
  };
  add('prices with normal errors', noise?.gaussian);
  add('prices with errors like returns', noise?.bootstrap);
  add('begun on later dates', start);
  add('synthetic markets', synthetic);
  return kinds;
}

function spreadOf(label: string, spread: Distribution | undefined): ReportSpread[] {
  if (spread === undefined) return [];
  const { runs, p5, p25, median, p75, p95 } = spread;
  return [{ label, runs, p5, p25, median, p75, p95 }];
}

type Finding = ReportRobustness['findings'][number];

function findingsOf(report: RobustnessReport): Finding[] {
  const { bootstrap, permutation, randomEntry, costs, delay, base, noise, synthetic } = report;
  const findings: Finding[] = [];
  const add = (name: string, label: string, value: string, says: string): void => {
    findings.push({ name, label, value, says });
  };
  if (bootstrap !== undefined) {
    const { stationary } = bootstrap;
    add(
      'bootstrap',
      'Loses by other luck',
      formatPercent(stationary.probabilityOfLoss, 1),
      `Share of ${formatCount(stationary.runs)} records of its own returns, drawn in blocks of ${formatNumber(stationary.blockLength, 1)} sessions on average, that end below where they began.`,
    );
  }
  if (permutation !== undefined) {
    const [first, ...more] = pathFigureTexts(permutation);
    if (first !== undefined) {
      const others = more.map(({ what, range, recorded }) => `${capitalized(what)} ${range}, its own ${recorded}.`);
      add(
        'permutation',
        `${capitalized(first.what)} in other orders`,
        first.range,
        [
          `Nine of ten orders of its ${formatCount(permutation.trades)} trades; its own ${first.recorded}.`,
          ...others,
        ].join(' '),
      );
    }
  }
  if (randomEntry !== undefined) {
    const { p, recorded, random, spells, runs } = randomEntry;
    add(
      'random-entry',
      'Entries at random times',
      `p ${formatNumber(p, 3)}`,
      `Its ${formatCount(spells)} spells in ${formatCount(runs)} random orders earn ${formatPercent(random.p5, 3)} to ${formatPercent(random.p95, 3)} a bar, its own order ${formatPercent(recorded, 3)}: ${p < 0.05 ? 'the times matter' : 'the times are no better than chance'}.`,
    );
  }
  if (noise !== undefined) {
    add(
      'noise',
      'Gains on other prices',
      formatPercent(noise.gaussian.gaining, 0),
      `Share of ${formatCount(noise.gaussian.runs)} runs that gain where every price is off by ${formatPercent(noise.scale, 0)} of its asset's volatility; with errors like its returns ${formatPercent(noise.bootstrap.gaining, 0)}.`,
    );
  }
  if (costs !== undefined) {
    const { breakEvenBps } = costs;
    add(
      'costs',
      'Slippage that leaves nothing',
      breakEvenBps === undefined ? 'over 1,000 bps' : `${formatNumber(breakEvenBps, 2)} bps`,
      breakEvenBps === 0
        ? 'It loses without any slippage.'
        : 'Basis points of each price at which the run ends with what it began with, commissions as they are.',
    );
  }
  if (delay !== undefined) {
    add(
      'delay',
      'Every order a bar later',
      `Sharpe ${formatMetric('sharpe', delay.metrics.sharpe)}`,
      `In place of ${formatMetric('sharpe', base.metrics.sharpe)}; total return ${formatMetric('totalReturn', delay.metrics.totalReturn)} in place of ${formatMetric('totalReturn', base.metrics.totalReturn)}.`,
    );
  }
  if (synthetic !== undefined) {
    add(
      'synthetic',
      'Gains on synthetic markets',
      formatPercent(synthetic.gaining, 0),
      `Share of ${formatCount(synthetic.runs)} markets of the same mean and deviation, their bars drawn in blocks of ${formatShort(synthetic.blockLength, 3)}.`,
    );
  }
  return findings;
}
