/** At which price of which bar orders fill. */
export type FillRule = 'next-open' | 'next-close' | 'same-close';
