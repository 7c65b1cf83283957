// The rule of examples/sma-crossover.ts over 100 combinations.
import { float, int } from 'hindcast';
import smaCrossover from '../../examples/sma-crossover.js';

const parameters = {
  fast: int(5, 50, { step: 5 }),
  slow: int(50, 185, { step: 15 }),
  threshold: float(0.005, 0.005, { step: 0.001 }),
};

export default { ...smaCrossover, parameters } as typeof smaCrossover;
