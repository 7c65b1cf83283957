import { MAX_LEASE } from './worker-slot.js';

/** Work that a lease should hold, in milliseconds: some hundred times what its two messages cost. */
const LEASE_MILLISECONDS = 8;
/** Leases grow at most this many times over the tasks seen so far, so that a few lucky ones mislead nobody. */
const GROWTH = 8;
/** Weight that older measurements keep at each new one. */
const MEMORY = 0.9;

/** Chooses how many tasks travel in one message, from the time that tasks of this run took. */
export class LeaseSize {
  #milliseconds = 0;
  #tasks = 0;
  #seen = 0;

  /** Takes in the time of `tasks` tasks together. */
  observe(milliseconds: number, tasks: number): void {
    this.#milliseconds = this.#milliseconds * MEMORY + milliseconds;
    this.#tasks = this.#tasks * MEMORY + tasks;
    this.#seen += tasks;
  }

  /**
   * Returns the tasks of the next lease, from 1 to {@link MAX_LEASE}. With `remaining` known the lease takes at most its
   * share of half of them, so that the last leases are short and end together (guided self-scheduling, Polychronopoulos
   * and Kuck 1987).
   */
  next(workers: number, remaining: number | undefined): number {
    const byTime = (LEASE_MILLISECONDS * this.#tasks) / Math.max(this.#milliseconds, 1e-9);
    const byShare = remaining === undefined ? Number.POSITIVE_INFINITY : Math.ceil(remaining / (2 * workers));
    return Math.max(1, Math.floor(Math.min(byTime, byShare, this.#seen * GROWTH, MAX_LEASE)));
  }
}
