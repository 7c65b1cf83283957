// performance.now() counts from the start of each thread, process.hrtime() from one instant for all of them, but
// allocates. The difference is taken once a thread.
const [seconds, nanoseconds] = process.hrtime();
const offset = seconds * 1e3 + nanoseconds / 1e6 - performance.now();

/** Milliseconds on a clock that never steps and that all threads of the process share. */
export const monotonicNow = (): number => performance.now() + offset;
