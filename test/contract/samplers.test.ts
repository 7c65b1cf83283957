import { cmaes } from '../../src/optimize/samplers/cmaes.js';
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
