import {
  formatCount,
  formatMetric,
  formatMoney,
  formatNumber,
  formatPercent,
  pathFigureTexts,
} from '../report/index.js';
import type { Distribution } from '../validate/robustness/distribution.js';
import type { RobustnessReport, SpreadFigures } from '../validate/robustness.js';
import { counted } from './text-blocks.js';

/** Returns what the tests of a run found, for people: a line or some for each, saying what was changed. */
export function robustnessText(report: RobustnessReport): string[] {
  return [
    ...base(report),
    ...bootstrap(report),
    ...permutation(report),
    ...entries(report),
    ...noise(report),
    ...costs(report),
    ...delay(report),
    ...sensitivity(report),
    ...start(report),
    ...synthetic(report),
    ...report.remarks.map((remark) => `Not made: ${remark}`),
  ];
}

function base({ base: { metrics, endingEquity, fills } }: RobustnessReport): string[] {
  return [
    `The run: sharpe ${formatMetric('sharpe', metrics.sharpe)}, total return ${formatMetric('totalReturn', metrics.totalReturn)}, max drawdown ${formatMetric('maxDrawdown', metrics.maxDrawdown)}, ends with ${formatMoney(endingEquity)}, ${counted(fills, 'fill')}`,
  ];
}

const range = (name: string, spread: Distribution | undefined): string =>
  spread === undefined
    ? `${name} not available`
    : `${name} ${formatMetric(name, spread.p5)} to ${formatMetric(name, spread.p95)}, median ${formatMetric(name, spread.median)}`;

function bootstrap({ bootstrap: found }: RobustnessReport): string[] {
  if (found === undefined) return [];
  const { stationary, block } = found;
  return [
    '',
    `Other luck of the same kind: ${counted(stationary.runs, 'record')} of its own returns, drawn in blocks of ${formatNumber(stationary.blockLength, 1)} sessions on average. 90 % have`,
    `  ${range('sharpe', stationary.figures.sharpe)}`,
    `  ${range('totalReturn', stationary.figures.totalReturn)}`,
    `  ${range('maxDrawdown', stationary.figures.maxDrawdown)}`,
    `  ${formatPercent(stationary.probabilityOfLoss, 1)} lose (in blocks of ${formatNumber(block.blockLength, 0)}: ${formatPercent(block.probabilityOfLoss, 1)})`,
  ];
}

function permutation({ permutation: found }: RobustnessReport): string[] {
  if (found === undefined) return [];
  const figures = pathFigureTexts(found).map(({ what, range, recorded }) => `${what} ${range} (recorded ${recorded})`);
  return [
    '',
    `Its ${counted(found.trades, 'trade')} in ${formatCount(found.runs)} other orders: ${figures.join(', ')}`,
  ];
}

function entries({ randomEntry }: RobustnessReport): string[] {
  if (randomEntry === undefined) return [];
  const { p, recorded, random, spells, runs } = randomEntry;
  return [
    '',
    `Entries and exits at random times: its ${counted(spells, 'spell')} in ${formatCount(runs)} random orders earn ${formatPercent(random.p5, 3)} to ${formatPercent(random.p95, 3)} a bar, its own order ${formatPercent(recorded, 3)}: p ${formatNumber(p, 3)}${p < 0.05 ? ', the times matter' : ', the times are no better than chance'}`,
  ];
}

const spreadLine = (what: string, { runs, gaining, sharpe, totalReturn }: SpreadFigures): string =>
  `${what}: ${formatPercent(gaining, 0)} of ${counted(runs, 'run')} gain; ${range('sharpe', sharpe)}; ${range('totalReturn', totalReturn)}`;

function noise({ noise: found }: RobustnessReport): string[] {
  if (found === undefined) return [];
  return [
    '',
    `Every price off by ${formatPercent(found.scale, 0)} of its asset's volatility:`,
    `  ${spreadLine('normal errors', found.gaussian)}`,
    `  ${spreadLine('errors like its returns', found.bootstrap)}`,
  ];
}

function costs({ costs: found }: RobustnessReport): string[] {
  if (found === undefined) return [];
  const { points, breakEvenBps } = found;
  const line = points
    .map(({ bps, totalReturn }) => `${bps} bps ${formatMetric('totalReturn', totalReturn)}`)
    .join(', ');
  const verdict =
    breakEvenBps === undefined
      ? 'it gains even at 1,000 bps'
      : breakEvenBps === 0
        ? 'it loses without any'
        : `nothing is left at ${formatNumber(breakEvenBps, 2)} bps`;
  return ['', `Slippage: ${verdict}`, `  total return at ${line}`];
}

function delay({ delay: found, base: own }: RobustnessReport): string[] {
  if (found === undefined) return [];
  return [
    '',
    `Every order a bar later: sharpe ${formatMetric('sharpe', found.metrics.sharpe)} in place of ${formatMetric('sharpe', own.metrics.sharpe)}, total return ${formatMetric('totalReturn', found.metrics.totalReturn)}`,
  ];
}

function sensitivity({ sensitivity: found }: RobustnessReport): string[] {
  if (found === undefined || found.curves.length === 0) return [];
  const { metric, curves, surfaces } = found;
  const stability = (value: number | undefined): string => `stability ${formatNumber(value)}`;
  return [
    '',
    `Its parameters, step by step (stability 1: ${metric} stays; 0: it is gone):`,
    ...curves.map(({ parameter, values, metrics, stability: value }) => {
      const points = values.map((at, index) => `${String(at)}: ${formatMetric(metric, metrics[index])}`).join(', ');
      return `  ${parameter}: ${stability(value)} (${points})`;
    }),
    ...surfaces.map(
      ({ parameters, stability: value }) => `  ${parameters.join(' and ')} together: ${stability(value)}`,
    ),
  ];
}

function start({ start: found }: RobustnessReport): string[] {
  if (found === undefined) return [];
  return ['', spreadLine(`Begun on ${counted(found.from.length, 'later date')}, to ${found.from.at(-1)}`, found)];
}

function synthetic({ synthetic: found }: RobustnessReport): string[] {
  if (found === undefined) return [];
  return [
    '',
    spreadLine(
      `Synthetic markets of the same mean and deviation, bars drawn in blocks of ${formatNumber(found.blockLength, 0)}`,
      found,
    ),
  ];
}
