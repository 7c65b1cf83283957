import { type Profile, profileOf, type ThreadRecording } from './profile.js';
import { Recorder, type RecordingSettings, type RecordingSink } from './recorder.js';

/** A fifth of a millisecond: a run of 20 ms still has a hundred samples. Allocations by V8's own default. */
const SETTINGS: RecordingSettings = { sampleMicroseconds: 200, heapIntervalBytes: 32_768 };

/** Records this thread, and those of the pools that are given its `sink`, until `finish`. */
export class Profiler implements Disposable {
  /** For pools: each of their threads is recorded from its start to its end. */
  readonly sink: RecordingSink;
  readonly #main: Recorder;
  readonly #workers: ThreadRecording[] = [];
  readonly #lost: string[] = [];
  readonly #settings: RecordingSettings;

  private constructor(main: Recorder, settings: RecordingSettings) {
    this.#main = main;
    this.#settings = settings;
    this.sink = {
      settings,
      onRecording: (worker, recording) => this.#workers.push({ name: this.#newName(worker), ...recording }),
      onLost: (worker) => this.#lost.push(`worker ${worker}`),
    };
  }

  /** Starts to record this thread. Whoever starts it disposes of it; after `finish` that does nothing. */
  static async start(settings: RecordingSettings = SETTINGS): Promise<Profiler> {
    return new Profiler(await Recorder.start(settings), settings);
  }

  /** Ends the recording and returns what this thread did, and those threads that have ended. To be called once, when pools are closed. */
  finish(): Profile {
    const main = { name: 'main', ...this.#main.stop() };
    const workers = this.#workers.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    return profileOf([main, ...workers], this.#settings, this.#lost);
  }

  [Symbol.dispose](): void {
    this.#main.discard();
  }

  /** Pools that follow one another number their threads alike. */
  #newName(worker: number): string {
    const name = `worker ${worker}`;
    const before = this.#workers.filter((each) => each.name === name || each.name.startsWith(`${name} (`)).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  }
}
