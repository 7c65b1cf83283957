import { packageVersion } from '../core/version.js';
import { formatTime, reportRun, type WalkForwardReportModel } from '../report/index.js';
import type { WalkForwardResult } from '../validate/walk-forward-result.js';
import { factsText } from './text-blocks.js';
import { designText, luckText } from './walk-forward-document.js';

/** Returns a walk-forward as a report shows it. */
export function walkForwardModel(result: WalkForwardResult): WalkForwardReportModel {
  const { strategy, bundle, objective, stitched, windows, parameters } = result;
  return {
    kind: 'walk-forward',
    title: `${strategy.name} on ${bundle.name}`,
    synthetic: bundle.synthetic,
    generatedAt: `${formatTime(Date.now())} UTC`,
    provenance: {
      Search: `${result.search}, ${result.trials.total} trials, seed ${result.seed}, selection ${result.select}`,
      ...(result.study === undefined ? {} : { Studies: result.study }),
      Bundle: `${bundle.name} ${bundle.version}`,
      'Strategy source': strategy.sourceHash,
      Seams: `positions ${result.seam === 'carry' ? 'carried into the next window' : `closed with each test, profits ${result.reinvest ? 'reinvested' : 'laid aside'}`}`,
      Configuration: factsText(result.run),
      Versions: factsText({ hindcast: packageVersion(), node: process.version }),
    },
    design: designText(result),
    luck: luckText(result),
    objective: { name: objective.metric, direction: objective.direction },
    run: reportRun(stitched, {}),
    windows: windows.map(({ number, params, trained, train, validate, test, efficiency }, index) => ({
      number,
      // By flat name, as the columns of the table are.
      params: Object.fromEntries(
        params === undefined
          ? []
          : parameters.flatMap(({ name, values }) => (values[index] === undefined ? [] : [[name, values[index]]])),
      ),
      train: { ...trained, score: train?.score ?? null },
      validate: validate && { ...validate, score: validate.score ?? null },
      test: { start: test.start, end: test.end, bars: test.bars, score: test.score ?? null },
      efficiency: efficiency ?? null,
      totalReturn: test.metrics.totalReturn ?? null,
      fills: test.fills.length,
    })),
    drift: parameters.map(({ name, values, positions, mean, coefficientOfVariation, spread, agreement }) => ({
      name,
      values: values.map((value) => value ?? null),
      positions: positions.map((position) => position ?? null),
      mean: mean ?? null,
      coefficientOfVariation: coefficientOfVariation ?? null,
      spread: spread ?? null,
      agreement: agreement ?? null,
    })),
    efficiency: result.efficiency ?? null,
    returnEfficiency: result.returnEfficiency ?? null,
    warnings: result.warnings,
  };
}
