import { ApiError, sentence, type Api, type Schemas } from '$lib/api/client';
import {
  isGood,
  retentionOf,
  retentionProblems,
  retentionText,
  sameRetention,
  type RetentionText,
} from '$lib/model/retention';

type Retention = Schemas['Retention'];

/** How long the runs of a workspace are kept: as it is, and as it is being said. */
export class RetentionEditor {
  #told = $state.raw<Retention | null>(null);
  #text = $state.raw<RetentionText>(retentionText({ paths: [] }));
  #problem = $state.raw('');
  #denied = $state.raw(false);
  #refused = $state.raw('');
  #attempted = $state.raw(false);
  #saving = $state.raw(false);
  readonly problems = $derived(retentionProblems(this.#text));
  readonly changed = $derived(
    this.#told !== null && !sameRetention(this.#text, retentionText(this.#told)),
  );
  readonly #api: Api;
  readonly #path: { workspace: string };

  constructor(api: Api, workspace: string) {
    this.#api = api;
    this.#path = { workspace };
  }

  /** Null until the first answer. */
  get told(): Retention | null {
    return this.#told;
  }

  get text(): RetentionText {
    return this.#text;
  }

  /** Why it could not be loaded. */
  get problem(): string {
    return this.#problem;
  }

  /** The person is no admin. */
  get denied(): boolean {
    return this.#denied;
  }

  get refused(): string {
    return this.#refused;
  }

  /** Somebody tried to save: say what is missing. */
  get attempted(): boolean {
    return this.#attempted;
  }

  get saving(): boolean {
    return this.#saving;
  }

  async load(): Promise<void> {
    try {
      this.#told = await this.#api.get('/w/{workspace}/workspaces/retention', { path: this.#path });
      this.reset();
      this.#problem = '';
    } catch (error) {
      this.#denied = error instanceof ApiError && error.status === 403;
      this.#problem = sentence(error);
    }
  }

  change(part: Partial<RetentionText>): void {
    this.#text = { ...this.#text, ...part };
    this.#refused = '';
  }

  /** Back to what is so. */
  reset(): void {
    if (this.#told) this.#text = retentionText(this.#told);
    this.#refused = '';
    this.#attempted = false;
  }

  /** True when it is saved; else `refused` or the fields say why not. */
  async save(): Promise<boolean> {
    this.#attempted = true;
    if (this.#saving || !isGood(this.problems)) return false;
    this.#saving = true;
    try {
      const body = retentionOf(this.#text);
      await this.#api.post('/w/{workspace}/workspaces/retention', { path: this.#path, body });
      await this.load();
      return true;
    } catch (error) {
      this.#refused = sentence(error);
      return false;
    } finally {
      this.#saving = false;
    }
  }
}
