import { aborted, sentence, type Api, type Schemas } from '$lib/api/client';

export type Row = Schemas['ScheduleWithJobs'];

const PAGE_ROWS = 100;
const ROWS_MAX = 1000;
const FRESH_MS = 10_000;

/** The schedules of a workspace with their last runs, kept fresh while somebody looks. */
export class ScheduleList {
  #rows = $state.raw<Row[] | null>(null);
  #problem = $state.raw('');
  #loading = new AbortController();
  readonly #api: Api;
  readonly #workspace: string;

  constructor(api: Api, workspace: string) {
    this.#api = api;
    this.#workspace = workspace;
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
      const rows = await this.#everyPage(signal);
      this.#rows = rows;
      this.#problem = '';
    } catch (error) {
      if (!aborted(error)) this.#problem = sentence(error);
    }
  }

  /** Throws ApiError. */
  async setEnabled(row: Row, enabled: boolean): Promise<void> {
    await this.#api.post('/w/{workspace}/schedules/setenabled/{path}', {
      ...this.#at(row),
      body: { enabled },
    });
    await this.load();
  }

  /** The id of the run. Throws ApiError. */
  async runNow(row: Row): Promise<string> {
    return await this.#api.post('/w/{workspace}/schedules/run_now/{path}', this.#at(row));
  }

  /** Throws ApiError. */
  async delete(row: Row): Promise<void> {
    await this.#api.delete('/w/{workspace}/schedules/delete/{path}', this.#at(row));
    await this.load();
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

  async #everyPage(signal: AbortSignal): Promise<Row[]> {
    const rows: Row[] = [];
    for (let page = 1; rows.length < ROWS_MAX; page++) {
      const more = await this.#api.get('/w/{workspace}/schedules/list_with_jobs', {
        path: { workspace: this.#workspace },
        query: { page, per_page: PAGE_ROWS },
        signal,
      });
      rows.push(...more);
      if (more.length < PAGE_ROWS) break;
    }
    return rows;
  }

  #at({ path }: Row) {
    return { path: { workspace: this.#workspace, path } };
  }
}
