export { accelerationOscillator } from './builtin/acceleration-oscillator.js';
export { accumulationDistribution } from './builtin/accumulation-distribution.js';
export { adx } from './builtin/adx.js';
export { adxr } from './builtin/adxr.js';
export { apo } from './builtin/apo.js';
export { aroon } from './builtin/aroon.js';
export { atr } from './builtin/atr.js';
export { awesomeOscillator } from './builtin/awesome-oscillator.js';
export { beta } from './builtin/beta.js';
export { bollinger } from './builtin/bollinger.js';
export { cci } from './builtin/cci.js';
export { chaikinMoneyFlow } from './builtin/chaikin-money-flow.js';
export { chaikinOscillator } from './builtin/chaikin-oscillator.js';
export { cmo } from './builtin/cmo.js';
export { correlation } from './builtin/correlation.js';
export { dema } from './builtin/dema.js';
export { directionalIndicator } from './builtin/directional-indicator.js';
export { donchian } from './builtin/donchian.js';
export { dv2 } from './builtin/dv2.js';
export { ema } from './builtin/ema.js';
export { envelope } from './builtin/envelope.js';
export { highest } from './builtin/highest.js';
export { hma } from './builtin/hma.js';
export { ichimoku } from './builtin/ichimoku.js';
export { kama } from './builtin/kama.js';
export { keltner } from './builtin/keltner.js';
export { kst } from './builtin/kst.js';
export { laguerreRsi } from './builtin/laguerre-rsi.js';
export { linearRegression } from './builtin/linear-regression.js';
export { lowest } from './builtin/lowest.js';
export { macd } from './builtin/macd.js';
export { medianPrice } from './builtin/median-price.js';
export { mfi } from './builtin/mfi.js';
export { momentum } from './builtin/momentum.js';
export { natr } from './builtin/natr.js';
export { obv } from './builtin/obv.js';
export { parabolicSar } from './builtin/parabolic-sar.js';
export { percentRank } from './builtin/percent-rank.js';
export { ppo } from './builtin/ppo.js';
export { roc } from './builtin/roc.js';
export { rsi } from './builtin/rsi.js';
export { sma } from './builtin/sma.js';
export { smma } from './builtin/smma.js';
export { standardDeviation } from './builtin/standard-deviation.js';
export { stochastic } from './builtin/stochastic.js';
export { stochasticRsi } from './builtin/stochastic-rsi.js';
export { supertrend } from './builtin/supertrend.js';
export { t3 } from './builtin/t3.js';
export { tema } from './builtin/tema.js';
export { trima } from './builtin/trima.js';
export { trix } from './builtin/trix.js';
export { trueRange } from './builtin/true-range.js';
export { tsi } from './builtin/tsi.js';
export { typicalPrice } from './builtin/typical-price.js';
export { ultimateOscillator } from './builtin/ultimate-oscillator.js';
export { volatility } from './builtin/volatility.js';
export { vwap } from './builtin/vwap.js';
export { williamsAccumulation } from './builtin/williams-accumulation.js';
export { williamsR } from './builtin/williams-r.js';
export { wma } from './builtin/wma.js';
export { zeroLag } from './builtin/zero-lag.js';
export { zscore } from './builtin/zscore.js';
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
