import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createApi, type Schemas } from '../api/client';
import { RunFeed } from './run_feed.svelte';

type Job = Schemas['Job'];

const queued = {
  type: 'QueuedJob',
  id: 'j',
  workspace_id: 'main',
  job_kind: 'script',
  running: false,
} as Job;
const done = { ...queued, type: 'CompletedJob', success: true, result: 42, logs: 'all\n' } as Job;

/** A feed against a server that answers each question by what begins the address. */
function feed(answers: Record<string, () => Response | Promise<Response>>) {
  const asked: string[] = [];
  const api = createApi(
    () => {},
    async (input) => {
      const path = String(input).replace('/api/w/main/jobs_u/', '');
      asked.push(path);
      const found = Object.entries(answers).find(([start]) => path.startsWith(start));
      return found ? found[1]() : new Response('Not found: no such job', { status: 404 });
    },
  );
  return { made: new RunFeed(api), asked };
}

const json = (value: unknown) => () =>
  new Response(JSON.stringify(value), { headers: { 'Content-Type': 'application/json' } });
const events =
  (...messages: object[]) =>
  () =>
    new Response(messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join(''));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

test('a job that is over is shown without following it', async () => {
  const { made, asked } = feed({ 'get/j': json(done) });
  await made.watch('main', 'j');
  expect(made.condition).toBe('success');
  expect(made.logs).toBe('all\n');
  expect(made.job?.result).toBe(42);
  expect(asked).toEqual(['get/j']);
});

test('a job that waits is followed to its result', async () => {
  const { made } = feed({
    'get/j': json(queued),
    getupdate_sse: events(
      { type: 'update', running: true, new_logs: 'one\n', log_offset: 4 },
      { type: 'update', new_logs: 'two\n', completed: true, job: done },
    ),
  });
  await made.watch('main', 'j');
  expect(made.over).toBe(true);
  expect(made.logs).toBe('one\ntwo\n');
});

test('a stream that ends without the row lets the row be asked for', async () => {
  let reads = 0;
  const { made } = feed({
    'get/j': () => json(reads++ ? done : queued)(),
    getupdate_sse: events({ type: 'update', completed: true }),
  });
  await made.watch('main', 'j');
  expect(made.over).toBe(true);
});

test('a job that is not there is missing, not a problem', async () => {
  const { made } = feed({});
  await made.watch('main', 'j');
  expect(made.missing).toBe(true);
  expect(made.problem).toBe('');
});

test('a refusal is told', async () => {
  const refusal = () =>
    new Response('Permission denied: not yours', {
      status: 403,
      headers: { 'Content-Type': 'text/plain' },
    });
  const { made } = feed({ 'get/j': refusal });
  await made.watch('main', 'j');
  expect(made.problem).toBe('Not yours');
});

test('a result that was too big for the row is fetched when wanted', async () => {
  const { made } = feed({
    'get/j': json({ ...done, result: 'WINDMILL_TOO_BIG' }),
    'completed/get_result/j': json([1, 2, 3]),
  });
  await made.watch('main', 'j');
  await made.loadResult();
  expect(made.job?.result).toEqual([1, 2, 3]);
});

test('of a long log the row brings only the end, and that is said', async () => {
  const { made } = feed({ 'get/j': json({ ...done, logs: 'x'.repeat(20_000) }) });
  await made.watch('main', 'j');
  expect(made.logsCut).toBe(true);
});

test('a job that waits for its key is looked at again', async () => {
  let hold = (_: Response) => {};
  const line = new Promise<Response>((resolve) => (hold = resolve));
  let row = { ...queued, blocked: true };
  const { made } = feed({ 'get/j': () => json(row)(), getupdate_sse: () => line });
  const watched = made.watch('main', 'j');
  await vi.advanceTimersByTimeAsync(0);
  expect(made.condition).toBe('blocked');
  row = { ...queued, blocked: false };
  await vi.advanceTimersByTimeAsync(3_000);
  expect(made.condition).toBe('queued');
  hold(events({ type: 'update', completed: true, job: done })());
  await watched;
  expect([made.over, vi.getTimerCount()]).toEqual([true, 0]);
});
