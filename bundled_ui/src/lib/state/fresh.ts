/** Looks at the server again and again for as long as somebody looks at the page: soon while something is
 * under way or the person is active, ever more seldom when neither is so. A page that lies open costs a
 * quiet server a request in a few minutes. */

export interface Pace {
  least: number; // Milliseconds between two looks while somebody is active...
  most: number; // ...and when long nobody was.
}

export interface Fresh {
  /** What is shown has changed: the pace is another. */
  again: () => void;
  stop: () => void;
}

const GROWTH = 1.5;
const STIRRED = ['pointermove', 'pointerdown', 'keydown', 'focus'] as const;

export function keepFresh(look: () => Promise<unknown>, pace: () => Pace): Fresh {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false; // An answer may still be on its way when the page is left.
  let looked = Date.now();
  let wait = pace().least;

  function plan(): void {
    clearTimeout(timer);
    if (!over && !document.hidden) timer = setTimeout(next, wait);
  }

  function next(): void {
    looked = Date.now();
    void look().finally(() => {
      const { least, most } = pace();
      wait = Math.min(most, Math.max(least, wait * GROWTH));
      plan();
    });
  }

  function stir(): void {
    const { least } = pace();
    if (over || document.hidden || wait <= least) return;
    wait = least;
    clearTimeout(timer);
    timer = setTimeout(next, Math.max(0, looked + least - Date.now()));
  }

  function seen(): void {
    clearTimeout(timer);
    wait = pace().least;
    if (!over && !document.hidden) next();
  }

  document.addEventListener('visibilitychange', seen);
  for (const event of STIRRED) globalThis.addEventListener?.(event, stir, { passive: true });
  plan();
  return {
    again: () => {
      wait = pace().least;
      plan();
    },
    stop: () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
      for (const event of STIRRED) globalThis.removeEventListener?.(event, stir);
    },
  };
}
