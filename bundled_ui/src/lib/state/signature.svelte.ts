import { aborted, sentence, type Answer, type Api } from '../api/client';
import { fieldsOf, type Json, type Schema } from '../model/form';
import type { FormState } from '../model/form_draft';
import { mergeForm } from '../model/form_merge';
import { collectForm, freshForm } from '../model/form_state';
import type { Inputs } from '../model/inputs';
import { sourceProblem, type SourceProblem } from '../model/source_problem';

const TYPING_MS = 250;

interface Source {
  workspace: string;
  language: string;
  content: string;
}

/** The form of a script while its code changes: asks the server what `main` takes, keeps the last good
 * answer while the code cannot be read, and what was typed while the form changes. */
export class Signature {
  #schema = $state.raw<Schema | null>(null);
  #problem = $state.raw<SourceProblem | null>(null);
  #form = $state.raw<FormState>(freshForm([]));
  #noMain = $state.raw(false);
  #asking = $state.raw(false);
  #stale = false; // The code changed since the server was last asked.
  #timer: ReturnType<typeof setTimeout> | undefined;
  #question: AbortController | null = null;
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  get schema(): Schema | null {
    return this.#schema;
  }

  /** Why the code could not be read, or what kept us from asking. */
  get problem(): SourceProblem | null {
    return this.#problem;
  }

  get form(): FormState {
    return this.#form;
  }

  get noMain(): boolean {
    return this.#noMain;
  }

  get asking(): boolean {
    return this.#asking;
  }

  get inputs(): Inputs {
    return collectForm(this.#form);
  }

  setForm(form: FormState): void {
    this.#form = form;
  }

  /** Shows a schema that is known already, prefilled with `args`. */
  show(schema: Schema | null, args: Record<string, Json> = {}): void {
    this.#schema = schema;
    this.#form = freshForm(fieldsOf(schema), args);
  }

  /** Asks once the typing pauses. */
  typed(source: Source): void {
    this.#stale = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.ask(source), TYPING_MS);
  }

  /** Resolves when the form belongs to this very code, so that it may run or be deployed. */
  async settle(source: Source): Promise<void> {
    if (this.#stale) await this.ask(source);
  }

  /** Asks now; an older question is dropped. Never throws: the answer is in `problem`. */
  async ask(source: Source): Promise<void> {
    this.stop();
    const question = (this.#question = new AbortController());
    this.#asking = true;
    try {
      const answer = await this.#api.post('/w/{workspace}/scripts/infer_signature', {
        path: { workspace: source.workspace },
        body: { language: source.language, content: source.content },
        signal: question.signal,
      });
      if (question.signal.aborted) return;
      this.#stale = false;
      this.#inferred(answer);
    } catch (error) {
      if (aborted(error) || question.signal.aborted) return;
      this.#problem = { message: sentence(error), line: 0, column: 0 };
    } finally {
      if (this.#question === question) this.#asking = false;
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#question?.abort();
    this.#asking = false;
  }

  #inferred({
    schema,
    signature,
    error,
  }: Answer<'/w/{workspace}/scripts/infer_signature', 'post'>): void {
    this.#problem = error ? sourceProblem(error) : null;
    if (error || !schema) return;
    this.#noMain = signature?.no_main_func === true;
    this.#schema = schema as Schema;
    this.#form = mergeForm(this.#form, fieldsOf(this.#schema));
  }
}
