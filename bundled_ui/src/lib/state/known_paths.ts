import type { Api } from '../api/client';

const SHOWN_MAX = 200;

/** What a form offers in place of a value: each kind is asked for once, when it is first needed. */
export class KnownPaths {
  #variables: Promise<string[]> | undefined;
  readonly #resources = new Map<string, Promise<string[]>>();
  readonly #api: Api;
  readonly #workspace: string;

  constructor(api: Api, workspace: string) {
    this.#api = api;
    this.#workspace = workspace;
  }

  /** Never rejects: a form without suggestions is still a form. */
  variables(): Promise<string[]> {
    if (!this.#workspace) return Promise.resolve([]); // Somebody who is not logged in.
    this.#variables ??= this.#api
      .get('/w/{workspace}/variables/list', this.#asked({}))
      .then((found) => found.map(({ path }) => path))
      .catch(() => []);
    return this.#variables;
  }

  /** Of that type, or of all types. Never rejects. */
  resources(type: string): Promise<string[]> {
    if (!this.#workspace) return Promise.resolve([]);
    const known = this.#resources.get(type);
    if (known) return known;
    const found = this.#api
      .get('/w/{workspace}/resources/list', this.#asked({ resource_type: type }))
      .then((rows) => rows.map(({ path }) => path))
      .catch(() => []);
    this.#resources.set(type, found);
    return found;
  }

  #asked(query: { resource_type?: string }) {
    return { path: { workspace: this.#workspace }, query: { per_page: SHOWN_MAX, ...query } };
  }
}
