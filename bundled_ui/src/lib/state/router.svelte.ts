import { find, type Params } from '../model/route';

interface Entry {
  key: string;
}

const SETTLE_MS = 2000;

/** The browser's address as state, and the two ways to change it. Links are ordinary `<a href>`: a
 * click inside the page is caught once, here, so features never need a link component. */
export class Router {
  path = $state.raw(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));
  #key = keyOf(history.state) ?? newKey();
  #scroll = new Map<string, number>();
  #settle: AbortController | null = null;
  #leaving: (() => boolean) | null = null;

  constructor() {
    history.scrollRestoration = 'manual';
    history.replaceState({ key: this.#key } satisfies Entry, '');
  }

  /** The whole address after the origin, as one would put it in a link. */
  get address(): string {
    const query = this.query.toString();
    return query ? `${this.path}?${query}` : this.path;
  }

  /** Goes to a path of this site. With `replace` the present entry of the history is overwritten. */
  go(address: string, options: { replace?: boolean } = {}): void {
    if (!this.#mayLeave(address)) return;
    if (options.replace) {
      history.replaceState({ key: this.#key } satisfies Entry, '', address);
    } else {
      this.#remember();
      this.#key = newKey();
      history.pushState({ key: this.#key } satisfies Entry, '', address);
    }
    this.#read();
  }

  /** Changes the query of the present page without a new history entry; empty values are dropped. */
  setQuery(query: URLSearchParams): void {
    const text = query.toString();
    this.go(text ? `${this.path}?${text}` : this.path, { replace: true });
  }

  /** Asks `stay` before leaving the present page; a page with unsaved work returns true to stay.
   * Returns the function that takes the question back. */
  guard(stay: () => boolean): () => void {
    this.#leaving = stay;
    return () => {
      if (this.#leaving === stay) this.#leaving = null;
    };
  }

  match<R extends { pattern: string }>(table: readonly R[]): { route: R; params: Params } | null {
    return find(table, this.path);
  }

  /** Listens to the browser until the returned function is called. */
  listen(): () => void {
    const click = (event: MouseEvent) => this.#click(event);
    const pop = (event: PopStateEvent) => this.#pop(event);
    const unload = (event: BeforeUnloadEvent) => {
      if (this.#leaving?.()) event.preventDefault();
    };
    addEventListener('click', click);
    addEventListener('popstate', pop);
    addEventListener('beforeunload', unload);
    return () => {
      removeEventListener('click', click);
      removeEventListener('popstate', pop);
      removeEventListener('beforeunload', unload);
    };
  }

  /** Puts the page where it was when the person left it, a new one at its top. Called when the page is
   * drawn; while its data still comes it is too short, so for a moment we wait for it to grow. */
  restoreScroll(): void {
    this.#settle?.abort();
    const top = this.#scroll.get(this.#key) ?? 0;
    scrollTo(0, top);
    if (scrollY >= top) return;
    const settle = (this.#settle = new AbortController());
    const growth = new ResizeObserver(() => {
      scrollTo(0, top);
      if (scrollY >= top) settle.abort();
    });
    settle.signal.addEventListener('abort', () => growth.disconnect());
    growth.observe(document.body);
    for (const touched of ['wheel', 'touchstart', 'keydown']) {
      addEventListener(touched, () => settle.abort(), { signal: settle.signal, passive: true });
    }
    setTimeout(() => settle.abort(), SETTLE_MS);
  }

  #click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) {
      return;
    }
    if (link.pathname.startsWith('/api/')) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  }

  #pop(event: PopStateEvent): void {
    if (!this.#mayLeave(location.pathname)) {
      history.pushState({ key: this.#key } satisfies Entry, '', this.address);
      return;
    }
    this.#remember();
    this.#key = keyOf(event.state) ?? newKey();
    this.#read();
  }

  #mayLeave(address: string): boolean {
    const samePage = new URL(address, location.href).pathname === this.path;
    if (samePage || !this.#leaving?.()) return true;
    if (!confirm('Leave this page? What you changed and did not save will be lost.')) return false;
    this.#leaving = null;
    return true;
  }

  #remember(): void {
    this.#scroll.set(this.#key, scrollY);
  }

  #read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }
}

function keyOf(state: unknown): string | null {
  const key = (state as Entry | null)?.key;
  return typeof key === 'string' ? key : null;
}

function newKey(): string {
  return Math.random().toString(36).slice(2);
}
