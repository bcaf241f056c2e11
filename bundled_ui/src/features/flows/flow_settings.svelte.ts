import type { Api, Schemas } from '$lib/api/client';
import { flowTexts, flowWith, type FlowTold } from '$lib/model/flow_options';
import {
  blankOptions,
  optionProblems,
  refusedOption,
  type OptionTexts,
} from '$lib/model/option_text';
import { reason } from '$lib/state/path_editor.svelte';

type Flow = Schemas['Flow'];

interface About {
  summary: string;
  description: string;
  message: string; // What changed.
}

/** What is said of a flow besides its steps, while somebody changes it; saving deploys a version. */
export class FlowSettings {
  shown = $state(false);
  #flow: Flow | null = null;
  #about = $state.raw<About>({ summary: '', description: '', message: '' });
  #texts = $state.raw<OptionTexts>(blankOptions());
  #refused = $state.raw('');
  #busy = $state.raw(false);
  readonly #api: Api;
  readonly #workspace: string;

  constructor(api: Api, workspace: string) {
    this.#api = api;
    this.#workspace = workspace;
  }

  get about(): About {
    return this.#about;
  }

  get texts(): OptionTexts {
    return this.#texts;
  }

  /** What the server refused stands at its option, if it names one. */
  get problems() {
    const named = refusedOption(this.#refused);
    return { ...(named ? { [named.name]: named.problem } : {}), ...optionProblems(this.#texts) };
  }

  /** What belongs to no option. */
  get refused(): string {
    return refusedOption(this.#refused) ? '' : this.#refused;
  }

  get busy(): boolean {
    return this.#busy;
  }

  open(flow: Flow): void {
    this.#flow = flow;
    this.#about = { summary: flow.summary, description: flow.description, message: '' };
    this.#texts = flowTexts(flow as FlowTold);
    this.#refused = '';
    this.shown = true;
  }

  say(part: Partial<About>): void {
    this.#about = { ...this.#about, ...part };
    this.#refused = '';
  }

  set(part: Partial<OptionTexts>): void {
    this.#texts = { ...this.#texts, ...part };
    this.#refused = '';
  }

  /** True when it is deployed; else `refused` or the options say why not. */
  async save(): Promise<boolean> {
    const flow = this.#flow;
    if (!flow || this.#busy || Object.keys(optionProblems(this.#texts)).length > 0) return false;
    const { message, ...about } = this.#about;
    const { path, schema } = flow;
    this.#busy = true;
    try {
      await this.#api.post('/w/{workspace}/flows/update/{path}', {
        path: { workspace: this.#workspace, path },
        body: {
          ...flowWith(flow as FlowTold, this.#texts),
          ...about,
          path,
          schema,
          deployment_message: message || undefined,
        },
      });
      return true;
    } catch (error) {
      this.#refused = reason(error);
      return false;
    } finally {
      this.#busy = false;
    }
  }
}
