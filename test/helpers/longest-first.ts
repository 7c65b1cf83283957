import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of whole processes, markets and thousands of examples: each takes several times as long as one of a unit. */
const isLong = ({ moduleId }: TestSpecification): boolean => !moduleId.includes('/test/unit/');

/** Starts with the files that take longest, so that no core waits for the last of them. By its own, Vitest knows but their sizes in a fresh clone. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
