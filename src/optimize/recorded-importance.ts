import { type Importance, type ImportanceOptions, importanceOf, type ValuedTrial } from './importance.js';
import { loadStudied } from './reproduce.js';
import { ParameterSpace } from './space.js';
import { readStudyRecord } from './study-record.js';

/**
 * Returns which parameters of a study in a file matter: see {@link importanceOf}. The study's seed unless another is given.
 *
 * @throws UsageError `STUDY_MISMATCH` when the strategy has changed since, and what {@link importanceOf} throws
 */
export async function recordedImportance(path: string, options: ImportanceOptions = {}): Promise<Importance> {
  const { facts, trials } = readStudyRecord(path);
  const { strategy } = await loadStudied(path, facts);
  const valued: ValuedTrial[] = [];
  for (const { params, ending } of trials()) {
    if (ending?.state === 'complete') valued.push({ params, values: ending.values });
  }
  return importanceOf(new ParameterSpace(strategy.parameters), valued, { seed: facts.seed, ...options });
}
