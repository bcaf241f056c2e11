/** What a person wants to know of a run besides its state: what it waits for, why there is nothing to
 * see, whose result it shows. */
import { condition, type JobRow } from './job';
import { isObject } from './schema';

export interface RunRow extends JobRow {
  concurrency_key?: string | null;
  cached_from?: string | null;
  from_cache?: boolean | null;
  canceled_by?: string | null;
  canceled_reason?: string | null;
  retries?: number | null;
  deleted?: boolean | null;
}

export interface RunNote {
  tone: 'info' | 'warning';
  text: string;
  code?: string; // Shown after the text, as code...
  rest?: string; // ...and what comes then.
  at?: string; // A moment, shown after the text: RFC 3339.
  run?: string; // The id of the run that the note is about...
  link?: string; // ...and what its link says.
}

/** The notes at the head of a run's page. `now` in epoch ms. */
export function notesOf(job: RunRow, now: number): RunNote[] {
  return [...waitingNotes(job, now), ...endNotes(job)];
}

/** The same for a line of a list, in few words; '' when there is nothing to say. */
export function shortNote(job: RunRow, now: number): string {
  switch (condition(job, now)) {
    case 'blocked':
      return `waits for its key ${job.concurrency_key ?? ''}`.trim();
    case 'suspended':
      return `waits for ${job.suspend === 1 ? 'an approval' : `${job.suspend} approvals`}`;
    case 'canceled':
      return job.canceled_by ? `by ${job.canceled_by}` : '';
    case 'running':
      return job.canceled ? 'is being canceled' : tried(job);
    case 'scheduled':
      return tried(job);
    default:
      return job.from_cache ? 'from the cache' : job.deleted ? 'deleted after use' : tried(job);
  }
}

/** The id of the run that took this one's place. */
export function replacedBy(job: RunRow): string | undefined {
  const { result } = job;
  const id = job.is_skipped && isObject(result) ? result.debounced_by : undefined;
  return typeof id === 'string' ? id : undefined;
}

function waitingNotes(job: RunRow, now: number): RunNote[] {
  switch (condition(job, now)) {
    case 'blocked':
      return [
        {
          tone: 'info',
          text: 'It waits for its key',
          code: job.concurrency_key ?? undefined,
          rest: ': as many runs of it as may are under way, or began just now.',
        },
      ];
    case 'scheduled': {
      const failed = job.retries
        ? `It failed ${times(job.retries)} and is tried again`
        : 'It starts';
      return [{ tone: 'info', text: failed, at: job.scheduled_for ?? undefined }];
    }
    case 'running':
      return job.canceled
        ? [{ tone: 'warning', text: `It is being canceled by ${job.canceled_by ?? 'somebody'}.` }]
        : [];
    default:
      return [];
  }
}

function endNotes(job: RunRow): RunNote[] {
  if (job.type !== 'CompletedJob') return [];
  const notes: RunNote[] = [];
  const newer = replacedBy(job);
  if (job.canceled) {
    const reason = job.canceled_reason ? `: ${job.canceled_reason}` : '.';
    notes.push({ tone: 'warning', text: `Canceled by ${job.canceled_by ?? 'somebody'}${reason}` });
  } else if (newer) {
    const text = 'It was debounced: a newer run took its place.';
    notes.push({ tone: 'info', text, run: newer, link: 'The newer run' });
  } else if (job.is_skipped) notes.push({ tone: 'info', text: 'It was skipped and did not run.' });
  if (job.from_cache) {
    const text = 'It did not run: its result comes from the cache, of an earlier run.';
    notes.push({ tone: 'info', text, run: job.cached_from ?? undefined, link: 'The earlier run' });
  }
  if (job.deleted) {
    notes.push({ tone: 'info', text: 'Its arguments, log and result were deleted after use.' });
  }
  return notes;
}

const tried = ({ retries }: RunRow): string => (retries ? `failed ${times(retries)} before` : '');

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
