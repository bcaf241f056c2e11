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
import { PathEditor, reason } from '$lib/state/path_editor.svelte';

type Schedule = Schemas['Schedule'];

const TYPING_MS = 250;

/** One schedule being made or changed: its text, the form of its script, the fires it would have. */
export class ScheduleEditor extends PathEditor<Schedule, ScheduleText> {
  #form = $state.raw<FormState>(freshForm([]));
  #fires = $state.raw<string[]>([]);
  #cronProblem = $state.raw('');
  #scripts = $state.raw<string[] | null>(null);
  #flows = $state.raw<string[]>([]);
  #scriptProblem = $state.raw('');
  #typing: ReturnType<typeof setTimeout> | undefined;
  #previewing = new AbortController();
  #reading = new AbortController();

  constructor(api: Api, workspace: string) {
    super('schedule', api, workspace);
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

  override get pathProblem(): string | null {
    return this.told ? null : super.pathProblem;
  }

  override open(told: Schedule | null, owner: string): void {
    super.open(told, owner);
    this.#form = freshForm([], (told?.args ?? {}) as Record<string, Json>);
    void this.#listScripts();
    void this.#preview();
    void this.#readScript();
  }

  override change(part: Partial<ScheduleText>): void {
    super.change(part);
    if (part.script !== undefined) void this.#readScript();
    if (part.cron !== undefined || part.timezone !== undefined) {
      this.#cronProblem = ''; // It was of another expression.
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => void this.#preview(), TYPING_MS);
    }
  }

  setForm(form: FormState): void {
    this.#form = form;
    this.mended();
  }

  protected blank(owner: string): ScheduleText {
    return blankSchedule(owner, Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC');
  }

  protected textOf(told: Schedule): ScheduleText {
    return scheduleText(told as ScheduleTold);
  }

  protected wrong(): boolean {
    return !this.text.script || collectForm(this.#form).problems.length > 0;
  }

  protected async write(): Promise<void> {
    const { workspace } = this;
    const { args } = collectForm(this.#form);
    const { path, script, isFlow } = this.text;
    const plan = planOf(this.text, args, this.told as ScheduleTold | null);
    if (this.told) {
      await this.api.post('/w/{workspace}/schedules/update/{path}', {
        path: { workspace, path },
        body: plan,
      });
    } else {
      await this.api.post('/w/{workspace}/schedules/create', {
        path: { workspace },
        body: { ...plan, path, script_path: script, is_flow: isFlow, enabled: true },
      });
    }
  }

  async #preview(): Promise<void> {
    clearTimeout(this.#typing);
    this.#previewing.abort();
    const { signal } = (this.#previewing = new AbortController());
    const { cron, timezone } = this.text;
    try {
      const body = { schedule: cron, timezone };
      this.#fires = await this.api.post('/schedules/preview', { body, signal });
      this.#cronProblem = '';
    } catch (error) {
      if (aborted(error)) return;
      this.#fires = [];
      this.#cronProblem = reason(error);
    }
  }

  async #listScripts(): Promise<void> {
    try {
      const path = { workspace: this.workspace };
      this.#flows = await this.api.get('/w/{workspace}/flows/list_paths', { path });
      this.#scripts = await this.api.get('/w/{workspace}/scripts/list_paths', { path });
    } catch (error) {
      this.#scriptProblem = sentence(error);
    }
  }

  /** The form of the chosen script or flow, prefilled with what was typed so far. */
  async #readScript(): Promise<void> {
    this.#reading.abort();
    const { signal } = (this.#reading = new AbortController());
    const { script, isFlow } = this.text;
    this.#scriptProblem = '';
    if (!script) return;
    try {
      const asked = { path: { workspace: this.workspace, path: script }, signal };
      const found = isFlow
        ? await this.api.get('/w/{workspace}/flows/get/{path}', asked)
        : await this.api.get('/w/{workspace}/scripts/get/p/{path}', asked);
      const { args } = collectForm(this.#form);
      this.#form = freshForm(fieldsOf(found.schema as Schema | undefined), args);
    } catch (error) {
      if (!aborted(error)) this.#scriptProblem = sentence(error);
    }
  }
}
