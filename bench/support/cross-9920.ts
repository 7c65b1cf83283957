// The rule of examples/sma-crossover.ts over 9,920 combinations.
import { float, int } from 'hindcast';
import smaCrossover from '../../examples/sma-crossover.js';

const parameters = {
  fast: int(5, 50, { step: 3 }),
  slow: int(50, 200, { step: 5 }),
  threshold: float(0.001, 0.02, { step: 0.001 }),
};

export default { ...smaCrossover, parameters } as typeof smaCrossover;
