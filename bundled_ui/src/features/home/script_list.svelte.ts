import { aborted, sentence, type Api, type Schemas } from '$lib/api/client';

type Script = Schemas['Script'];

const PAGE_ROWS = 100;
const ROWS_MAX = 2000; // Enough to search among in the browser.

/** The scripts of a workspace, all of them up to a ceiling: searching needs no server. */
export class ScriptList {
  #rows = $state.raw<Script[] | null>(null);
  #problem = $state.raw('');
  #cut = $state.raw(false);
  #loading: AbortController | null = null;
  readonly #api: Api;
  readonly #workspace: string;

  constructor(api: Api, workspace: string) {
    this.#api = api;
    this.#workspace = workspace;
  }

  /** Null until the first answer. */
  get rows(): Script[] | null {
    return this.#rows;
  }

  get problem(): string {
    return this.#problem;
  }

  /** There are more than are here. */
  get cut(): boolean {
    return this.#cut;
  }

  /** Loads the living scripts, or the archived ones instead. A later call wins over an earlier. */
  async load(options: { archived: boolean }): Promise<void> {
    this.#loading?.abort();
    const { signal } = (this.#loading = new AbortController());
    this.#problem = '';
    this.#rows = null;
    try {
      await this.#loadPages(options.archived, signal);
    } catch (error) {
      if (!aborted(error)) this.#problem = sentence(error);
    }
  }

  async archive(path: string): Promise<void> {
    await this.#api.post('/w/{workspace}/scripts/archive/p/{path}', this.#at(path));
    this.#drop(path);
  }

  async delete(path: string): Promise<void> {
    await this.#api.post('/w/{workspace}/scripts/delete/p/{path}', this.#at(path));
    this.#drop(path);
  }

  async #loadPages(archived: boolean, signal: AbortSignal): Promise<void> {
    const rows: Script[] = [];
    for (let page = 1; rows.length < ROWS_MAX; page++) {
      const more = await this.#api.get('/w/{workspace}/scripts/list', {
        path: { workspace: this.#workspace },
        query: { page, per_page: PAGE_ROWS, show_archived: archived || undefined },
        signal,
      });
      rows.push(...more);
      this.#rows = [...rows];
      this.#cut = more.length === PAGE_ROWS;
      if (!this.#cut) return;
    }
  }

  #at(path: string) {
    return { path: { workspace: this.#workspace, path } };
  }

  #drop(path: string): void {
    this.#rows = this.#rows?.filter((row) => row.path !== path) ?? null;
  }
}
