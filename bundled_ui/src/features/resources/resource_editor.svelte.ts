import { sentence, type Api, type Schemas } from '$lib/api/client';
import { fieldsOf, type Field, type Json, type Schema } from '$lib/model/form';
import type { FormState } from '$lib/model/form_draft';
import { collectForm, freshForm } from '$lib/model/form_state';
import { isObject } from '$lib/model/schema';
import { pathProblem } from '$lib/model/script_path';

export type Row = Schemas['Resource'];
export type Type = Schemas['ResourceType'];

export interface ResourceText {
  path: string;
  type: string;
  description: string;
}

/** One resource being made or changed: a form where its type has one, JSON text where not. */
export class ResourceEditor {
  #told = $state.raw<Row | null>(null);
  #text = $state.raw<ResourceText>({ path: '', type: '', description: '' });
  #types = $state.raw<Type[]>([]);
  #form = $state.raw<FormState | null>(null);
  #json = $state.raw('');
  #loading = $state.raw(false);
  #attempted = $state.raw(false);
  #refused = $state.raw('');
  #saving = $state.raw(false);
  readonly #api: Api;
  readonly #workspace: string;

  constructor(api: Api, workspace: string) {
    this.#api = api;
    this.#workspace = workspace;
  }

  /** The resource that is being changed; null for a new one. */
  get told(): Row | null {
    return this.#told;
  }

  get text(): ResourceText {
    return this.#text;
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

  /** Somebody tried to save: say what is missing. */
  get attempted(): boolean {
    return this.#attempted;
  }

  get refused(): string {
    return this.#refused;
  }

  get saving(): boolean {
    return this.#saving;
  }

  get pathProblem(): string | null {
    return pathProblem(this.#text.path, 'resource');
  }

  get jsonProblem(): string | null {
    return this.#form || parsed(this.#json) ? null : 'This is not valid JSON.';
  }

  /** Begins with a resource, or with a new one for that owner. */
  async open(told: Row | null, owner: string): Promise<void> {
    this.#told = told;
    this.#text = {
      path: told?.path ?? `${owner}/`,
      type: told?.resource_type ?? '',
      description: told?.description ?? '',
    };
    this.#form = null;
    this.#json = '';
    this.#attempted = false;
    this.#refused = '';
    this.#loading = true;
    try {
      const [types, value] = await Promise.all([this.#listTypes(), this.#readValue(told)]);
      if (this.#told !== told) return;
      this.#types = types;
      this.#show(value);
    } catch (error) {
      this.#refused = sentence(error);
    } finally {
      this.#loading = false;
    }
  }

  change(part: Partial<ResourceText>): void {
    const value = part.type === undefined ? undefined : this.#value();
    this.#text = { ...this.#text, ...part };
    this.#refused = '';
    if (part.type !== undefined) this.#show(value ?? {});
  }

  setForm(form: FormState): void {
    this.#form = form;
    this.#refused = '';
  }

  setJson(json: string): void {
    this.#json = json;
    this.#refused = '';
  }

  /** True when it is saved; else `refused` or the fields say why not. */
  async save(): Promise<boolean> {
    this.#attempted = true;
    const wrong = this.#form ? collectForm(this.#form).problems.length > 0 : this.jsonProblem;
    if (this.#saving || this.#loading || this.pathProblem || !this.#text.type || wrong)
      return false;
    this.#saving = true;
    try {
      await this.#write();
      return true;
    } catch (error) {
      this.#refused = sentence(error).replace(/^Bad request: /, '');
      return false;
    } finally {
      this.#saving = false;
    }
  }

  async #write(): Promise<void> {
    const workspace = this.#workspace;
    const { path, type, description } = this.#text;
    const body = { path, value: this.#value(), resource_type: type, description };
    if (this.#told) {
      await this.#api.post('/w/{workspace}/resources/update/{path}', {
        path: { workspace, path: this.#told.path },
        body,
      });
    } else {
      await this.#api.post('/w/{workspace}/resources/create', { path: { workspace }, body });
    }
  }

  /** What the fields or the text say now; a field left alone has its default. */
  #value(): Json | undefined {
    if (!this.#form) return parsed(this.#json)?.value;
    const { args } = collectForm(this.#form);
    return this.#form.json === null ? { ...defaultsOf(this.#form.fields), ...args } : args;
  }

  #show(value: Json): void {
    const schema = this.#types.find(({ name }) => name === this.#text.type)?.schema;
    const fields = fieldsOf(schema as Schema | undefined);
    const fits = fields.length > 0 && isObject(value);
    this.#form = fits ? freshForm(fields, value) : null;
    this.#json = fits ? '' : JSON.stringify(value, null, 2);
  }

  async #listTypes(): Promise<Type[]> {
    if (this.#types.length > 0) return this.#types;
    return await this.#api.get('/w/{workspace}/resources/type/list', {
      path: { workspace: this.#workspace },
    });
  }

  async #readValue(told: Row | null): Promise<Json> {
    if (!told) return {};
    const found = await this.#api.get('/w/{workspace}/resources/get/{path}', {
      path: { workspace: this.#workspace, path: told.path },
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
