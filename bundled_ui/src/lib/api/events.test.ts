import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JobFeed } from '../model/job_feed';
import { ApiError, createApi, type Schemas } from './client';
import { backoffMs, followJob } from './events';

type Script = (url: URL) => Response;
const sse = (...messages: object[]) =>
  new Response(messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join(''));

/** Follows a job whose connections are answered by `scripts`, one after the other. */
async function follow(...scripts: Script[]) {
  const asked: string[] = [];
  const waits: boolean[] = [];
  let feed: JobFeed<Schemas['Job']> | undefined;
  const api = createApi(
    () => {},
    async (input) => {
      const url = new URL(String(input), 'http://here');
      asked.push(url.search);
      const script = scripts.shift();
      if (!script) throw new Error(`asked once too often: ${asked.join(' ')}`);
      return script(url);
    },
  );
  const done = followJob(api, {
    workspace: 'main',
    id: 'j',
    signal: new AbortController().signal,
    onFeed: (next) => (feed = next),
    onWaiting: (waiting) => waits.push(waiting),
  });
  const settled = done.then(
    () => null,
    (error: unknown) => error,
  );
  await vi.runAllTimersAsync();
  return { error: await settled, feed, asked, waits };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('a job is followed to its end on one line', async () => {
  const { feed, asked } = await follow(() =>
    sse({ type: 'update', new_logs: 'hi' }, { type: 'update', completed: true }),
  );
  expect(feed).toMatchObject({ logs: 'hi', completed: true });
  expect(asked).toHaveLength(1);
});

test('after a timeout the line is opened again at once, with the offsets', async () => {
  const { feed, asked, waits } = await follow(
    () =>
      sse({ type: 'update', running: true, new_logs: 'one', log_offset: 3 }, { type: 'timeout' }),
    () => sse({ type: 'update', new_logs: ' two', log_offset: 7, completed: true }),
  );
  expect(asked[1]).toBe('?running=true&log_offset=3&stream_offset=0');
  expect(feed?.logs).toBe('one two');
  expect(waits).toEqual([]);
});

test('a line that breaks is opened again after a wait, and nothing is lost', async () => {
  const { feed, waits } = await follow(
    () => sse({ type: 'update', new_logs: 'one', log_offset: 3 }),
    () => new Response('away', { status: 503, headers: { 'Content-Type': 'text/plain' } }),
    () => sse({ type: 'update', new_logs: ' two', completed: true }),
  );
  expect(feed?.logs).toBe('one two');
  expect(waits).toEqual([true, true, false]);
});

test('a job that is not there is missing', async () => {
  const { feed, error } = await follow(() => new Response('no', { status: 404 }));
  expect(feed?.missing).toBe(true);
  expect(error).toBeNull();
});

test('a lost session ends the following', async () => {
  const { error } = await follow(() => new Response('who?', { status: 401 }));
  expect(error).toBeInstanceOf(ApiError);
});

test('waits grow and have an upper limit', () => {
  expect([0, 1, 2, 3, 20].map(backoffMs)).toEqual([500, 1000, 2000, 4000, 15_000]);
});
