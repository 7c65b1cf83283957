import { DataError } from '../core/errors.js';

/** New shares for `old` old ones, as the two numbers of a split's text: '4' is 4 for 1, '1/3' is 1 for 3. */
export interface Ratio {
  readonly fresh: number;
  readonly old: number;
}

/** Returns a split's ratio as numbers. Throws {@link DataError} `EVENT_INVALID` unless it is a positive decimal or fraction. */
export function parseRatio(text: string, what: string): Ratio {
  const match = /^(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?$/.exec(text);
  const fresh = Number(match?.[1]);
  const old = Number(match?.[2] ?? 1);
  if (match === null || !(fresh > 0) || !(old > 0) || !Number.isFinite(fresh / old) || fresh / old === 0) {
    throw new DataError('EVENT_INVALID', {
      message: `The ratio of ${what} is '${text}': give new shares for one old, such as '4', '0.05' or '1/3'.`,
      details: { what, ratio: text },
    });
  }
  return { fresh, old };
}
