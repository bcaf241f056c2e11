import type { Api, Schemas } from '$lib/api/client';
import { PathList } from '$lib/state/path_list.svelte';

export type Row = Schemas['ScheduleWithJobs'];

/** The schedules of a workspace with their last runs. */
export class ScheduleList extends PathList<Row> {
  readonly #api: Api;
  readonly #workspace: string;

  constructor(api: Api, workspace: string) {
    super((query, signal) =>
      api.get('/w/{workspace}/schedules/list_with_jobs', { path: { workspace }, query, signal }),
    );
    this.#api = api;
    this.#workspace = workspace;
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

  #at({ path }: Row) {
    return { path: { workspace: this.#workspace, path } };
  }
}
