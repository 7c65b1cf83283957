import { gridSampler } from '../../src/optimize/samplers/grid.js';
import { randomSampler } from '../../src/optimize/samplers/random.js';
import { samplerContract } from './sampler-contract.js';

samplerContract({ name: 'grid', create: gridSampler, continuous: false });
samplerContract({ name: 'random', create: randomSampler, continuous: true });
