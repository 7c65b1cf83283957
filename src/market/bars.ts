/** The columns that every asset of a bundle has. Bundles may hold further named columns. */
export const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

export type Field = (typeof FIELDS)[number];

/** True for the name of a column that every asset has. */
export const isField = (name: string): name is Field => (FIELDS as readonly string[]).includes(name);

/** Bar lengths, from a minute to a month. */
export const FREQUENCIES = [
  ...(['1m', '3m', '5m', '10m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h'] as const),
  ...(['1d', '1w', '1mo'] as const),
] as const;

/** One of {@link FREQUENCIES}. */
export type Frequency = (typeof FREQUENCIES)[number];
