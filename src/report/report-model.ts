import type { EpochMs } from '../core/brand.js';
import type { CallTree, Frame, Place } from '../profiling/call-tree.js';
import type { FunctionCost } from '../profiling/cost-tables.js';

/** A parameter's value in a trial. */
export type ReportScalar = string | number | boolean;

/** One parameter of the search space, as far as the report needs it. */
export interface ReportParameter {
  readonly name: string;
  /** `choice` and `boolean` have no order; the heat map keeps theirs as given. */
  readonly kind: 'int' | 'float' | 'choice' | 'boolean';
  /** Reachable values in order, where they are few. @defaultValue the values that the trials show */
  readonly values?: readonly ReportScalar[];
}

/** One trial of a study. */
export interface ReportTrial {
  readonly number: number;
  readonly params: Readonly<Record<string, ReportScalar>>;
  /** The objective; null when the trial has none (pruned, failed, running, not available). */
  readonly value: number | null;
  readonly state: 'complete' | 'pruned' | 'failed' | 'running';
}

/** One fill of a run. Amounts are decimal strings. */
export interface ReportFill {
  readonly time: EpochMs | number;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  /** Units, positive. */
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
}

/** Account value over time: two columns of equal length, times ascending, in UTC milliseconds. */
export interface ReportEquity {
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** One run of a strategy: what the page shows as cards, curves and fills. */
export interface ReportRun {
  readonly params: Readonly<Record<string, ReportScalar>>;
  /** By name as in `metrics`; null when not available. Ratios are fractions: 0.29 is 29 %. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Decimal strings. */
  readonly startingCash: string;
  readonly endingEquity: string;
  readonly equity: ReportEquity;
  readonly fills: readonly ReportFill[];
}

interface CommonModel {
  readonly title: string;
  /** True when the prices were generated: the page then says so in loud words. */
  readonly synthetic: boolean;
  /** When the report was made, as the reader shall see it: an argument, so that equal inputs give equal bytes. */
  readonly generatedAt: string;
  /** What became of the data that are held out, in a sentence. @defaultValue nothing is held out */
  readonly holdout?: string | undefined;
  /** Name to value, in the order shown: bundle and version, strategy source hash, configuration, seed, versions. */
  readonly provenance: Readonly<Record<string, string>>;
}

/** A report of one backtest. */
export interface BacktestReportModel extends CommonModel {
  readonly kind: 'backtest';
  readonly run: ReportRun;
  /** What is left of the run otherwise. @defaultValue not tested */
  readonly robustness?: ReportRobustness | undefined;
  /** Where its time went. @defaultValue not recorded */
  readonly profile?: ReportProfile | undefined;
}

/** Where the time of a run went. */
export interface ReportProfile {
  /** Milliseconds of work: all threads, beneath them each thread, beneath that its functions. */
  readonly calls: CallTree;
  /** The dearest first. */
  readonly functions: readonly FunctionCost[];
  /** Says whose a function is, and where. */
  readonly placeOf: (frame: Frame) => Place;
  /** Sentences beneath: what it does not say. */
  readonly remarks: readonly string[];
}

/** A report of a study. */
export interface StudyReportModel extends CommonModel {
  readonly kind: 'study';
  readonly parameters: readonly ReportParameter[];
  readonly objective: { readonly name: string; readonly direction: 'maximize' | 'minimize' };
  /** In order of their numbers. */
  readonly trials: readonly ReportTrial[];
  /** The best trial's run; undefined when no trial completed. */
  readonly best: (ReportRun & { readonly number: number }) | undefined;
  /** The best trials, best first, with their metrics. */
  readonly top: readonly {
    readonly number: number;
    readonly params: Readonly<Record<string, ReportScalar>>;
    readonly value: number;
    readonly metrics: Readonly<Record<string, number | null>>;
    /** Mean of the objective over the trial and its nearest neighbours. @defaultValue no column: it was not looked at */
    readonly plateau?: number | undefined;
  }[];
  /** The trial whose mean over its neighbourhood is the best. @defaultValue not looked at */
  readonly plateau?: {
    readonly number: number;
    readonly params: Readonly<Record<string, ReportScalar>>;
    readonly value: number;
    readonly mean: number;
    /** Neighbours that count at least. */
    readonly neighbours: number;
  };
  /** Of several objectives: the trials that no other one beats in all of them, and those that one does. @defaultValue one objective */
  readonly front?: ReportFront | undefined;
  /** How far the best trial can be luck. `'not-computed'`: the page says that nothing in it tells. @defaultValue no note */
  readonly overfitting?: 'not-computed' | ReportOverfitting;
  /** What is left of the best run otherwise. @defaultValue not tested */
  readonly robustness?: ReportRobustness | undefined;
  /** @defaultValue no section: trials are few, or all alike */
  readonly importance?: ReportImportance | undefined;
}

/** The Pareto set of a study of several objectives. Values are one an objective, in the order of `objectives`. */
export interface ReportFront {
  readonly objectives: readonly { readonly name: string; readonly direction: 'maximize' | 'minimize' }[];
  /** By the first objective, best first. */
  readonly trials: readonly {
    readonly number: number;
    readonly params: Readonly<Record<string, ReportScalar>>;
    readonly values: readonly number[];
  }[];
  /** Values of the other complete trials: an even pick where they are many. */
  readonly others: readonly (readonly number[])[];
}

/** Which parameters matter, and which of them together; shares are of the objective's variance, largest first. */
export interface ReportImportance {
  readonly trials: number;
  /** Share of the variance of unseen trials that is predicted. */
  readonly predicted: number;
  readonly parameters: readonly { readonly name: string; readonly share: number; readonly permutation: number }[];
  readonly interactions: readonly { readonly names: readonly [string, string]; readonly share: number }[];
  /** Of three parameters and more together. */
  readonly higher: number;
}

/** Statistics of a choice among trials, in words and as charts. */
export interface ReportOverfitting {
  /** One sentence that sums them up. */
  readonly verdict: string;
  readonly findings: readonly {
    readonly name: string;
    readonly label: string;
    readonly value: string;
    readonly says: string;
    readonly saysNot: string;
  }[];
  /** Of the cross-validation; undefined where it was not made. */
  readonly splits: ReportSplits | undefined;
}

/** What is left of a run by other luck, prices, costs, parameters and dates. */
export interface ReportRobustness {
  /** Figures of the run, and how they spread over changed ones. */
  readonly spreads: readonly {
    readonly metric: string;
    readonly recorded: number | null;
    readonly kinds: readonly ReportSpread[];
  }[];
  readonly findings: readonly {
    readonly name: string;
    readonly label: string;
    readonly value: string;
    readonly says: string;
  }[];
  /** Total return under rising slippage; undefined where it was not tested. */
  readonly costs: readonly { readonly bps: number; readonly totalReturn: number | null }[] | undefined;
  /** Metric of the curves and surfaces. */
  readonly metric: string;
  readonly curves: readonly {
    readonly parameter: string;
    readonly values: readonly ReportScalar[];
    readonly metrics: readonly (number | null)[];
    /** Place of the run among the values. */
    readonly base: number;
    readonly stability: number | null;
  }[];
  readonly surfaces: readonly {
    readonly parameters: readonly [string, string];
    readonly values: readonly [readonly ReportScalar[], readonly ReportScalar[]];
    /** Row by row: the first parameter's values over the second's. */
    readonly metrics: readonly (readonly (number | null)[])[];
    readonly base: readonly [number, number];
    readonly stability: number | null;
  }[];
  /** What was not made, and why. */
  readonly remarks: readonly string[];
}

/** How a figure spreads over runs that were changed in one way. */
export interface ReportSpread {
  readonly label: string;
  readonly runs: number;
  readonly p5: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p95: number;
}

/** Splits of a record into halves: how the best in one does in the other. */
export interface ReportSplits {
  readonly count: number;
  /** Bins of equal width of the logits of the rank out-of-sample, and how many splits lie in each. */
  readonly logits: { readonly low: number; readonly width: number; readonly counts: readonly number[] };
  /** Annual Sharpe ratios of the best in-sample, in one half and in the other: an even pick. */
  readonly points: readonly (readonly [inSample: number, outOfSample: number])[];
  /** The line of least squares through all of them. */
  readonly line: { readonly slope: number; readonly intercept: number };
}

/** One part of a window: its first and last bar as a reader shall see them, and the objective on it. */
export interface ReportSpan {
  readonly start: string;
  readonly end: string;
  readonly bars: number;
  readonly score: number | null;
}

/** One window of a walk-forward. */
export interface ReportWindow {
  readonly number: number;
  /** Empty where nothing was chosen. */
  readonly params: Readonly<Record<string, ReportScalar>>;
  readonly train: ReportSpan;
  readonly validate: ReportSpan | undefined;
  readonly test: ReportSpan;
  readonly efficiency: number | null;
  /** Of the test; a fraction. */
  readonly totalReturn: number | null;
  readonly fills: number;
}

/** How one parameter moved from window to window. */
export interface ReportDrift {
  readonly name: string;
  readonly values: readonly (ReportScalar | null)[];
  /** Where each value stands between the parameter's bounds, 0 to 1. */
  readonly positions: readonly (number | null)[];
  readonly mean: number | null;
  readonly coefficientOfVariation: number | null;
  readonly spread: number | null;
  readonly agreement: number | null;
}

/** A report of a walk-forward: what was traded out of sample, and with what. */
export interface WalkForwardReportModel extends CommonModel {
  readonly kind: 'walk-forward';
  /** How the data were cut, in words. */
  readonly design: string;
  /** How far the account of all tests can be luck, in a sentence. @defaultValue not known */
  readonly luck?: string | undefined;
  readonly objective: { readonly name: string; readonly direction: 'maximize' | 'minimize' };
  /** All tests as one account. */
  readonly run: ReportRun;
  readonly windows: readonly ReportWindow[];
  readonly drift: readonly ReportDrift[];
  readonly efficiency: number | null;
  readonly returnEfficiency: number | null;
  readonly warnings: readonly string[];
}

/** What {@link renderReport} draws: plain data. */
export type ReportModel = BacktestReportModel | StudyReportModel | WalkForwardReportModel;
