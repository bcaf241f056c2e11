import { ApiError, sentence, type Api, type Schemas } from '../api/client';
import {
  blankText,
  deploymentOf,
  draftKey,
  parseDraft,
  sameText,
  textOf,
  type LocalDraft,
  type ScriptText,
} from '../model/local_draft';
import { optionsOf } from '../model/option_text';
import type { Schema } from '../model/schema';
import { RunFeed } from './run_feed.svelte';
import { Signature } from './signature.svelte';

type Script = Schemas['Script'];
type Status = 'loading' | 'ready' | 'missing' | 'failed';

const SAVING_MS = 400;

export interface Begin {
  workspace: string;
  path: string | null; // null is a new script
  owner: string; // of a new script, such as u/me
  content: string; // of a new script
}

/** A script that is being written: its text and settings, its form, its preview run, its deployment.
 * What is not deployed is kept in the browser, so that a closed tab loses nothing. */
export class ScriptDraft {
  readonly signature: Signature;
  readonly run: RunFeed;
  #status = $state.raw<Status>('loading');
  #problem = $state.raw('');
  #text = $state.raw<ScriptText>(blankText('', ''));
  #origin = $state.raw<ScriptText>(blankText('', ''));
  #head = $state.raw<Script | null>(null);
  #restored = $state.raw<LocalDraft | null>(null);
  #conflict = $state.raw<Script | null>(null);
  #starting = $state.raw(false);
  #deploying = $state.raw(false);
  #attempted = $state.raw(false);
  #refused = $state.raw('');
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #api: Api;
  readonly #begin: Begin;

  constructor(api: Api, begin: Begin) {
    this.#api = api;
    this.#begin = begin;
    this.signature = new Signature(api);
    this.run = new RunFeed(api);
  }

  get status(): Status {
    return this.#status;
  }

  /** Why loading failed. */
  get problem(): string {
    return this.#problem;
  }

  get text(): ScriptText {
    return this.#text;
  }

  /** What the draft began from: the deployed version, or the template. */
  get origin(): ScriptText {
    return this.#origin;
  }

  /** The deployed version that the next one follows; null for a new script. */
  get head(): Script | null {
    return this.#head;
  }

  get changed(): boolean {
    return this.#status === 'ready' && !sameText(this.#text, this.#origin);
  }

  /** The stored draft that was taken up again, until the person says what to do with it. */
  get restored(): LocalDraft | null {
    return this.#restored;
  }

  /** A version somebody else deployed since; the person must choose. */
  get conflict(): Script | null {
    return this.#conflict;
  }

  get deploying(): boolean {
    return this.#deploying;
  }

  /** A preview is being started or runs. */
  get running(): boolean {
    return this.#starting || (this.run.job !== null && !this.run.over);
  }

  /** Somebody tried to run with this form: missing values are to be named. */
  get attempted(): boolean {
    return this.#attempted;
  }

  /** What the server said of the last attempt to run. */
  get refused(): string {
    return this.#refused;
  }

  /** Loads what is deployed, then the stored draft over it. Never throws: see `status`. */
  async load(): Promise<void> {
    const { workspace, path, owner, content } = this.#begin;
    try {
      this.#head = path === null ? null : await this.#fetch(path);
      this.#origin = this.#head ? textOf(this.#head) : blankText(content, owner);
      this.#text = this.#origin;
      this.#restore();
      this.#status = 'ready';
      this.signature.show((this.#head?.schema as Schema | undefined) ?? null);
      await this.signature.ask({ workspace, ...this.#text });
    } catch (error) {
      this.#status = error instanceof ApiError && error.status === 404 ? 'missing' : 'failed';
      this.#problem = sentence(error);
    }
  }

  setContent(content: string, language = this.#text.language): void {
    if (content === this.#text.content && language === this.#text.language) return;
    this.change({ content, language });
    this.signature.typed({ workspace: this.#begin.workspace, ...this.#text });
  }

  change(part: Partial<ScriptText>): void {
    this.#text = { ...this.#text, ...part };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.keep(), SAVING_MS);
  }

  /** Starts a preview with the form's arguments; says false when the form is not ready for it. */
  async preview(): Promise<boolean> {
    if (this.running) return false;
    this.#attempted = true;
    this.#starting = true;
    this.#refused = '';
    try {
      return await this.#startPreview();
    } catch (error) {
      this.#refused = sentence(error);
      return false;
    } finally {
      this.#starting = false;
    }
  }

  /** Deploys the draft as the version after `head`. Throws when the code cannot be read and whatever the
   * server refuses; where somebody else was faster, `conflict` is set and false is returned. */
  async deploy(message: string): Promise<boolean> {
    const { workspace } = this.#begin;
    const text = this.#text;
    this.#deploying = true;
    try {
      await this.signature.settle({ workspace, ...text });
      const broken = this.signature.problem;
      if (broken?.line) throw new Error(`Not deployed. Line ${broken.line}: ${broken.message}`);
      await this.#api.post('/w/{workspace}/scripts/create', {
        path: { workspace },
        body: {
          ...deploymentOf(text, this.#head),
          schema: (this.signature.schema as Record<string, unknown> | null) ?? undefined,
          parent_hash: this.#head?.hash,
          deployment_message: message || undefined,
        },
      });
      this.#deployed(await this.#fetch(text.path));
      return true;
    } catch (error) {
      this.#conflict = await this.#newer(error);
      if (this.#conflict) return false;
      throw error;
    } finally {
      this.#deploying = false;
    }
  }

  /** Makes the draft follow the other version: the next deployment replaces it. */
  buildOn(version: Script): void {
    this.#head = version;
    this.#origin = textOf(version);
    this.#conflict = null;
    this.keep();
  }

  /** Drops the draft for what is deployed, or for the template. */
  reset(): void {
    this.take(this.#origin);
  }

  /** Takes the other version instead of the draft. */
  takeTheirs(version: Script): void {
    this.buildOn(version);
    this.take(textOf(version));
  }

  dismissConflict(): void {
    this.#conflict = null;
  }

  dismissRestored(): void {
    this.#restored = null;
  }

  take(text: ScriptText): void {
    this.#text = text;
    this.#restored = null;
    this.keep();
    void this.signature.ask({ workspace: this.#begin.workspace, ...text });
  }

  /** Writes the draft to the browser's storage now, or removes it when nothing differs. False when the
   * browser would not: then what is changed lives in this page only. */
  keep(): boolean {
    clearTimeout(this.#timer);
    const key = draftKey(this.#begin.workspace, this.#begin.path);
    try {
      if (!this.changed) {
        localStorage.removeItem(key);
        return true;
      }
      const parentHash = this.#head?.hash ?? '';
      const draft: LocalDraft = { text: this.#text, parentHash, savedAt: new Date().toISOString() };
      localStorage.setItem(key, JSON.stringify(draft));
      return true;
    } catch {
      return !this.changed; // Storage is full or refused.
    }
  }

  /** Ends what is under way; the page is left. */
  stop(): void {
    if (this.#status === 'ready') this.keep();
    this.signature.stop();
    this.run.stop();
  }

  async #startPreview(): Promise<boolean> {
    const { workspace } = this.#begin;
    const { content, language, tag, path } = this.#text;
    await this.signature.settle({ workspace, language, content });
    const { args, problems } = this.signature.inputs;
    if (problems.length > 0) return false;
    const named = path.endsWith('/') ? undefined : path;
    const network = optionsOf(this.#text).network as Schemas['Preview']['network'];
    const id = await this.#api.post('/w/{workspace}/jobs/run/preview', {
      path: { workspace },
      body: { content, language, args, path: named, tag: tag || undefined, network },
    });
    this.#attempted = false;
    void this.run.watch(workspace, id);
    return true;
  }

  #restore(): void {
    const { workspace, path } = this.#begin;
    const draft = stored(draftKey(workspace, path));
    if (!draft || sameText(draft.text, this.#origin)) return;
    this.#restored = draft;
    this.#text = path === null ? draft.text : { ...draft.text, path };
  }

  #deployed(script: Script): void {
    this.#head = script;
    // What was typed while the deployment was on its way stays a change.
    this.#origin = textOf(script);
    this.#restored = null;
    this.keep();
  }

  /** The version that came between, when that is why a deployment was refused. */
  async #newer(error: unknown): Promise<Script | null> {
    if (!(error instanceof ApiError) || ![400, 409].includes(error.status)) return null;
    const head = await this.#fetch(this.#text.path).catch(() => null);
    return head && head.hash !== this.#head?.hash ? head : null;
  }

  #fetch(path: string): Promise<Script> {
    return this.#api.get('/w/{workspace}/scripts/get/p/{path}', {
      path: { workspace: this.#begin.workspace, path },
    });
  }
}

function stored(key: string): LocalDraft | null {
  try {
    return parseDraft(localStorage.getItem(key));
  } catch {
    return null;
  }
}
