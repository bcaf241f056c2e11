import { sentence, type Api } from '../api/client';
import { pathProblem } from '../model/script_path';

interface WithPath {
  path: string;
}

/** One thing with a path that is being made or changed beside its list: what was typed, what is wrong. */
export abstract class PathEditor<Row extends WithPath, Text extends WithPath> {
  shown = $state(false); // Its drawer is open.
  readonly noun: string;
  protected readonly api: Api;
  protected readonly workspace: string;
  #told = $state.raw<Row | null>(null);
  #text = $state.raw() as Text;
  #attempted = $state.raw(false);
  #refused = $state.raw('');
  #busy = $state.raw(false);

  constructor(noun: string, api: Api, workspace: string) {
    this.noun = noun;
    this.api = api;
    this.workspace = workspace;
    this.#text = this.blank('');
  }

  /** What is being changed; null for a new one. */
  get told(): Row | null {
    return this.#told;
  }

  get text(): Text {
    return this.#text;
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
    return pathProblem(this.#text.path, this.noun);
  }

  /** Begins with what there is, or with a new one for that owner. */
  open(told: Row | null, owner: string): void {
    this.#told = told;
    this.#text = told ? this.textOf(told) : this.blank(owner);
    this.#attempted = false;
    this.#refused = '';
    this.shown = true;
  }

  change(part: Partial<Text>): void {
    this.#text = { ...this.#text, ...part };
    this.mended();
  }

  /** True when it is saved; else `refused` or the fields say why not. */
  async save(): Promise<boolean> {
    this.#attempted = true;
    if (this.pathProblem || this.wrong()) return false;
    return await this.attempt(() => this.write());
  }

  /** Something else than the text was changed. */
  protected mended(): void {
    this.#refused = '';
  }

  protected refuse(error: unknown): void {
    this.#refused = reason(error);
  }

  /** Whether it went well; else `refused` says why not. One deed at a time. */
  protected async attempt(deed: () => Promise<unknown>): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    try {
      await deed();
      return true;
    } catch (error) {
      this.refuse(error);
      return false;
    } finally {
      this.#busy = false;
    }
  }

  protected abstract blank(owner: string): Text;
  protected abstract textOf(told: Row): Text;
  /** It cannot be saved as it is; its fields say why. */
  protected abstract wrong(): boolean;
  protected abstract write(): Promise<unknown>;
}

/** The sentence without its kind, for the place beside what it is about. */
export const reason = (error: unknown): string => sentence(error).replace(/^Bad request: /, '');
