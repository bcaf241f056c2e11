import { expect, test } from 'vitest';
import { notesOf, replacedBy, shortNote, type RunRow } from './run_words';

const now = Date.parse('2026-03-01T12:00:00Z');
const queued: RunRow = { type: 'QueuedJob', job_kind: 'script', running: false };
const done: RunRow = { type: 'CompletedJob', job_kind: 'script', success: true };
const later = '2026-03-01T12:05:00Z';

test.each<[string, RunRow, Partial<ReturnType<typeof notesOf>[0]>, string]>([
  [
    'a blocked run',
    { ...queued, blocked: true, concurrency_key: 'main/crm' },
    { code: 'main/crm' },
    'waits for its key main/crm',
  ],
  ['a delayed run', { ...queued, scheduled_for: later }, { text: 'It starts', at: later }, ''],
  [
    'a run between two tries',
    { ...queued, scheduled_for: later, retries: 2 },
    { text: 'It failed 2 times and is tried again', at: later },
    'failed 2 times before',
  ],
  [
    'a run that is being canceled',
    { ...queued, running: true, canceled: true, canceled_by: 'ada' },
    { text: 'It is being canceled by ada.' },
    'is being canceled',
  ],
  [
    'a canceled run',
    { ...done, success: false, canceled: true, canceled_by: 'ada', canceled_reason: 'wrong day' },
    { text: 'Canceled by ada: wrong day' },
    'by ada',
  ],
  ['a cached run', { ...done, from_cache: true, cached_from: 'x' }, { run: 'x' }, 'from the cache'],
  [
    'a debounced run',
    { ...done, is_skipped: true, result: { debounced_by: 'y' } },
    { run: 'y', link: 'The newer run' },
    '',
  ],
  [
    'a deleted run',
    { ...done, deleted: true },
    { text: 'Its arguments, log and result were deleted after use.' },
    'deleted after use',
  ],
])('of %s one is told what matters', (_, job, note, short) => {
  expect(notesOf(job, now)).toEqual([expect.objectContaining(note)]);
  expect(shortNote(job, now)).toBe(short);
});

test('a flow that waits for people says for how many', () => {
  const asks = { ...queued, job_kind: 'flow', running: true };
  expect(shortNote({ ...asks, suspend: 1 }, now)).toBe('waits for an approval');
  expect(shortNote({ ...asks, suspend: 2 }, now)).toBe('waits for 2 approvals');
});

test('an ordinary run needs no words', () => {
  for (const job of [queued, { ...queued, running: true }, done, { ...done, success: false }]) {
    expect([notesOf(job, now), shortNote(job, now)]).toEqual([[], '']);
  }
});

test('only a skipped run was replaced, whatever a result says', () => {
  expect(replacedBy({ ...done, result: { debounced_by: 'y' } })).toBeUndefined();
  expect(replacedBy({ ...done, is_skipped: true, result: { debounced_by: 3 } })).toBeUndefined();
});
