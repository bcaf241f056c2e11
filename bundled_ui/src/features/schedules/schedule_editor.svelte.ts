import { aborted, sentence, type Api, type Schemas } from '$lib/api/client';
import { fieldsOf, type Json, type Schema } from '$lib/model/form';
import type { FormState } from '$lib/model/form_draft';
import { collectForm, freshForm } from '$lib/model/form_state';
import {
  blankSchedule,
  planOf,
  scheduleText,
  type ScheduleText,
  type ScheduleTold,
} from '$lib/model/schedule';
import { pathProblem } from '$lib/model/script_path';

type Schedule = Schemas['Schedule'];

const TYPING_MS = 250;

/** One schedule being made or changed: its text, the form of its script, the fires it would have. */
export class ScheduleEditor {
  #told = $state.raw<Schedule | null>(null);
  #text = $state.raw<ScheduleText>(blankSchedule('', 'UTC'));
  #form = $state.raw<FormState>(freshForm([]));
  #fires = $state.raw<string[]>([]);
  #cronProblem = $state.raw('');
  #scripts = $state.raw<string[] | null>(null);
  #flows = $state.raw<string[]>([]);
  #scriptProblem = $state.raw('');
  #attempted = $state.raw(false);
  #refused = $state.raw('');
  #saving = $state.raw(false);
  #typing: ReturnType<typeof setTimeout> | undefined;
  #previewing = new AbortController();
  #reading = new AbortController();
  readonly #api: Api;
  readonly #workspace: string;

  constructor(api: Api, workspace: string) {
    this.#api = api;
    this.#workspace = workspace;
  }

  /** The schedule that is being changed; null for a new one. */
  get told(): Schedule | null {
    return this.#told;
  }

  get text(): ScheduleText {
    return this.#text;
  }

  get form(): FormState {
    return this.#form;
  }

  /** The next fires, RFC 3339, while the expression is good. */
  get fires(): string[] {
    return this.#fires;
  }

  get cronProblem(): string {
    return this.#cronProblem;
  }

  /** The paths of the scripts there are; null until they are known. */
  get scripts(): string[] | null {
    return this.#scripts;
  }

  /** The paths of the flows there are. */
  get flows(): string[] {
    return this.#flows;
  }

  get scriptProblem(): string {
    return this.#scriptProblem;
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
    return this.#told ? null : pathProblem(this.#text.path, 'schedule');
  }

  /** Begins with a schedule, or with a new one for that owner in the browser's zone. */
  open(told: Schedule | null, owner: string): void {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
    this.#told = told;
    this.#text = told ? scheduleText(told as ScheduleTold) : blankSchedule(owner, zone);
    this.#form = freshForm([], (told?.args ?? {}) as Record<string, Json>);
    this.#attempted = false;
    this.#refused = '';
    void this.#listScripts();
    void this.#preview();
    void this.#readScript();
  }

  change(part: Partial<ScheduleText>): void {
    this.#text = { ...this.#text, ...part };
    this.#refused = '';
    if (part.script !== undefined) void this.#readScript();
    if (part.cron !== undefined || part.timezone !== undefined) {
      this.#cronProblem = ''; // It was of another expression.
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => void this.#preview(), TYPING_MS);
    }
  }

  setForm(form: FormState): void {
    this.#form = form;
    this.#refused = '';
  }

  /** True when it is saved; else `refused` or the fields say why not. */
  async save(): Promise<boolean> {
    const { args, problems } = collectForm(this.#form);
    this.#attempted = true;
    if (this.#saving || this.pathProblem || !this.#text.script || problems.length > 0) return false;
    this.#saving = true;
    try {
      await this.#write(args);
      return true;
    } catch (error) {
      this.#refused = reason(error);
      return false;
    } finally {
      this.#saving = false;
    }
  }

  async #write(args: Record<string, Json>): Promise<void> {
    const workspace = this.#workspace;
    const { path, script, isFlow } = this.#text;
    const plan = planOf(this.#text, args, this.#told as ScheduleTold | null);
    if (this.#told) {
      await this.#api.post('/w/{workspace}/schedules/update/{path}', {
        path: { workspace, path },
        body: plan,
      });
    } else {
      await this.#api.post('/w/{workspace}/schedules/create', {
        path: { workspace },
        body: { ...plan, path, script_path: script, is_flow: isFlow, enabled: true },
      });
    }
  }

  async #preview(): Promise<void> {
    clearTimeout(this.#typing);
    this.#previewing.abort();
    const { signal } = (this.#previewing = new AbortController());
    const { cron, timezone } = this.#text;
    try {
      const body = { schedule: cron, timezone };
      this.#fires = await this.#api.post('/schedules/preview', { body, signal });
      this.#cronProblem = '';
    } catch (error) {
      if (aborted(error)) return;
      this.#fires = [];
      this.#cronProblem = reason(error);
    }
  }

  async #listScripts(): Promise<void> {
    try {
      const path = { workspace: this.#workspace };
      this.#flows = await this.#api.get('/w/{workspace}/flows/list_paths', { path });
      this.#scripts = await this.#api.get('/w/{workspace}/scripts/list_paths', { path });
    } catch (error) {
      this.#scriptProblem = sentence(error);
    }
  }

  /** The form of the chosen script or flow, prefilled with what was typed so far. */
  async #readScript(): Promise<void> {
    this.#reading.abort();
    const { signal } = (this.#reading = new AbortController());
    const { script, isFlow } = this.#text;
    this.#scriptProblem = '';
    if (!script) return;
    try {
      const asked = { path: { workspace: this.#workspace, path: script }, signal };
      const found = isFlow
        ? await this.#api.get('/w/{workspace}/flows/get/{path}', asked)
        : await this.#api.get('/w/{workspace}/scripts/get/p/{path}', asked);
      const { args } = collectForm(this.#form);
      this.#form = freshForm(fieldsOf(found.schema as Schema | undefined), args);
    } catch (error) {
      if (!aborted(error)) this.#scriptProblem = sentence(error);
    }
  }
}

/** The sentence without its kind, for the place beside what it is about. */
const reason = (error: unknown): string => sentence(error).replace(/^Bad request: /, '');
