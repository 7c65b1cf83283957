export { atr } from './builtin/atr.js';
export { ema } from './builtin/ema.js';
export { highest } from './builtin/highest.js';
export { lowest } from './builtin/lowest.js';
export { rsi } from './builtin/rsi.js';
export { sma } from './builtin/sma.js';
export { standardDeviation } from './builtin/standard-deviation.js';
export { crossedAbove, crossedBelow } from './crossings.js';
export {
  defineIndicator,
  type Indicator,
  type IndicatorArgument,
  type IndicatorDefinition,
  type IndicatorRun,
  type InputFields,
  type Reading,
  type Series,
} from './indicator.js';
export { mean } from './mean.js';
