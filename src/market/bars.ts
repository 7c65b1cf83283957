/** The columns that every asset of a bundle has. Bundles may hold further named columns. */
export const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

export type Field = (typeof FIELDS)[number];

/** Bar lengths, from a minute to a month. */
export type Frequency = '1m' | '5m' | '15m' | '30m' | '1h' | '1d' | '1w' | '1mo';
