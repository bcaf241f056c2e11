import type { Api, Schemas } from '$lib/api/client';
import { fieldsOf, type Field, type Json, type Schema } from '$lib/model/form';
import type { FormState } from '$lib/model/form_draft';
import { collectForm, freshForm } from '$lib/model/form_state';
import { isObject } from '$lib/model/schema';
import { PathEditor } from '$lib/state/path_editor.svelte';

export type Row = Schemas['Resource'];
export type Type = Schemas['ResourceType'];

export interface ResourceText {
  path: string;
  type: string;
  description: string;
}

/** One resource being made or changed: a form where its type has one, JSON text where not. */
export class ResourceEditor extends PathEditor<Row, ResourceText> {
  #types = $state.raw<Type[]>([]);
  #form = $state.raw<FormState | null>(null);
  #json = $state.raw('');
  #loading = $state.raw(false);

  constructor(api: Api, workspace: string) {
    super('resource', api, workspace);
  }

  get types(): Type[] {
    return this.#types;
  }

  /** Null where the value is JSON text. */
  get form(): FormState | null {
    return this.#form;
  }

  get json(): string {
    return this.#json;
  }

  /** The value is on its way. */
  get loading(): boolean {
    return this.#loading;
  }

  get jsonProblem(): string | null {
    return this.#form || parsed(this.#json) ? null : 'This is not valid JSON.';
  }

  override open(told: Row | null, owner: string): void {
    super.open(told, owner);
    this.#form = null;
    this.#json = '';
    void this.#fill(told);
  }

  override change(part: Partial<ResourceText>): void {
    const value = part.type === undefined ? undefined : this.#value();
    super.change(part);
    if (part.type !== undefined) this.#show(value ?? {});
  }

  setForm(form: FormState): void {
    this.#form = form;
    this.mended();
  }

  setJson(json: string): void {
    this.#json = json;
    this.mended();
  }

  protected blank(owner: string): ResourceText {
    return { path: `${owner}/`, type: '', description: '' };
  }

  protected textOf({ path, resource_type: type, description }: Row): ResourceText {
    return { path, type, description: description ?? '' };
  }

  protected wrong(): boolean {
    const value = this.#form ? collectForm(this.#form).problems.length > 0 : this.jsonProblem;
    return this.#loading || !this.text.type || Boolean(value);
  }

  protected async write(): Promise<void> {
    const { workspace, told } = this;
    const { path, type, description } = this.text;
    const body = { path, value: this.#value(), resource_type: type, description };
    if (told) {
      await this.api.post('/w/{workspace}/resources/update/{path}', {
        path: { workspace, path: told.path },
        body,
      });
    } else {
      await this.api.post('/w/{workspace}/resources/create', { path: { workspace }, body });
    }
  }

  async #fill(told: Row | null): Promise<void> {
    this.#loading = true;
    try {
      const [types, value] = await Promise.all([this.#listTypes(), this.#readValue(told)]);
      if (this.told !== told) return;
      this.#types = types;
      this.#show(value);
    } catch (error) {
      this.refuse(error);
    } finally {
      if (this.told === told) this.#loading = false;
    }
  }

  /** What the fields or the text say now; a field left alone has its default. */
  #value(): Json | undefined {
    if (!this.#form) return parsed(this.#json)?.value;
    const { args } = collectForm(this.#form);
    return this.#form.json === null ? { ...defaultsOf(this.#form.fields), ...args } : args;
  }

  #show(value: Json): void {
    const schema = this.#types.find(({ name }) => name === this.text.type)?.schema;
    const fields = fieldsOf(schema as Schema | undefined);
    const fits = fields.length > 0 && isObject(value);
    this.#form = fits ? freshForm(fields, value) : null;
    this.#json = fits ? '' : JSON.stringify(value, null, 2);
  }

  async #listTypes(): Promise<Type[]> {
    if (this.#types.length > 0) return this.#types;
    return await this.api.get('/w/{workspace}/resources/type/list', {
      path: { workspace: this.workspace },
    });
  }

  async #readValue(told: Row | null): Promise<Json> {
    if (!told) return {};
    const found = await this.api.get('/w/{workspace}/resources/get/{path}', {
      path: { workspace: this.workspace, path: told.path },
    });
    return (found.value ?? null) as Json;
  }
}

/** Wrapped, so that null is told from what is no JSON. */
function parsed(text: string): { value: Json } | null {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return null;
  }
}

const defaultsOf = (fields: Field[]): Record<string, Json> =>
  Object.fromEntries(
    fields.flatMap(({ name, default: value }) => (value === undefined ? [] : [[name, value]])),
  );
