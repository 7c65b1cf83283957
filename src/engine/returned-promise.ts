import { UsageError } from '../core/errors.js';

/** Whether a value is what an asynchronous function returns. */
export function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Returns the error of a handler that returned a promise. */
export function promiseReturned(handler: string, promise: unknown): UsageError {
  // It may reject later, when nobody listens any more: that would end the process.
  (promise as PromiseLike<unknown>).then(undefined, () => {});
  return new UsageError('PROMISE_RETURNED', {
    message: `${handler} returned a Promise. Handlers are synchronous: a handler that waits would see later bars. Remove 'async'.`,
  });
}
