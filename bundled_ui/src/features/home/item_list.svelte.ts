import type { Api, Schemas } from '$lib/api/client';
import { PathList, type ReadPage } from '$lib/state/path_list.svelte';

interface Deeds {
  archive: (path: string) => Promise<unknown>;
  delete: (path: string) => Promise<unknown>;
}

/** The scripts or the flows of a workspace: the living ones, or the archived ones instead. */
export class ItemList<Row extends { path: string }> extends PathList<Row> {
  readonly #deeds: Deeds;
  #gone = $state.raw<readonly string[]>([]);

  constructor(read: ReadPage<Row>, deeds: Deeds) {
    super(read);
    this.#deeds = deeds;
  }

  override get rows(): Row[] | null {
    return super.rows?.filter(({ path }) => !this.#gone.includes(path)) ?? null;
  }

  override async load(): Promise<void> {
    this.clear();
    this.#gone = [];
    await super.load();
  }

  async archive(path: string): Promise<void> {
    await this.#deeds.archive(path);
    this.#gone = [...this.#gone, path];
  }

  async delete(path: string): Promise<void> {
    await this.#deeds.delete(path);
    this.#gone = [...this.#gone, path];
  }
}

/** `archived` is asked with every page. */
export function scriptList(api: Api, workspace: string, archived: () => boolean) {
  const at = (path: string) => ({ path: { workspace, path } });
  return new ItemList<Schemas['Script']>(
    (query, signal) =>
      api.get('/w/{workspace}/scripts/list', {
        path: { workspace },
        query: { ...query, show_archived: archived() || undefined },
        signal,
      }),
    {
      archive: (path) => api.post('/w/{workspace}/scripts/archive/p/{path}', at(path)),
      delete: (path) => api.post('/w/{workspace}/scripts/delete/p/{path}', at(path)),
    },
  );
}

export function flowList(api: Api, workspace: string, archived: () => boolean) {
  const at = (path: string) => ({ path: { workspace, path } });
  return new ItemList<Schemas['Flow']>(
    (query, signal) =>
      api.get('/w/{workspace}/flows/list', {
        path: { workspace },
        query: { ...query, show_archived: archived() || undefined },
        signal,
      }),
    {
      archive: (path) =>
        api.post('/w/{workspace}/flows/archive/{path}', { ...at(path), body: { archived: true } }),
      delete: (path) => api.delete('/w/{workspace}/flows/delete/{path}', at(path)),
    },
  );
}
