import { sentence, type Api, type Schemas } from '$lib/api/client';
import { pathProblem } from '$lib/model/script_path';

export type Row = Schemas['Variable'];

export interface VariableText {
  path: string;
  value: string;
  secret: boolean;
  description: string;
}

/** One variable being made or changed. The value of a secret is read only when it is asked for. */
export class VariableEditor {
  #told = $state.raw<Row | null>(null);
  #text = $state.raw<VariableText>({ path: '', value: '', secret: true, description: '' });
  #hidden = $state.raw(false);
  #attempted = $state.raw(false);
  #refused = $state.raw('');
  #busy = $state.raw(false);
  readonly #api: Api;
  readonly #workspace: string;

  constructor(api: Api, workspace: string) {
    this.#api = api;
    this.#workspace = workspace;
  }

  /** The variable that is being changed; null for a new one. */
  get told(): Row | null {
    return this.#told;
  }

  get text(): VariableText {
    return this.#text;
  }

  /** The value is a secret that was neither read nor replaced. */
  get hidden(): boolean {
    return this.#hidden;
  }

  /** Somebody tried to save: say what is missing. */
  get attempted(): boolean {
    return this.#attempted;
  }

  get refused(): string {
    return this.#refused;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get pathProblem(): string | null {
    return pathProblem(this.#text.path, 'variable');
  }

  /** Begins with a variable, or with a new one for that owner. */
  open(told: Row | null, owner: string): void {
    this.#told = told;
    this.#text = {
      path: told?.path ?? `${owner}/`,
      value: told?.value ?? '',
      secret: told?.is_secret ?? true,
      description: told?.description ?? '',
    };
    this.#hidden = told?.is_secret ?? false;
    this.#attempted = false;
    this.#refused = '';
  }

  change(part: Partial<VariableText>): void {
    this.#text = { ...this.#text, ...part };
    this.#refused = '';
    if (part.value !== undefined) this.#hidden = false;
  }

  /** Reads the secret. */
  async reveal(): Promise<void> {
    const told = this.#told;
    if (!told) return;
    await this.#attempt(async () => {
      const value = await this.#api.get('/w/{workspace}/variables/get_value/{path}', {
        path: { workspace: this.#workspace, path: told.path },
      });
      if (this.#told === told) this.change({ value });
    });
  }

  /** True when it is saved; else `refused` or the fields say why not. */
  async save(): Promise<boolean> {
    this.#attempted = true;
    if (this.pathProblem) return false;
    return await this.#attempt(() => this.#write());
  }

  async #write(): Promise<void> {
    const workspace = this.#workspace;
    const { path, value, secret, description } = this.#text;
    const body = { path, is_secret: secret, description };
    if (this.#told) {
      await this.#api.post('/w/{workspace}/variables/update/{path}', {
        path: { workspace, path: this.#told.path },
        body: this.#hidden ? body : { ...body, value },
      });
    } else {
      await this.#api.post('/w/{workspace}/variables/create', {
        path: { workspace },
        body: { ...body, value },
      });
    }
  }

  async #attempt(deed: () => Promise<void>): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    try {
      await deed();
      return true;
    } catch (error) {
      this.#refused = sentence(error).replace(/^Bad request: /, '');
      return false;
    } finally {
      this.#busy = false;
    }
  }
}
