import type { Bundle, BundleHandle } from '../../data/bundle.js';
import { draftOf } from '../../data/bundle-draft.js';
import { BundlePool } from '../../data/bundle-pool.js';
import { bundleFromColumns } from '../../data/ephemeral.js';
import { DirectHistory } from '../../data/history.js';
import { type IndicatorSharing, indicatorSource } from '../../engine/indicator-sharing.js';
import { type MarketView, type ViewOptions, viewOf } from '../../engine/market-view.js';
import type { GivenParams } from '../../engine/params.js';
import type { ResolvedRunOptions } from '../../engine/run-options.js';
import { Simulation } from '../../engine/simulation.js';
import { type AnyDefinition, definitionOf, type Strategy } from '../../engine/strategy.js';
import { ParameterSpace } from '../../optimize/space.js';
import { type StrategyPlace, strategyOf } from '../../optimize/trial-runner.js';
import type { CreateRunner } from '../../parallel/executor.js';
import { changeMarket } from './other-markets.js';
import type { Scenario, ScenarioFigures } from './scenarios.js';

/** What scenarios have in common: plain data and shared memory, but for what stays in one thread. */
export interface ScenarioSetup {
  /** Where the compiled strategy lies, or in the caller's own thread the strategy itself. */
  readonly strategy: StrategyPlace | Strategy;
  /** The bundle's handle, or in the caller's own thread the open bundle. */
  readonly bundle: BundleHandle | Bundle;
  readonly view: ViewOptions;
  readonly run: ResolvedRunOptions;
  /** In their flat form. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  readonly seed: number;
  /** Number of the trial whose random stream the strategy uses. */
  readonly trial: number;
}

/** One pool for the thread: scenarios over the same bundle open it once. */
const bundles = new BundlePool();

/** Runs a strategy on what each scenario changes. */
export const createRunner: CreateRunner<Scenario, ScenarioFigures> = async (given) => {
  const setup = given as ScenarioSetup;
  const strategy = await strategyOf(setup.strategy);
  const definition = definitionOf(strategy);
  const lease = 'groups' in setup.bundle ? undefined : bundles.acquire(setup.bundle);
  const bundle = lease?.bundle ?? (setup.bundle as Bundle);
  const runOn = (market: Bundle, scenario: Scenario, indicators: IndicatorSharing): ScenarioFigures => {
    const view = viewOf(market, { ...setup.view, ...scenario.view });
    try {
      return simulate(definition, view, setup, scenario, indicators);
    } finally {
      market.restore();
    }
  };
  return {
    async run(scenario) {
      if (scenario.market === undefined) return runOn(bundle, scenario, { kind: 'memo' });
      const draft = changeMarket(draftOf(bundle), viewOf(bundle, setup.view), scenario.market);
      using changed = await bundleFromColumns(draft, { name: bundle.name, sharing: 'copied' });
      // Columns of a market that is used once are not worth keeping.
      return runOn(changed, scenario, { kind: 'direct' });
    },
    dispose: () => lease?.[Symbol.dispose](),
  };
};

function simulate(
  definition: AnyDefinition,
  view: MarketView,
  setup: ScenarioSetup,
  scenario: Scenario,
  indicators: IndicatorSharing,
): ScenarioFigures {
  const simulation = new Simulation({
    definition,
    view,
    run: { ...setup.run, ...scenario.run },
    indicators: indicatorSource(indicators),
    history: new DirectHistory(),
  });
  const space = new ParameterSpace(definition.parameters);
  const params = space.fromFlat({ ...setup.params, ...scenario.params }) as GivenParams;
  try {
    const { metrics, custom, endingEquity, fills, orderStreamHash } = simulation.summary({
      params,
      seed: setup.seed,
      randomLabels: ['trial', setup.trial],
    });
    return { metrics: { ...metrics, ...custom }, endingEquity, fills, orderStreamHash };
  } finally {
    simulation.rest();
  }
}
