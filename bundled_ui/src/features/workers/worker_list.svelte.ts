import { aborted, sentence, type Api, type Schemas } from '$lib/api/client';

export type Worker = Schemas['Worker'];

const ROWS_MAX = 200;
const FRESH_MS = 10_000;

/** Who executes jobs, kept fresh while somebody looks. */
export class WorkerList {
  #rows = $state.raw<Worker[] | null>(null);
  #problem = $state.raw('');
  #loading = new AbortController();
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Null until the first answer; those that live come first. */
  get rows(): Worker[] | null {
    return this.#rows;
  }

  get problem(): string {
    return this.#problem;
  }

  /** A later call wins over an earlier; what is shown stays until the answer is here. */
  async load(): Promise<void> {
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    try {
      const rows = await this.#api.get('/workers/list', { query: { per_page: ROWS_MAX }, signal });
      this.#rows = rows.sort(
        (a, b) => Number(b.alive) - Number(a.alive) || a.worker.localeCompare(b.worker),
      );
      this.#problem = '';
    } catch (error) {
      if (!aborted(error)) this.#problem = sentence(error);
    }
  }

  /** Loads again now and then while the page is visible. Returns the function that ends it. */
  keepFresh(): () => void {
    const look = () => {
      if (!document.hidden) void this.load();
    };
    const timer = setInterval(look, FRESH_MS);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
      this.#loading.abort();
    };
  }
}
