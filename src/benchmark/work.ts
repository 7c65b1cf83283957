import type { SerializedError } from '../core/errors.js';
import type { MarketOptions } from '../engine/market.js';
import type { GivenParams } from '../engine/params.js';
import type { CompiledStrategy } from '../engine/strategy-loader.js';
import type { SearchName } from '../optimize/samplers/names.js';
import type { Profile } from '../profiling/profile.js';
import type { RunSample } from './samples.js';

/** What one run of an arm does: plain data, so that a child process can be told. */
export interface Work {
  /** A strategy's file, absolute. */
  readonly strategy: string;
  /** The same, compiled for the Hindcast that measures. @defaultValue the measuring process compiles it, outside the time */
  readonly compiled?: CompiledStrategy | undefined;
  readonly market: Omit<MarketOptions, 'bundle'> & { readonly bundle: string };
  readonly params: GivenParams;
  readonly seed: number;
  /** How often it is done in one run, one after another in one process, at least once. */
  readonly repeat: number;
  /** A search of the strategy's parameters; one backtest where it is undefined. */
  readonly search?:
    | {
        readonly name: SearchName;
        readonly trials?: number | undefined;
        readonly objective?: string | undefined;
        readonly jobs?: number | undefined;
      }
    | undefined;
}

/** What a run gave, for equality: the hash of all of it, and some words for people. */
export interface WorkResult {
  /** SHA-256, hex. */
  readonly digest: string;
  readonly says: string;
}

/**
 * What goes to a measuring process. It measures once for each 'run', records itself once for each 'profile', and ends when the channel is
 * closed.
 */
export type ToMeasuring = { readonly kind: 'prepare'; readonly work: Work } | { readonly kind: 'run' | 'profile' };

/** What comes back: one message for each. */
export type FromMeasuring =
  | { readonly kind: 'ready'; readonly sourceHash: string }
  | { readonly kind: 'done'; readonly sample: RunSample; readonly result: WorkResult }
  | { readonly kind: 'profiled'; readonly profile: Profile }
  | { readonly kind: 'failed'; readonly error: SerializedError };
