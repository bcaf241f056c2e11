import { aborted, sentence, type Api, type Schemas } from '$lib/api/client';

type Flow = Schemas['Flow'];

const PAGE_ROWS = 100;
const ROWS_MAX = 2000; // Enough to search among in the browser.

/** The flows of a workspace, all of them up to a ceiling, as `ScriptList` has its scripts. */
export class FlowList {
  #rows = $state.raw<Flow[] | null>(null);
  #problem = $state.raw('');
  #loading: AbortController | null = null;
  readonly #api: Api;
  readonly #workspace: string;

  constructor(api: Api, workspace: string) {
    this.#api = api;
    this.#workspace = workspace;
  }

  /** Null until the first answer. */
  get rows(): Flow[] | null {
    return this.#rows;
  }

  get problem(): string {
    return this.#problem;
  }

  /** Loads the living flows, or the archived ones instead. A later call wins over an earlier. */
  async load(options: { archived: boolean }): Promise<void> {
    this.#loading?.abort();
    const { signal } = (this.#loading = new AbortController());
    this.#problem = '';
    this.#rows = null;
    try {
      const rows: Flow[] = [];
      for (let page = 1; rows.length < ROWS_MAX; page++) {
        const more = await this.#api.get('/w/{workspace}/flows/list', {
          path: { workspace: this.#workspace },
          query: { page, per_page: PAGE_ROWS, show_archived: options.archived || undefined },
          signal,
        });
        rows.push(...more);
        this.#rows = [...rows];
        if (more.length < PAGE_ROWS) return;
      }
    } catch (error) {
      if (!aborted(error)) this.#problem = sentence(error);
    }
  }

  async archive(path: string): Promise<void> {
    await this.#api.post('/w/{workspace}/flows/archive/{path}', {
      ...this.#at(path),
      body: { archived: true },
    });
    this.#drop(path);
  }

  async delete(path: string): Promise<void> {
    await this.#api.delete('/w/{workspace}/flows/delete/{path}', this.#at(path));
    this.#drop(path);
  }

  #at(path: string) {
    return { path: { workspace: this.#workspace, path } };
  }

  #drop(path: string): void {
    this.#rows = this.#rows?.filter((row) => row.path !== path) ?? null;
  }
}
