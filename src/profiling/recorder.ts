import type { Session } from 'node:inspector';

/** A function as the profiler of V8 names it: `lineNumber` and `columnNumber` from 0, -1 where there is none. */
export interface CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** A function in one place of the call tree. */
export interface CpuNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly hitCount?: number | undefined;
  readonly children?: readonly number[] | undefined;
  /** Samples by line, from 1. */
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[] | undefined;
}

/** Samples of one thread's stack in the format of Chrome DevTools, a `.cpuprofile`: times in microseconds, the first node is the root. */
export interface CpuProfile {
  readonly nodes: readonly CpuNode[];
  readonly startTime: number;
  readonly endTime: number;
  /** The node each sample found. */
  readonly samples?: readonly number[] | undefined;
  /** From the sample before, or from `startTime`. */
  readonly timeDeltas?: readonly number[] | undefined;
}

/** Bytes that a function allocated in one place of the call tree. */
export interface HeapNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

/** Sampled allocations of one thread in the format of Chrome DevTools, a `.heapprofile`: bytes are estimates of all that was allocated. */
export interface HeapProfile {
  readonly head: HeapNode;
  readonly samples: readonly { readonly size: number; readonly nodeId: number; readonly ordinal: number }[];
}

/** How closely a thread is watched. */
export interface RecordingSettings {
  /** Microseconds between two samples of the stack. */
  readonly sampleMicroseconds: number;
  /** Bytes between two sampled allocations, on average. */
  readonly heapIntervalBytes: number;
}

/** What was seen of one thread. */
export interface Recording {
  readonly cpu: CpuProfile;
  readonly heap: HeapProfile;
}

/** Takes what the threads of a pool record of themselves: each from its start to its end. */
export interface RecordingSink {
  readonly settings: RecordingSettings;
  onRecording(worker: number, recording: Recording): void;
  /** A thread ended without handing over: it crashed, or was ended at a deadline. */
  onLost(worker: number): void;
}

/** Records the thread that starts it, stack and allocations, by V8's own profilers. */
export class Recorder {
  readonly #session: Session;
  #stopped = false;

  private constructor(session: Session) {
    this.#session = session;
  }

  /** Starts to record this thread. */
  static async start({ sampleMicroseconds, heapIntervalBytes }: RecordingSettings): Promise<Recorder> {
    // Loaded where it is used: runs that are not recorded never pay for it.
    const inspector = await import('node:inspector');
    const recorder = new Recorder(new inspector.Session());
    recorder.#session.connect();
    // Collected objects count, too: what is asked is how much was allocated, not how much was left.
    recorder.#ask('HeapProfiler.startSampling', {
      samplingInterval: heapIntervalBytes,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    recorder.#ask('Profiler.enable');
    recorder.#ask('Profiler.setSamplingInterval', { interval: sampleMicroseconds });
    recorder.#ask('Profiler.start');
    return recorder;
  }

  /** Ends the recording and returns it. To be called once. */
  stop(): Recording {
    const { profile: cpu } = this.#ask('Profiler.stop') as { profile: CpuProfile };
    const { profile: heap } = this.#ask('HeapProfiler.stopSampling') as { profile: HeapProfile };
    this.discard();
    return { cpu, heap };
  }

  /** Ends the recording, if it has not ended, for nobody. */
  discard(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#session.disconnect();
  }

  /** Commands to one's own thread are answered before `post` returns. */
  #ask(method: string, parameters: object = {}): unknown {
    let answer: unknown;
    let failure: Error | null = null;
    this.#session.post(method, parameters, (error: Error | null, result?: object) => {
      failure = error;
      answer = result;
    });
    if (failure !== null) throw failure;
    return answer;
  }
}
