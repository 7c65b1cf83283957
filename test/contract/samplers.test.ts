import { asha } from '../../src/optimize/samplers/asha.js';
import { bohb } from '../../src/optimize/samplers/bohb.js';
import { cmaes } from '../../src/optimize/samplers/cmaes.js';
import { genetic, nsga2 } from '../../src/optimize/samplers/genetic.js';
import { gpSampler } from '../../src/optimize/samplers/gp.js';
import { gridSampler } from '../../src/optimize/samplers/grid.js';
import { halving, hyperband } from '../../src/optimize/samplers/hyperband.js';
import { randomSampler } from '../../src/optimize/samplers/random.js';
import { resolveSearch } from '../../src/optimize/samplers/registry.js';
import { sobolSampler } from '../../src/optimize/samplers/sobol.js';
import { tpe } from '../../src/optimize/samplers/tpe.js';
import { samplerContract } from './sampler-contract.js';

samplerContract({ name: 'grid', create: gridSampler, continuous: false });
samplerContract({ name: 'random', create: randomSampler, continuous: true });
samplerContract({ name: 'sobol', create: sobolSampler, continuous: true });
samplerContract({ ...tpe(), continuous: true });
samplerContract({ ...tpe({ model: 'separate' }), continuous: true, trials: 60 });
samplerContract({ ...cmaes(), continuous: true });
samplerContract({ name: 'gp', create: gpSampler, continuous: true, trials: 30 });
samplerContract({ ...genetic(), continuous: true });
samplerContract({ ...genetic({ islands: 3, elite: 1 }), continuous: true });
samplerContract({ ...nsga2(), continuous: true });
samplerContract({ ...nsga2({ population: 8 }), continuous: true, objectives: 2 });
samplerContract({ ...halving(), continuous: true, trials: 100 });
samplerContract({ ...hyperband({ minBudget: 0.01, eta: 4, part: 'start' }), continuous: true, trials: 100 });
samplerContract({ ...asha(), continuous: true, trials: 100 });
samplerContract({ ...bohb({ randomFraction: 0.1 }), continuous: true, trials: 100 });
samplerContract({
  name: 'auto',
  create: (space, seed, directions) =>
    resolveSearch('auto', space, { objectives: directions.length }).create(space, seed, directions),
  continuous: true,
  trials: 60,
  asked: 'auto',
});
