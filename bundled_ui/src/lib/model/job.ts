/** What can be said of a job from its row, without asking anyone. Shapes are those of the wire. */

export interface JobRow {
  type: string; // QueuedJob | CompletedJob
  job_kind: string;
  script_path?: string | null;
  running?: boolean | null;
  blocked?: boolean | null;
  suspend?: number | null;
  scheduled_for?: string | null;
  success?: boolean | null;
  canceled?: boolean | null;
  is_skipped?: boolean | null;
  result?: unknown;
}

/** Where a job is while it is not completed, or how it completed. */
export type Condition =
  | 'scheduled'
  | 'queued'
  | 'blocked'
  | 'suspended'
  | 'running'
  | 'success'
  | 'failure'
  | 'canceled'
  | 'skipped';

/** `now` in epoch ms: a queued job whose time has not come is `scheduled`. */
export function condition(job: JobRow, now: number): Condition {
  if (job.type === 'CompletedJob') {
    if (job.canceled) return 'canceled';
    if (job.is_skipped) return 'skipped';
    return job.success ? 'success' : 'failure';
  }
  if (job.suspend) return 'suspended';
  if (job.running) return 'running';
  if (job.blocked) return 'blocked';
  // A second of grace: the server's clock may be a little ahead of ours.
  const later = job.scheduled_for ? Date.parse(job.scheduled_for) > now + 1000 : false;
  return later ? 'scheduled' : 'queued';
}

export function isOver(job: JobRow): boolean {
  return job.type === 'CompletedJob';
}

/** What to call the run in a list: the path of what ran, else its kind. */
export function nameOf(job: JobRow): string {
  return job.script_path || kindOf(job);
}

const kinds: Record<string, string> = {
  script: 'Script',
  preview: 'Preview',
  script_hub: 'Script of the hub',
  dependencies: 'Dependencies',
  flow: 'Flow',
  flowpreview: 'Flow preview',
  flowdependencies: 'Flow dependencies',
  singlestepflow: 'Script with retries',
  identity: 'Identity',
};

/** Whether the path and the version of the run are those of a flow, and not of a script. */
export function isOfFlow(job: JobRow): boolean {
  return ['flow', 'flowpreview', 'flowdependencies'].includes(job.job_kind);
}

export function kindOf(job: JobRow): string {
  return kinds[job.job_kind] ?? job.job_kind;
}

/** What the server puts in place of a result that is too big for the job's row (over 90 kB). */
export function isTooBig(result: unknown): boolean {
  return result === 'WINDMILL_TOO_BIG';
}
