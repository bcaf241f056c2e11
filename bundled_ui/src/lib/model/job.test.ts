import { describe, expect, test } from 'vitest';
import { condition, isOfFlow, nameOf, type JobRow } from './job';

const now = Date.parse('2026-03-01T12:00:00Z');
const queued: JobRow = { type: 'QueuedJob', job_kind: 'script', running: false };
const completed: JobRow = { type: 'CompletedJob', job_kind: 'script' };

describe('condition', () => {
  test.each<[string, JobRow, string]>([
    ['a job that waits', queued, 'queued'],
    ['a job whose key is full', { ...queued, blocked: true }, 'blocked'],
    ['a job that runs', { ...queued, running: true }, 'running'],
    [
      'a job whose time comes later',
      { ...queued, scheduled_for: '2026-03-01T12:05:00Z' },
      'scheduled',
    ],
    ['a job of this very moment', { ...queued, scheduled_for: '2026-03-01T12:00:00.5Z' }, 'queued'],
    ['a job that waits for people', { ...queued, running: true, suspend: 1 }, 'suspended'],
    ['a success', { ...completed, success: true }, 'success'],
    ['a failure', { ...completed, success: false }, 'failure'],
    [
      'a cancel, which also is no success',
      { ...completed, success: false, canceled: true },
      'canceled',
    ],
    ['a skip', { ...completed, success: true, is_skipped: true }, 'skipped'],
  ])('%s', (_, job, expected) => {
    expect(condition(job, now)).toBe(expected);
  });
});

test('what a run is of, a flow or a script, goes by its kind', () => {
  expect(isOfFlow({ ...queued, job_kind: 'flowdependencies' })).toBe(true);
  expect(isOfFlow({ ...queued, job_kind: 'dependencies' })).toBe(false);
  expect(nameOf({ ...queued, job_kind: 'flowdependencies' })).toBe('Flow dependencies');
});

test('a run without a path is called by its kind', () => {
  expect(nameOf({ ...queued, job_kind: 'preview' })).toBe('Preview');
  expect(nameOf({ ...queued, script_path: 'f/a/b' })).toBe('f/a/b');
});
