import { aborted, ApiError, sentence, type Api, type Schemas } from '../api/client';
import { followJob } from '../api/events';
import { condition, isOver, isTooBig, type Condition } from '../model/job';

type Job = Schemas['Job'];

/** `get` gives at most this many characters of a log's end. */
const LOG_TAIL_CHARS = 20_000;
/** The stream tells of starts, logs and the end; what else changes is looked up so often. */
const LOOK_MS = 3_000;

/** One job on the screen: its row, its logs as they come, its result. `watch` another at any time. */
export class RunFeed {
  #job = $state.raw<Job | null>(null);
  #logs = $state.raw('');
  #cut = $state.raw(false);
  #stream = $state.raw('');
  #progress = $state.raw<number | null>(null);
  #waiting = $state.raw(false);
  #problem = $state.raw('');
  #missing = $state.raw(false);
  #watching: AbortController | null = null;
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  get job(): Job | null {
    return this.#job;
  }

  get logs(): string {
    return this.#logs;
  }

  /** Only the end of the log is in `logs`. */
  get logsCut(): boolean {
    return this.#cut;
  }

  /** What the script has streamed as its result while it runs. */
  get stream(): string {
    return this.#stream;
  }

  /** How far the script says it is, in percent; null when it has said nothing. */
  get progress(): number | null {
    return this.#progress;
  }

  /** The line to the server is down; we try again. */
  get waiting(): boolean {
    return this.#waiting;
  }

  get problem(): string {
    return this.#problem;
  }

  get missing(): boolean {
    return this.#missing;
  }

  get over(): boolean {
    return this.#job !== null && isOver(this.#job);
  }

  get condition(): Condition | null {
    return this.#job && condition(this.#job, Date.now());
  }

  /** Shows the job `id` and follows it until it is over. Ends what was watched before. */
  async watch(workspace: string, id: string): Promise<void> {
    this.clear();
    const watching = (this.#watching = new AbortController());
    const { signal } = watching;
    try {
      await this.#load(workspace, id, signal);
      if (!this.over) await this.#follow(workspace, id, signal);
    } catch (error) {
      if (aborted(error) || signal.aborted) return;
      if (error instanceof ApiError && error.status === 404) this.#missing = true;
      else this.#problem = sentence(error);
    }
  }

  /** Stops following; what is shown stays. */
  stop(): void {
    this.#watching?.abort();
    this.#watching = null;
  }

  clear(): void {
    this.stop();
    this.#job = null;
    this.#logs = this.#stream = this.#problem = '';
    this.#cut = this.#waiting = this.#missing = false;
    this.#progress = null;
  }

  /** Asks the server to end the job; that it is over comes as every other news. Throws ApiError. */
  async cancel(reason?: string): Promise<void> {
    const job = this.#job;
    if (!job) return;
    await this.#api.post('/w/{workspace}/jobs_u/queue/cancel/{id}', {
      path: { workspace: job.workspace_id, id: job.id },
      body: { reason },
    });
  }

  /** Replaces the placeholder of a result that was too big to come with its job. Throws ApiError. */
  async loadResult(): Promise<void> {
    const job = this.#job;
    if (!job || !isTooBig(job.result)) return;
    const result = await this.#api.get('/w/{workspace}/jobs_u/completed/get_result/{id}', {
      path: { workspace: job.workspace_id, id: job.id },
    });
    if (this.#job === job) this.#job = { ...job, result };
  }

  async #load(workspace: string, id: string, signal: AbortSignal): Promise<void> {
    const path = { workspace, id };
    const job = await this.#api.get('/w/{workspace}/jobs_u/get/{id}', { path, signal });
    if (signal.aborted) return;
    this.#job = job;
    if (isOver(job)) {
      this.#logs = job.logs ?? '';
      this.#cut = this.#logs.length >= LOG_TAIL_CHARS;
    }
  }

  async #follow(workspace: string, id: string, signal: AbortSignal): Promise<void> {
    const followed = new AbortController();
    this.#look(workspace, id, AbortSignal.any([signal, followed.signal]));
    let running = false;
    await followJob(this.#api, {
      workspace,
      id,
      signal,
      onWaiting: (waiting) => (this.#waiting = waiting),
      onFeed: (feed) => {
        if (signal.aborted) return;
        this.#logs = feed.logs;
        this.#cut = feed.logsDropped > 0;
        this.#stream = feed.stream;
        this.#progress = feed.progress;
        this.#missing = feed.missing;
        this.#problem = feed.problem;
        if (feed.job) this.#job = feed.job;
        else if (feed.running && !running && !this.#job?.running) this.#started();
        running = feed.running;
        this.#tellSteps(feed.flowStatus);
      },
    }).finally(() => followed.abort());
    // A stream may end without the finished row; then the row is asked for.
    if (!signal.aborted && !this.over && !this.#missing) await this.#load(workspace, id, signal);
  }

  #tellSteps(flow_status: Record<string, unknown> | null): void {
    if (!this.#job || this.over || !flow_status || flow_status === this.#job.flow_status) return;
    this.#job = { ...this.#job, flow_status };
  }

  /** The stream says that the job began, not when or where: until its row comes, now is close enough. */
  #started(): void {
    if (!this.#job) return;
    const started_at = this.#job.started_at ?? new Date().toISOString();
    this.#job = { ...this.#job, running: true, blocked: undefined, started_at };
  }

  /** Keeps the row of a job that is not over true: its key may be full, a try may have failed. */
  #look(workspace: string, id: string, signal: AbortSignal): void {
    const request = { path: { workspace, id }, query: { no_logs: true }, signal };
    const look = async (): Promise<void> => {
      const job = await this.#api.get('/w/{workspace}/jobs_u/get/{id}', request).catch(() => null);
      if (signal.aborted) return;
      // The end comes by the stream, with the whole log.
      if (job && !isOver(job)) this.#job = job;
      timer = setTimeout(look, LOOK_MS);
    };
    let timer = setTimeout(look, LOOK_MS);
    signal.addEventListener('abort', () => clearTimeout(timer));
  }
}
