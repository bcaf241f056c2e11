import type { Api, Schemas } from '$lib/api/client';
import { PathList } from '$lib/state/path_list.svelte';

export type Worker = Schemas['Worker'];

/** Who executes jobs; those that live come first. */
export class WorkerList extends PathList<Worker> {
  constructor(api: Api) {
    super((query, signal) => api.get('/workers/list', { query, signal }));
  }

  override get rows(): Worker[] | null {
    return (
      super.rows?.toSorted(
        (a, b) => Number(b.alive) - Number(a.alive) || a.worker.localeCompare(b.worker),
      ) ?? null
    );
  }
}
