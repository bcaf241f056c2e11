import type { Schemas } from '../api/client';
import type { Json } from '../model/form';
import { isHash } from '../model/script_path';
import { RunnableView, type RunQuery } from './runnable_view.svelte';

type Script = Schemas['Script'];

/** One deployed version on the screen: that of a hash, or the newest at a path. */
export class ScriptView extends RunnableView<Script> {
  #address = '';

  async archive(): Promise<void> {
    await this.api.post('/w/{workspace}/scripts/archive/p/{path}', {
      path: { workspace: this.workspace, path: this.item?.path ?? '' },
    });
  }

  protected async read(address: string): Promise<Script> {
    const { workspace } = this;
    this.#address = address;
    return isHash(address)
      ? await this.api.get('/w/{workspace}/scripts/get/h/{hash}', {
          path: { workspace, hash: address },
        })
      : await this.api.get('/w/{workspace}/scripts/get/p/{path}', {
          path: { workspace, path: address },
        });
  }

  /** A version that was asked for by its hash runs by it. */
  protected async push(script: Script, args: Record<string, Json>, query: RunQuery) {
    const { workspace } = this;
    return isHash(this.#address)
      ? await this.api.post('/w/{workspace}/jobs/run/h/{hash}', {
          path: { workspace, hash: script.hash },
          query: { ...query, skip_preprocessor: true },
          body: args,
        })
      : await this.api.post('/w/{workspace}/jobs/run/p/{path}', {
          path: { workspace, path: script.path },
          query: { ...query, skip_preprocessor: true },
          body: args,
        });
  }
}
