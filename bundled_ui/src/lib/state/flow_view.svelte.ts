import type { Schemas } from '../api/client';
import type { Json } from '../model/form';
import { RunnableView, type RunQuery } from './runnable_view.svelte';

type Flow = Schemas['Flow'];

/** The newest version of a flow on the screen. */
export class FlowView extends RunnableView<Flow> {
  async archive(): Promise<void> {
    await this.api.post('/w/{workspace}/flows/archive/{path}', {
      path: { workspace: this.workspace, path: this.item?.path ?? '' },
      body: { archived: true },
    });
  }

  protected async read(path: string): Promise<Flow> {
    return await this.api.get('/w/{workspace}/flows/get/{path}', {
      path: { workspace: this.workspace, path },
    });
  }

  protected async push(flow: Flow, args: Record<string, Json>, query: RunQuery): Promise<string> {
    const { scheduled_in_secs, tag, priority } = query; // Its steps are tried again, not the flow.
    return await this.api.post('/w/{workspace}/jobs/run/f/{path}', {
      path: { workspace: this.workspace, path: flow.path },
      query: { scheduled_in_secs, tag, priority, skip_preprocessor: true },
      body: args,
    });
  }
}
