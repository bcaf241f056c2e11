import { ApiError, sentence, type Api, type Schemas } from '../api/client';
import { fieldsOf, type Json, type Schema } from '../model/form';
import type { FormState } from '../model/form_draft';
import { collectForm, freshForm } from '../model/form_state';
import { RunFeed } from './run_feed.svelte';

type Flow = Schemas['Flow'];

/** A deployed flow on the screen: its form and the run started from it. */
export class FlowView {
  readonly run: RunFeed;
  #status = $state.raw<'loading' | 'ready' | 'missing' | 'failed'>('loading');
  #problem = $state.raw('');
  #flow = $state.raw<Flow | null>(null);
  #form = $state.raw<FormState>(freshForm([]));
  #starting = $state.raw(false);
  #attempted = $state.raw(false);
  #refused = $state.raw('');
  #started = $state.raw(0);
  readonly #api: Api;
  readonly #workspace: string;

  constructor(api: Api, workspace: string) {
    this.#api = api;
    this.#workspace = workspace;
    this.run = new RunFeed(api);
  }

  get status() {
    return this.#status;
  }

  get problem(): string {
    return this.#problem;
  }

  get flow(): Flow | null {
    return this.#flow;
  }

  get form(): FormState {
    return this.#form;
  }

  get attempted(): boolean {
    return this.#attempted;
  }

  get refused(): string {
    return this.#refused;
  }

  get running(): boolean {
    return this.#starting || (this.run.job !== null && !this.run.over);
  }

  /** Counts the runs started and ended here: a list of runs is stale when it changes. */
  get news(): number {
    return this.#started + (this.run.over ? 1 : 0);
  }

  /** Loads the newest version at a path. Never throws: see `status`. */
  async load(path: string, args: Record<string, Json>): Promise<void> {
    try {
      this.#flow = await this.#api.get('/w/{workspace}/flows/get/{path}', {
        path: { workspace: this.#workspace, path },
      });
      this.#form = freshForm(fieldsOf(this.#flow.schema as Schema | undefined), args);
      this.#status = 'ready';
    } catch (error) {
      this.#status = error instanceof ApiError && error.status === 404 ? 'missing' : 'failed';
      this.#problem = sentence(error);
    }
  }

  setForm(form: FormState): void {
    this.#form = form;
    this.#refused = '';
  }

  /** Starts a run with the form's arguments. */
  async start(): Promise<void> {
    const flow = this.#flow;
    const { args, problems } = collectForm(this.#form);
    this.#attempted = true;
    this.#refused = '';
    if (!flow || this.running || problems.length > 0) return;
    const workspace = this.#workspace;
    this.#starting = true;
    try {
      const id = await this.#api.post('/w/{workspace}/jobs/run/f/{path}', {
        path: { workspace, path: flow.path },
        query: { skip_preprocessor: true },
        body: args,
      });
      this.#attempted = false;
      this.#started += 2;
      void this.run.watch(workspace, id);
    } catch (error) {
      this.#refused = sentence(error);
    } finally {
      this.#starting = false;
    }
  }
}
