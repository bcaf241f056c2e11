import { aborted, sentence } from '../api/client';

const PAGE_ROWS = 100;
const ROWS_MAX = 2000;

export type ReadPage<Row> = (
  query: { page: number; per_page: number },
  signal: AbortSignal,
) => Promise<Row[]>;

/** Everything of one kind that a person sees in a workspace, read page by page. */
export class PathList<Row> {
  #rows = $state.raw<Row[] | null>(null);
  #problem = $state.raw('');
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

  /** A later call wins over an earlier; what is shown stays until the answer is here. */
  async load(): Promise<void> {
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    try {
      this.#rows = await this.#everyPage(signal);
      this.#problem = '';
    } catch (error) {
      if (!aborted(error)) this.#problem = sentence(error);
    }
  }

  stop(): void {
    this.#loading.abort();
  }

  async #everyPage(signal: AbortSignal): Promise<Row[]> {
    const rows: Row[] = [];
    for (let page = 1; rows.length < ROWS_MAX; page++) {
      const more = await this.#read({ page, per_page: PAGE_ROWS }, signal);
      rows.push(...more);
      if (more.length < PAGE_ROWS) break;
    }
    return rows;
  }
}
