import type { Field } from '../market/bars.js';

/** What may be wrong with a bar by itself, whether it is a row of a file or of columns: as policies name it, `zero-price`. */
export type FaultCode =
  | 'ZERO_PRICE'
  | 'NEGATIVE_PRICE'
  | 'NEGATIVE_VOLUME'
  | 'VOLUME_TOO_LARGE'
  | 'HIGH_BELOW_LOW'
  | 'OPEN_OUTSIDE_RANGE'
  | 'CLOSE_OUTSIDE_RANGE';

/** One thing wrong with a bar. */
export interface BarFault {
  readonly code: FaultCode;
  readonly message: string;
}

/** One thing wrong with the prices of a bar taken together, and whose fault it is. */
export interface RangeFault extends BarFault {
  readonly field: Field;
}

const SOUND: readonly RangeFault[] = [];

/** Returns what is wrong with a price. NaN has no fault. */
export function priceFault(price: number): BarFault | undefined {
  if (price === 0) return { code: 'ZERO_PRICE', message: 'is zero' };
  if (price < 0) return { code: 'NEGATIVE_PRICE', message: `${price} is negative` };
  return undefined;
}

/** Returns what is wrong with a volume. NaN has no fault. */
export function volumeFault(volume: number): BarFault | undefined {
  if (volume < 0) return { code: 'NEGATIVE_VOLUME', message: `${volume} is negative` };
  if (volume > Number.MAX_SAFE_INTEGER) {
    return { code: 'VOLUME_TOO_LARGE', message: `${volume} is 2^53 or more, beyond exact counting` };
  }
  return undefined;
}

/** Returns what is wrong with the prices of a bar taken together. */
export function rangeFaults(open: number, high: number, low: number, close: number): readonly RangeFault[] {
  if (high < low) {
    return [{ code: 'HIGH_BELOW_LOW', field: 'high', message: `high ${high} is below low ${low}` }];
  }
  const isOpenOutside = open < low || open > high;
  const isCloseOutside = close < low || close > high;
  if (!isOpenOutside && !isCloseOutside) return SOUND;
  const outside = (price: number): string => `${price} lies outside low ${low} to high ${high}`;
  const faults: RangeFault[] = [];
  if (isOpenOutside) faults.push({ code: 'OPEN_OUTSIDE_RANGE', field: 'open', message: outside(open) });
  if (isCloseOutside) faults.push({ code: 'CLOSE_OUTSIDE_RANGE', field: 'close', message: outside(close) });
  return faults;
}
