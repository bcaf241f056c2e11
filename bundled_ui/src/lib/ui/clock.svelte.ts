import { createSubscriber } from 'svelte/reactivity';

/** The time as state: whoever reads `now` in markup is drawn again every `everyMs`. The timer runs only
 * while something on the screen reads it. */
export class Clock {
  readonly #subscribe: () => void;

  constructor(everyMs: number) {
    this.#subscribe = createSubscriber((update) => {
      const timer = setInterval(update, everyMs);
      return () => clearInterval(timer);
    });
  }

  /** Epoch milliseconds. */
  get now(): number {
    this.#subscribe();
    return Date.now();
  }
}

export const slow = new Clock(5_000);
export const fast = new Clock(100);
