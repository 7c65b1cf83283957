import type { Bundle, BundleHandle } from '../data/bundle.js';
import type { BundleLease } from '../data/bundle-pool.js';
import { type MarketView, type ViewOptions, viewOf } from './market-view.js';
import type { RunCaches } from './run-caches.js';
import type { ResolvedRunOptions } from './run-options.js';
import { Simulation } from './simulation.js';
import type { AnyDefinition } from './strategy.js';

/** What a run has of a market: axis rows `[from, to)`, and what else differs from it, such as fewer assets or longer bars. */
export type RunPart = Pick<MarketView, 'from' | 'to'> & Partial<MarketView>;

/** What runs of a strategy happen on. */
export interface SimulationParts {
  readonly definition: AnyDefinition;
  /** An open bundle stays its owner's. */
  readonly bundle: Bundle | BundleHandle;
  readonly view: ViewOptions;
  readonly run: ResolvedRunOptions;
  readonly caches: RunCaches;
}

/** Where a thread's runs get their simulations from: kept from run to run, or made for each. */
export interface Simulations extends Disposable {
  /**
   * Calls `use` with one simulation a part of the market, and with the market while it is open; what was written to views of it is undone
   * afterwards.
   *
   * @param key names the parts: equal keys, equal parts
   */
  use<R>(
    key: string | number,
    partsOf: (view: MarketView) => readonly RunPart[],
    use: (simulations: readonly Simulation[], view: MarketView) => R,
  ): R;
}

/**
 * Returns the simulations of a thread. What a run reads can be kept for the next only where its bundle, its assets and its columns are: any of
 * these flags off means that each run makes its own.
 *
 * @param keep keys whose simulations are kept at most
 */
export function openSimulations(parts: SimulationParts, keep: number): Simulations {
  const { bundlePool, assetCache, pregroupedColumns } = parts.caches.settings;
  return bundlePool && assetCache && pregroupedColumns ? new KeptSimulations(parts, keep) : new FreshSimulations(parts);
}

/** One market for all runs, and the simulations used last. */
class KeptSimulations implements Simulations {
  readonly #parts: SimulationParts;
  readonly #keep: number;
  readonly #lease: BundleLease;
  readonly #view: MarketView;
  /** In order of use, the least recent first. */
  readonly #kept = new Map<string | number, readonly Simulation[]>();

  constructor(parts: SimulationParts, keep: number) {
    this.#parts = parts;
    this.#keep = keep;
    this.#lease = parts.caches.open(parts.bundle);
    try {
      this.#view = viewOf(this.#lease.bundle, parts.view, parts.caches.sources);
    } catch (error) {
      this.#lease[Symbol.dispose]();
      throw error;
    }
  }

  use<R>(...[key, partsOf, use]: Parameters<Simulations['use']>): R {
    const simulations = this.#of(key, partsOf);
    try {
      return use(simulations, this.#view) as R;
    } finally {
      rest(simulations);
      this.#lease.bundle.restore();
      this.#parts.caches.tell();
    }
  }

  #of(key: string | number, partsOf: (view: MarketView) => readonly RunPart[]): readonly Simulation[] {
    let simulations = this.#kept.get(key);
    if (simulations === undefined) simulations = simulationsOver(this.#parts, this.#view, partsOf);
    else if (this.#kept.size === 1) return simulations;
    else this.#kept.delete(key);
    this.#kept.set(key, simulations);
    if (this.#kept.size > this.#keep) this.#kept.delete(this.#kept.keys().next().value!);
    return simulations;
  }

  [Symbol.dispose](): void {
    this.#kept.clear();
    this.#lease[Symbol.dispose]();
  }
}

/** A market and simulations for each run. */
class FreshSimulations implements Simulations {
  readonly #parts: SimulationParts;
  /** Kept where the pool is on. */
  readonly #lease: BundleLease | undefined;

  constructor(parts: SimulationParts) {
    this.#parts = parts;
    const { settings, open } = parts.caches;
    this.#lease = settings.bundlePool ? open(parts.bundle) : undefined;
  }

  use<R>(...[, partsOf, use]: Parameters<Simulations['use']>): R {
    const { bundle, view: options, caches } = this.#parts;
    const lease = this.#lease ?? caches.open(bundle);
    let simulations: readonly Simulation[] = [];
    try {
      const view = viewOf(lease.bundle, options, caches.sources);
      simulations = simulationsOver(this.#parts, view, partsOf);
      return use(simulations, view) as R;
    } finally {
      rest(simulations);
      lease.bundle.restore();
      if (lease !== this.#lease) lease[Symbol.dispose]();
      caches.tell();
    }
  }

  [Symbol.dispose](): void {
    this.#lease?.[Symbol.dispose]();
  }
}

function rest(simulations: readonly Simulation[]): void {
  for (const simulation of simulations) simulation.rest();
}

const simulationsOver = (
  { definition, run, caches }: SimulationParts,
  view: MarketView,
  partsOf: (view: MarketView) => readonly RunPart[],
): readonly Simulation[] =>
  partsOf(view).map((part) => {
    const { indicators, history, settings } = caches;
    const isWhole = (Object.keys(part) as (keyof RunPart)[]).every((key) => part[key] === view[key]);
    const reading = { labelled: !settings.arrayReturn, asksEveryBar: !settings.quietBars };
    return new Simulation({
      definition,
      view: isWhole ? view : { ...view, ...part },
      run,
      indicators,
      history,
      ...reading,
    });
  });
