import { ApiError, sentence, type Api, type Schemas } from '../api/client';
import { fieldsOf, type Json, type Schema } from '../model/form';
import type { FormState } from '../model/form_draft';
import { collectForm, freshForm } from '../model/form_state';
import {
  blankRunOptions,
  runOptionProblems,
  runQueryOf,
  type RunOptionTexts,
} from '../model/run_options';
import { isHash } from '../model/script_path';
import { RunFeed } from './run_feed.svelte';

type Script = Schemas['Script'];

/** One deployed version on the screen: its form and the run started from it. */
export class ScriptView {
  readonly run: RunFeed;
  #status = $state.raw<'loading' | 'ready' | 'missing' | 'failed'>('loading');
  #problem = $state.raw('');
  #script = $state.raw<Script | null>(null);
  #form = $state.raw<FormState>(freshForm([]));
  #options = $state.raw<RunOptionTexts>(blankRunOptions());
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

  get script(): Script | null {
    return this.#script;
  }

  get form(): FormState {
    return this.#form;
  }

  /** The arguments as they would be sent, whatever is wrong with them. */
  get args(): Record<string, Json> {
    return collectForm(this.#form).args;
  }

  get attempted(): boolean {
    return this.#attempted;
  }

  get refused(): string {
    return this.#refused;
  }

  get running(): boolean {
    // One that waits for its key or its time keeps nobody from starting another.
    const aside = this.run.condition === 'blocked' || this.run.condition === 'scheduled';
    return this.#starting || (this.run.job !== null && !this.run.over && !aside);
  }

  /** Counts the runs started and ended here: a list of runs is stale when it changes. */
  get news(): number {
    return this.#started + (this.run.over ? 1 : 0);
  }

  /** Loads the version of that hash, or the newest at that path. Never throws: see `status`. */
  async load(pathOrHash: string, args: Record<string, Json>): Promise<void> {
    const workspace = this.#workspace;
    try {
      this.#script = isHash(pathOrHash)
        ? await this.#api.get('/w/{workspace}/scripts/get/h/{hash}', {
            path: { workspace, hash: pathOrHash },
          })
        : await this.#api.get('/w/{workspace}/scripts/get/p/{path}', {
            path: { workspace, path: pathOrHash },
          });
      this.#form = freshForm(fieldsOf(this.#script.schema as Schema | undefined), args);
      this.#status = 'ready';
    } catch (error) {
      this.#status = error instanceof ApiError && error.status === 404 ? 'missing' : 'failed';
      this.#problem = sentence(error);
    }
  }

  /** What is said about the next run besides its arguments. */
  get options(): RunOptionTexts {
    return this.#options;
  }

  setOptions(part: Partial<RunOptionTexts>): void {
    this.#options = { ...this.#options, ...part };
    this.#refused = '';
  }

  setForm(form: FormState): void {
    this.#form = form;
    this.#refused = '';
  }

  /** Starts a run with the form's arguments; a version that is not the newest runs by its hash. */
  async start({ byHash }: { byHash: boolean }): Promise<void> {
    const script = this.#script;
    const { args, problems } = collectForm(this.#form);
    this.#attempted = true;
    this.#refused = '';
    const wrong = Object.keys(runOptionProblems(this.#options)).length + problems.length;
    if (!script || this.running || wrong > 0) return;
    const workspace = this.#workspace;
    const query = runQueryOf(this.#options);
    this.#starting = true;
    try {
      const id = byHash
        ? await this.#api.post('/w/{workspace}/jobs/run/h/{hash}', {
            path: { workspace, hash: script.hash },
            query,
            body: args,
          })
        : await this.#api.post('/w/{workspace}/jobs/run/p/{path}', {
            path: { workspace, path: script.path },
            query,
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

  /** Takes the script out of lists; its versions stay. Throws ApiError. */
  async archive(): Promise<void> {
    const path = this.#script?.path ?? '';
    await this.#api.post('/w/{workspace}/scripts/archive/p/{path}', {
      path: { workspace: this.#workspace, path },
    });
  }
}
