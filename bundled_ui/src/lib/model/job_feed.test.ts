import { expect, test } from 'vitest';
import {
  advance,
  emptyFeed,
  isFinal,
  LOG_CHARS_MAX,
  resumeQuery,
  type FeedMessage,
} from './job_feed';

type Job = { id: string };

function after(...messages: FeedMessage<Job>[]) {
  return messages.reduce(advance<Job>, emptyFeed<Job>());
}

test('logs are appended and the offset follows the server', () => {
  const feed = after(
    { type: 'update', running: true, new_logs: 'one\n', log_offset: 4 },
    { type: 'update', new_logs: 'two\n', log_offset: 8 },
  );
  expect(feed.logs).toBe('one\ntwo\n');
  expect(resumeQuery(feed)).toEqual({ running: true, log_offset: 8, stream_offset: 0 });
});

test('without an offset from the server the characters are counted', () => {
  expect(after({ type: 'update', new_logs: 'abc' }).logOffset).toBe(3);
});

test('an absent or null field leaves what was known', () => {
  const feed = after(
    { type: 'update', running: true, mem_peak: 1024, progress: 40 },
    { type: 'update', running: null, new_logs: null, progress: null },
  );
  expect(feed).toMatchObject({ running: true, memPeakKb: 1024, progress: 40, logs: '' });
});

test('completion brings the job and is final', () => {
  const feed = after({ type: 'update', completed: true, job: { id: 'a' } });
  expect(isFinal(feed)).toBe(true);
  expect(feed.job).toEqual({ id: 'a' });
});

test('a missing job is final', () => {
  expect(isFinal(after({ type: 'notfound' }))).toBe(true);
});

test('pings, timeouts and unknown messages change nothing', () => {
  const before = after({ type: 'update', new_logs: 'x' });
  for (const type of ['ping', 'timeout', 'novelty']) expect(advance(before, { type })).toBe(before);
});

test('an error is told until something goes well again', () => {
  const feed = after({ type: 'error', error: 'database is away' });
  expect(feed.problem).toBe('database is away');
  expect(advance(feed, { type: 'update' }).problem).toBe('');
});

test('of an endless log the end is kept', () => {
  const feed = after(
    { type: 'update', new_logs: 'a'.repeat(LOG_CHARS_MAX) },
    { type: 'update', new_logs: 'end' },
  );
  expect(feed.logs).toHaveLength(LOG_CHARS_MAX);
  expect(feed.logs.endsWith('aend')).toBe(true);
  expect(feed.logsDropped).toBe(3);
  expect(feed.logOffset).toBe(LOG_CHARS_MAX + 3);
});

test('the result stream grows by its own offset', () => {
  const feed = after(
    { type: 'update', new_result_stream: 'Hel', stream_offset: 3 },
    { type: 'update', new_result_stream: 'lo', stream_offset: 5 },
  );
  expect(feed.stream).toBe('Hello');
  expect(feed.streamOffset).toBe(5);
});
