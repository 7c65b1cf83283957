import { EphemeralPool } from '../../src/parallel/ephemeral-pool.js';
import { InlineExecutor } from '../../src/parallel/inline-executor.js';
import { PersistentWorkerPool } from '../../src/parallel/persistent-worker-pool.js';
import { executorContract } from './executor-contract.js';

executorContract('InlineExecutor', () => new InlineExecutor());
executorContract('PersistentWorkerPool of one', () => new PersistentWorkerPool({ workers: 1 }));
executorContract('PersistentWorkerPool of three', () => new PersistentWorkerPool({ workers: 3 }));
executorContract('EphemeralPool', () => new EphemeralPool({ workers: 2 }));
