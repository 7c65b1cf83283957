import { atr, ema, highest, lowest, rsi, sma, standardDeviation } from '../../src/indicators/index.js';
import { indicatorContract } from './indicator-contract.js';

indicatorContract('sma', sma);
indicatorContract('ema', ema);
indicatorContract('standardDeviation', (length) => standardDeviation(length));
indicatorContract('standardDeviation of a sample', (length) => standardDeviation(length, 1));
indicatorContract('highest', highest);
indicatorContract('lowest', lowest);
indicatorContract('rsi', rsi);
indicatorContract('atr', atr);
