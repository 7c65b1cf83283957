import { cmaes } from '../../src/optimize/samplers/cmaes.js';
import { genetic, nsga2 } from '../../src/optimize/samplers/genetic.js';
import { gpSampler } from '../../src/optimize/samplers/gp.js';
import { gridSampler } from '../../src/optimize/samplers/grid.js';
import { randomSampler } from '../../src/optimize/samplers/random.js';
import { sobolSampler } from '../../src/optimize/samplers/sobol.js';
import { tpe } from '../../src/optimize/samplers/tpe.js';
import { samplerContract } from './sampler-contract.js';

samplerContract({ name: 'grid', create: gridSampler, continuous: false });
samplerContract({ name: 'random', create: randomSampler, continuous: true });
samplerContract({ name: 'sobol', create: sobolSampler, continuous: true });
samplerContract({ ...tpe(), continuous: true });
samplerContract({ ...cmaes(), continuous: true });
samplerContract({ name: 'gp', create: gpSampler, continuous: true, trials: 30 });
samplerContract({ ...genetic(), continuous: true });
samplerContract({ ...genetic({ islands: 3, elite: 1 }), continuous: true });
samplerContract({ ...nsga2(), continuous: true });
samplerContract({ ...nsga2({ population: 8 }), continuous: true, objectives: 2 });
