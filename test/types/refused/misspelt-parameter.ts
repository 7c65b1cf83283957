import { backtest } from 'hindcast';
import { reversion } from '../accepted.js';

await backtest(reversion, { bundle: 'us', params: { low: 20, lenght: 14 } });
