// The rule of examples/sma-crossover.ts over the 36 combinations of W3.
import { float, int } from 'hindcast';
import smaCrossover from '../../examples/sma-crossover.js';

const parameters = {
  fast: int(5, 20, { step: 5 }),
  slow: int(30, 60, { step: 15 }),
  threshold: float(0.01, 0.05, { step: 0.02 }),
};

export default { ...smaCrossover, parameters } as typeof smaCrossover;
