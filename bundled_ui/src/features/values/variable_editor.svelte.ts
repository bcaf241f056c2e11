import type { Api, Schemas } from '$lib/api/client';
import { PathEditor } from '$lib/state/path_editor.svelte';

export type Row = Schemas['Variable'];

export interface VariableText {
  path: string;
  value: string;
  secret: boolean;
  description: string;
}

/** One variable being made or changed. The value of a secret is read only when it is asked for. */
export class VariableEditor extends PathEditor<Row, VariableText> {
  #hidden = $state.raw(false);

  constructor(api: Api, workspace: string) {
    super('variable', api, workspace);
  }

  /** The value is a secret that was neither read nor replaced. */
  get hidden(): boolean {
    return this.#hidden;
  }

  override open(told: Row | null, owner: string): void {
    super.open(told, owner);
    this.#hidden = told?.is_secret ?? false;
  }

  override change(part: Partial<VariableText>): void {
    super.change(part);
    if (part.value !== undefined) this.#hidden = false;
  }

  /** Reads the secret. */
  async reveal(): Promise<void> {
    const told = this.told;
    if (!told) return;
    await this.attempt(async () => {
      const value = await this.api.get('/w/{workspace}/variables/get_value/{path}', {
        path: { workspace: this.workspace, path: told.path },
      });
      if (this.told === told) this.change({ value });
    });
  }

  protected blank(owner: string): VariableText {
    return { path: `${owner}/`, value: '', secret: true, description: '' };
  }

  protected textOf({ path, value, is_secret: secret, description }: Row): VariableText {
    return { path, value: value ?? '', secret, description };
  }

  protected wrong(): boolean {
    return false;
  }

  protected async write(): Promise<void> {
    const { workspace, told } = this;
    const { path, value, secret, description } = this.text;
    const body = { path, is_secret: secret, description };
    if (told) {
      await this.api.post('/w/{workspace}/variables/update/{path}', {
        path: { workspace, path: told.path },
        body: this.#hidden ? body : { ...body, value },
      });
    } else {
      await this.api.post('/w/{workspace}/variables/create', {
        path: { workspace },
        body: { ...body, value },
      });
    }
  }
}
