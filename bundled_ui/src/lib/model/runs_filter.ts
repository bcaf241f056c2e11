/** Narrowing the list of runs: what is asked for, how it stands in our address and in the request. */

export const statuses = [
  'all',
  'waiting',
  'running',
  'success',
  'failure',
  'canceled',
  'skipped',
] as const;
export const runKinds = [
  'all',
  'script',
  'flow',
  'preview',
  'flowpreview',
  'dependencies',
  'flowdependencies',
] as const;
export const spans = ['all', '1h', '24h', '7d', '30d'] as const;
/** Exact values that a link of another page asks for. */
export const marks = ['schedule', 'tag', 'worker', 'label', 'key', 'parent'] as const;

export type Mark = (typeof marks)[number];

export interface RunsFilter extends Record<Mark, string> {
  status: (typeof statuses)[number];
  kind: (typeof runKinds)[number];
  span: (typeof spans)[number]; // How long ago a run was asked for, at most.
  path: string; // A path or how it begins.
  by: string; // A username.
}

const TEXTS = ['path', 'by', ...marks] as const;

const SPAN_MS: Record<RunsFilter['span'], number> = {
  all: 0,
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 7 * 86_400_000,
  '30d': 30 * 86_400_000,
};

/** Values of an address that mean nothing are read as `all`. */
export function runsFilterOf(query: URLSearchParams): RunsFilter {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, query.get(name) ?? '']));
  return {
    ...(texts as Record<(typeof TEXTS)[number], string>),
    status: oneOf(statuses, query.get('status')),
    kind: oneOf(runKinds, query.get('kind')),
    span: oneOf(spans, query.get('span')),
  };
}

/** Only what narrows is written, so that an unfiltered list has a clean address. */
export function runsQueryOf(filter: RunsFilter): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of ['status', 'kind', 'span'] as const) {
    if (filter[name] !== 'all') query.set(name, filter[name]);
  }
  for (const name of TEXTS) {
    if (filter[name].trim()) query.set(name, filter[name].trim());
  }
  return query;
}

export function isNarrow(filter: RunsFilter): boolean {
  return runsQueryOf(filter).size > 0;
}

/** The query of `jobs/list`, or of `jobs/queue/list` for those that wait. `now` in epoch ms; absent
 * members do not narrow. */
export function runsRequestOf(filter: RunsFilter, now: number) {
  const span = SPAN_MS[filter.span];
  const { status } = filter;
  const alive = status === 'all' || status === 'waiting' || status === 'running';
  return {
    running: status === 'running' ? true : status === 'waiting' ? false : undefined,
    status: alive ? undefined : status,
    job_kinds: filter.kind === 'all' ? undefined : filter.kind,
    script_path_start: filter.path.trim() || undefined,
    created_by: filter.by.trim() || undefined,
    created_after: span ? new Date(now - span).toISOString() : undefined,
    schedule_path: filter.schedule || undefined,
    tag: filter.tag || undefined,
    worker: filter.worker || undefined,
    label: filter.label || undefined,
    concurrency_key: filter.key || undefined,
    // Parts of flows are listed with their flow alone.
    parent_job: filter.parent || undefined,
    has_null_parent: filter.parent ? undefined : true,
  };
}

/** The rows known so far with fresh ones over them: each id once, newest first. An answer may hold a
 * run twice, as it was and as it ended, when it ended while the server looked; the end counts. */
export function mergeRuns<R extends { id: string; created_at: string }>(
  known: readonly R[],
  fresh: readonly R[],
): R[] {
  const rows = new Map(known.map((row) => [row.id, row]));
  for (const row of fresh) rows.set(row.id, row);
  return [...rows.values()].sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
}

function oneOf<V extends string>(values: readonly [V, ...V[]], text: string | null): V {
  return values.find((value) => value === text) ?? values[0];
}
