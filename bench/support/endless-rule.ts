// The rule of examples/sma-crossover.ts over seven averages and any threshold: as many different trials as are asked for.
import { float, int } from 'hindcast';
import smaCrossover from '../../examples/sma-crossover.js';

const parameters = {
  fast: int(5, 20, { step: 5 }),
  slow: int(30, 60, { step: 15 }),
  threshold: float(0, 0.05),
};

export default { ...smaCrossover, parameters } as typeof smaCrossover;
