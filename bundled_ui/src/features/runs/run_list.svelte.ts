import { aborted, sentence, type Api, type Schemas } from '$lib/api/client';
import { isOver } from '$lib/model/job';
import { mergeRuns, runsRequestOf, type RunsFilter } from '$lib/model/runs_filter';
import { keepFresh, type Fresh, type Pace } from '$lib/state/fresh';

type Job = Schemas['Job'];

interface Page {
  rows: Job[];
  /** The server looked no further back than this (RFC 3339), although there may be more. */
  until: string | null;
}

const SEARCHED_UNTIL = 'X-Searched-Until';
const PAGE_ROWS = 30;
const REFRESH_ROWS_MAX = 100;
const BUSY: Pace = { least: 2_000, most: 20_000 };
const CALM: Pace = { least: 15_000, most: 300_000 };

/** The runs of a workspace under a filter, newest first, kept fresh while somebody looks. */
export class RunList {
  #rows = $state.raw<Job[] | null>(null);
  #problem = $state.raw('');
  #more = $state.raw(false);
  #until = $state.raw<string | null>(null);
  #loadingMore = $state.raw(false);
  #filter: RunsFilter | null = null;
  #loading = new AbortController();
  #fresh: Fresh | null = null;
  readonly #api: Api;
  readonly #workspace: string;

  constructor(api: Api, workspace: string) {
    this.#api = api;
    this.#workspace = workspace;
  }

  /** Null until the first answer. */
  get rows(): Job[] | null {
    return this.#rows;
  }

  get problem(): string {
    return this.#problem;
  }

  /** There are, or may be, older runs. */
  get more(): boolean {
    return this.#more;
  }

  /** How far back was looked, where the search ended before the list did. */
  get searchedUntil(): string | null {
    return this.#until;
  }

  get loadingMore(): boolean {
    return this.#loadingMore;
  }

  /** Starts anew with another filter. What is shown stays until the answer is here. */
  async load(filter: RunsFilter): Promise<void> {
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    this.#filter = filter;
    await this.#attempt(signal, async () => {
      const { rows, until } = await this.#page(1, PAGE_ROWS, signal);
      this.#rows = mergeRuns([], rows);
      this.#end(rows, until);
    });
    this.#fresh?.again(); // What came may be running.
  }

  /** Looks again at the newest runs. */
  async refresh(): Promise<void> {
    if (!this.#rows) return;
    const { signal } = this.#loading;
    const count = Math.min(REFRESH_ROWS_MAX, Math.max(PAGE_ROWS, this.#rows.length));
    await this.#attempt(signal, async () => {
      const fresh = await this.#page(1, count, signal);
      this.#rows = this.#renewed(fresh);
    });
  }

  async loadMore(): Promise<void> {
    if (!this.#rows || this.#loadingMore) return;
    const { signal } = this.#loading;
    this.#loadingMore = true;
    await this.#attempt(signal, async () => {
      const known = this.#rows ?? [];
      const { rows, until } = await this.#further(known, signal);
      this.#rows = mergeRuns(known, rows);
      this.#end(rows, until);
    });
    this.#loadingMore = false;
  }

  /** Throws ApiError. */
  async cancel(job: Job, reason: string): Promise<void> {
    await this.#api.post('/w/{workspace}/jobs_u/queue/cancel/{id}', {
      path: { workspace: this.#workspace, id: job.id },
      body: { reason: reason || undefined },
    });
    await this.refresh();
  }

  /** Looks again while somebody looks: soon while something runs. Returns the function that ends it. */
  keepFresh(): () => void {
    const busy = () => this.#rows?.some((row) => !isOver(row)) ?? false;
    const fresh = (this.#fresh = keepFresh(
      () => this.refresh(),
      () => (busy() ? BUSY : CALM),
    ));
    return () => {
      fresh.stop();
      this.#loading.abort();
    };
  }

  /** Rows older than the fresh window are kept; inside it only what the server still lists stays, so a
   * run that no longer passes the filter goes. */
  #renewed({ rows, until }: Page): Job[] {
    const oldest = until ?? (rows.length >= PAGE_ROWS ? rows.at(-1)?.created_at : undefined);
    if (oldest === undefined) return mergeRuns([], rows);
    const bound = Date.parse(oldest);
    const older = (this.#rows ?? []).filter((row) => Date.parse(row.created_at) <= bound);
    return mergeRuns(older, rows);
  }

  #end(rows: Job[], until: string | null): void {
    this.#until = until;
    this.#more = until !== null || rows.length === PAGE_ROWS;
  }

  async #further(known: Job[], signal: AbortSignal): Promise<Page> {
    if (this.#until !== null) return await this.#page(1, PAGE_ROWS, signal, this.#until);
    return await this.#olderThan(known, signal);
  }

  /** The rows after the oldest known one. Counting pages would go astray when new runs push the rows
   * on or finished ones leave, so the time of the oldest is the mark: to the millisecond and
   * inclusive, as several runs may share it. Only when a whole page of them is known, the next. */
  async #olderThan(known: Job[], signal: AbortSignal): Promise<Page> {
    const ids = new Set(known.map(({ id }) => id));
    const mark = Date.parse(known.at(-1)?.created_at ?? '') + 1;
    const before = Number.isNaN(mark) ? undefined : new Date(mark).toISOString();
    for (let page = 1; ; page++) {
      const found = await this.#page(page, PAGE_ROWS, signal, before);
      const { rows } = found;
      if (rows.length < PAGE_ROWS || rows.some(({ id }) => !ids.has(id))) return found;
    }
  }

  async #page(page: number, rows: number, signal: AbortSignal, before?: string): Promise<Page> {
    if (!this.#filter) return { rows: [], until: null };
    const request = {
      path: { workspace: this.#workspace },
      query: {
        ...runsRequestOf(this.#filter, Date.now()),
        created_before: before,
        page,
        per_page: rows,
      },
      signal,
    };
    const waiting = this.#filter.status === 'waiting';
    const answer = await (waiting
      ? this.#api.open('/w/{workspace}/jobs/queue/list', request)
      : this.#api.open('/w/{workspace}/jobs/list', request));
    return {
      rows: (await answer.json()) as Job[],
      until: answer.headers.get(SEARCHED_UNTIL),
    };
  }

  async #attempt(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#problem = '';
    } catch (error) {
      if (!aborted(error) && !signal.aborted) this.#problem = sentence(error);
    }
  }
}
