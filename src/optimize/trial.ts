import type { ParamsOf, Scalar } from '../engine/parameters.js';

/** A suggestion to evaluate. */
export interface Trial<P> {
  /** From 0, in the order of asking. */
  readonly number: number;
  readonly params: ParamsOf<P>;
  /** Share of the data to use; 1 outside multi-fidelity searches. */
  readonly budget: number;
}

/** What is kept of an evaluation beside its values. */
export interface TrialReport {
  /** Metrics by name; null where one is not available. */
  readonly metrics?: Readonly<Record<string, number | null>>;
  /** Account value at the end, a decimal. */
  readonly endingEquity?: string;
  readonly orders?: number;
  readonly fills?: number;
  /** SHA-256 of the stream of orders, hex. */
  readonly orderStreamHash?: string;
  /** Time of the evaluation. */
  readonly seconds?: number;
  /** Number of the worker that did it. */
  readonly worker?: number;
  /** The earlier trial with the same parameters and budget whose outcome this one copies. */
  readonly duplicateOf?: number;
  /** The trial of another study whose outcome this one has taken over: its file, `#`, and its number. @defaultValue it was evaluated */
  readonly takenFrom?: string;
  /** Share of its bars behind which its run was ended; of a pruned trial that ran through, but broke a limit, 1. @defaultValue it ran through */
  readonly stoppedAt?: number;
  /** What it reported before its end, as [step, value] by step from 1. */
  readonly intermediate?: readonly (readonly [step: number, value: number])[];
}

/** How a trial ended. Values are one an objective; a pruned trial may have none, and then no sampler sees a value of it. */
export type TrialEnding = TrialReport &
  (
    | { readonly state: 'complete'; readonly values: readonly [number, ...number[]] }
    | { readonly state: 'pruned'; readonly value?: number; readonly reason?: string }
    | { readonly state: 'failed'; readonly reason: string }
  );

/** A trial that ended. */
export type FinishedTrial<P> = Trial<P> & TrialEnding;

/** A trial that ended with values. */
export type CompleteTrial<P> = Trial<P> & Extract<TrialEnding, { readonly state: 'complete' }>;

/** What a caller tells of a trial: its value, its values, or why there is none; with figures and steps beside them, where it has some. */
export type Outcome =
  | number
  | readonly number[]
  | (Pick<TrialReport, 'metrics' | 'intermediate'> &
      (
        | { readonly state: 'complete'; readonly values: readonly number[] }
        | { readonly state: 'pruned'; readonly value?: number; readonly reason?: string }
        | { readonly state: 'failed'; readonly reason?: string }
      ));

/** Whether larger or smaller values are better. */
export type Direction = 'maximize' | 'minimize';

/** A trial as a journal holds it; without an ending it waits or runs. */
export interface JournalTrial {
  readonly number: number;
  readonly params: Readonly<Record<string, Scalar | null>>;
  /** Given by the user or made by another program, rather than suggested by our sampler. */
  readonly enqueued: boolean;
  /** Made by another program, which may have given only some parameters. */
  readonly foreign: boolean;
  /** Share of the data that it uses. @defaultValue 1 */
  readonly budget?: number;
  /** How many trials it could see, where it was asked for before the lag allowed it. @defaultValue its number minus the lag, plus 1 */
  readonly saw?: number;
  /** 'waiting' and 'running' until the trial ends. */
  readonly state: 'waiting' | 'running' | 'complete' | 'pruned' | 'failed';
  /** Present when the trial ended. */
  readonly ending?: TrialEnding;
}
