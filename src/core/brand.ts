declare const brand: unique symbol;

/** A primitive that the compiler keeps apart from others of the same kind. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Asset identifier: the asset's place in its bundle's asset list, from 0. */
export type Sid = Brand<number, 'Sid'>;

/** An instant in UTC milliseconds since 1970-01-01. */
export type EpochMs = Brand<number, 'EpochMs'>;

/** Marks a number as an asset identifier; use where data enters. */
export const asSid = (value: number): Sid => value as Sid;

/** Marks a number as an instant; use where data enters. */
export const asEpochMs = (value: number): EpochMs => value as EpochMs;
