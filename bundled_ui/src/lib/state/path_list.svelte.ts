import { aborted, sentence } from '../api/client';
import { keepFresh, type Pace } from './fresh';

const PAGE_ROWS = 100;
const ROWS_MAX = 2000; // Enough to search among in the browser.
const PACE: Pace = { least: 10_000, most: 300_000 };

export type ReadPage<Row> = (
  query: { page: number; per_page: number },
  signal: AbortSignal,
) => Promise<Row[]>;

/** Everything of one kind that a person sees, read page by page up to a ceiling. */
export class PathList<Row> {
  #rows = $state.raw<Row[] | null>(null);
  #problem = $state.raw('');
  #cut = $state.raw(false);
  #loading = new AbortController();
  readonly #read: ReadPage<Row>;

  constructor(read: ReadPage<Row>) {
    this.#read = read;
  }

  /** Null until the first answer. */
  get rows(): Row[] | null {
    return this.#rows;
  }

  get problem(): string {
    return this.#problem;
  }

  /** There are more than are here. */
  get cut(): boolean {
    return this.#cut;
  }

  /** A later call wins over an earlier; what is shown stays until the answer is here. */
  async load(): Promise<void> {
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    try {
      await this.#everyPage(signal);
      this.#problem = '';
    } catch (error) {
      if (!aborted(error)) this.#problem = sentence(error);
    }
  }

  /** Shows nothing until the next `load` is answered. */
  clear(): void {
    this.#rows = null;
    this.#problem = '';
  }

  /** Loads again now and then while somebody looks. Returns the function that ends it. */
  keepFresh(): () => void {
    const fresh = keepFresh(
      () => this.load(),
      () => PACE,
    );
    return () => {
      fresh.stop();
      this.stop();
    };
  }

  stop(): void {
    this.#loading.abort();
  }

  /** Where nothing is shown yet, the first pages are, while the others come. */
  async #everyPage(signal: AbortSignal): Promise<void> {
    const rows: Row[] = [];
    const nothing = this.#rows === null;
    for (let page = 1; ; page++) {
      const more = await this.#read({ page, per_page: PAGE_ROWS }, signal);
      rows.push(...more);
      this.#cut = more.length === PAGE_ROWS;
      const last = !this.#cut || rows.length >= ROWS_MAX;
      if (last || nothing) this.#rows = [...rows];
      if (last) return;
    }
  }
}
