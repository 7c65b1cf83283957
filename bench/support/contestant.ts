import { shuffled } from './statistics.js';

/** One run of an arm. */
export interface Run<R> {
  readonly arm: string;
  readonly seconds: number;
  /** What came before the measured time: compiling, opening, starting threads. Absent where nothing did. */
  readonly startupSeconds?: number;
  readonly result: R;
}

/** What takes part in a comparison: one arm, or several that only run together. */
export interface Contestant<R> {
  readonly arms: readonly string[];
  /** Runs each arm once. */
  run(): Promise<readonly Run<R>[]>;
  close(): void;
}

/** The samples of one arm, one a round. */
export interface Samples {
  readonly arm: string;
  readonly seconds: number[];
  readonly startupSeconds: number[];
}

/** How long to measure. */
export interface Rounds {
  /** Rounds that count. */
  readonly counted: number;
  /** Rounds before them that do not. */
  readonly warmUp: number;
  readonly random: () => number;
}

/**
 * Measures arms in turns: in each round every one runs once, in random order, so that what slows the machine down hits all alike.
 * `check` throws on a result that is not the reference's; it sees every run, the first ones before anything is counted.
 */
export async function measureInTurns<R>(
  contestants: readonly Contestant<R>[],
  { counted, warmUp, random }: Rounds,
  check: (run: Run<R>) => void,
): Promise<Samples[]> {
  const samples = new Map<string, Samples>();
  for (const arm of contestants.flatMap(({ arms }) => arms)) samples.set(arm, { arm, seconds: [], startupSeconds: [] });
  try {
    for (let round = -warmUp; round < counted; round++) {
      for (const contestant of shuffled(contestants, random)) {
        for (const run of await contestant.run()) {
          check(run);
          if (round < 0) continue;
          const { seconds, startupSeconds } = samples.get(run.arm)!;
          seconds.push(run.seconds);
          if (run.startupSeconds !== undefined) startupSeconds.push(run.startupSeconds);
        }
      }
    }
  } finally {
    for (const contestant of contestants) contestant.close();
  }
  return [...samples.values()];
}

/** Makes some runs in a row one, of mean times. */
export function meanOf<R extends { readonly seconds: number; readonly startupSeconds?: number | undefined }>(
  run: () => R | Promise<R>,
  times: number,
): () => Promise<R> {
  return async () => {
    let last = await run();
    let { seconds, startupSeconds } = last;
    for (let more = 1; more < times; more++) {
      last = await run();
      seconds += last.seconds;
      if (startupSeconds !== undefined) startupSeconds += last.startupSeconds!;
    }
    const start = startupSeconds === undefined ? {} : { startupSeconds: startupSeconds / times };
    return { ...last, seconds: seconds / times, ...start };
  };
}
