/** Colours of the charts, read from the page's style so that both schemes live in one place. */
export interface Palette {
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly loss: string;
  readonly lossSoft: string;
  readonly point: string;
  readonly band: string;
  /** Lines that stand beside each other: Okabe and Ito's colours, told apart by every kind of colour vision. */
  readonly lines: readonly string[];
}

/** Returns the colours of the scheme in force. */
export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: color('text'),
    muted: color('muted'),
    grid: color('grid'),
    accent: color('accent'),
    accentSoft: color('accent-soft'),
    loss: color('loss'),
    lossSoft: color('loss-soft'),
    point: color('point'),
    band: color('band'),
    lines: [1, 2, 3, 4, 5, 6].map((number) => color(`line-${number}`)),
  };
}

/** Calls back when the scheme changes, and around printing, which is always light. */
export function onSchemeChange(redraw: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  matchMedia('print').addEventListener('change', redraw);
}

// Anchors of viridis (Smith and van der Walt, CC0): perceptually uniform, and ordered for every kind of colour vision.
const viridis = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 73, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
] as const;

/** Returns the colour of a share from 0 (dark) to 1 (bright). */
export function heatColor(share: number): string {
  const place = Math.min(1, Math.max(0, share)) * (viridis.length - 1);
  const index = Math.min(viridis.length - 2, Math.floor(place));
  const [from, to] = [viridis[index]!, viridis[index + 1]!];
  const mixed = from.map((channel, k) => Math.round(channel + (to[k]! - channel) * (place - index)));
  return `rgb(${mixed.join(' ')})`;
}
