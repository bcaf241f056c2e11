import { ApiError, sentence, type Api } from '../api/client';
import { fieldsOf, type Json, type Schema } from '../model/form';
import type { FormState } from '../model/form_draft';
import { collectForm, freshForm } from '../model/form_state';
import {
  blankRunOptions,
  runOptionProblems,
  runQueryOf,
  type RunOptionTexts,
} from '../model/run_options';
import { RunFeed } from './run_feed.svelte';

type Args = Record<string, Json>;
export type RunQuery = ReturnType<typeof runQueryOf>;

/** Something deployed that can be run, on the screen: its form and the run started from it. */
export abstract class RunnableView<Item extends { schema?: unknown }> {
  readonly run: RunFeed;
  protected readonly api: Api;
  protected readonly workspace: string;
  #status = $state.raw<'loading' | 'ready' | 'missing' | 'failed'>('loading');
  #problem = $state.raw('');
  #item = $state.raw<Item | null>(null);
  #form = $state.raw<FormState>(freshForm([]));
  #options = $state.raw<RunOptionTexts>(blankRunOptions());
  #starting = $state.raw(false);
  #attempted = $state.raw(false);
  #refused = $state.raw('');
  #started = $state.raw(0);

  constructor(api: Api, workspace: string) {
    this.api = api;
    this.workspace = workspace;
    this.run = new RunFeed(api);
  }

  get status() {
    return this.#status;
  }

  get problem(): string {
    return this.#problem;
  }

  get item(): Item | null {
    return this.#item;
  }

  get form(): FormState {
    return this.#form;
  }

  /** The arguments as they would be sent, whatever is wrong with them. */
  get args(): Args {
    return collectForm(this.#form).args;
  }

  /** What is said about the next run besides its arguments. */
  get options(): RunOptionTexts {
    return this.#options;
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

  /** Loads what lives at an address. Never throws: see `status`. */
  async load(address: string, args: Args): Promise<void> {
    try {
      this.#item = await this.read(address);
      this.#form = freshForm(fieldsOf(this.#item.schema as Schema | undefined), args);
      this.#status = 'ready';
    } catch (error) {
      this.#status = error instanceof ApiError && error.status === 404 ? 'missing' : 'failed';
      this.#problem = sentence(error);
    }
  }

  setOptions(part: Partial<RunOptionTexts>): void {
    this.#options = { ...this.#options, ...part };
    this.#refused = '';
  }

  setForm(form: FormState): void {
    this.#form = form;
    this.#refused = '';
  }

  /** Starts a run with the form's arguments, unless something is wrong with them. */
  async start(): Promise<void> {
    const item = this.#item;
    const { args, problems } = collectForm(this.#form);
    this.#attempted = true;
    this.#refused = '';
    const wrong = Object.keys(runOptionProblems(this.#options)).length + problems.length;
    if (!item || this.running || wrong > 0) return;
    this.#starting = true;
    try {
      const id = await this.push(item, args, runQueryOf(this.#options));
      this.#attempted = false;
      this.#started += 2;
      void this.run.watch(this.workspace, id);
    } catch (error) {
      this.#refused = sentence(error);
    } finally {
      this.#starting = false;
    }
  }

  protected abstract read(address: string): Promise<Item>;
  /** The id of the run. */
  protected abstract push(item: Item, args: Args, query: RunQuery): Promise<string>;
  /** Takes it out of lists; its versions stay. Throws ApiError. */
  abstract archive(): Promise<void>;
}
