import { expect, test, vi } from 'vitest';
import { createApi, type Schemas } from '$lib/api/client';
import { runsFilterOf } from '$lib/model/runs_filter';
import { RunList } from './run_list.svelte';

const all = runsFilterOf(new URLSearchParams());

/** The job number `n`; higher is younger. */
const job = (n: number) =>
  ({
    id: `j${n}`,
    type: 'CompletedJob',
    created_at: new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString(),
  }) as Schemas['Job'];

/** A list against a server that holds `jobs`, which the test may change meanwhile. */
function list(count: number) {
  const server = {
    jobs: Array.from({ length: count }, (_, n) => job(count - n)),
    status: 200,
    looks: Infinity, // how many jobs it looks at
    asked: [] as string[],
  };
  const api = createApi(
    () => {},
    async (input) => {
      const { pathname, searchParams: query } = new URL(String(input), 'http://here');
      server.asked.push(pathname);
      const size = Number(query.get('per_page'));
      const from = (Number(query.get('page')) - 1) * size;
      const before = query.get('created_before');
      const found = server.jobs.filter(({ created_at }) => !before || created_at < before);
      const rows = found
        .slice(0, server.looks)
        .filter(({ success }) => success !== false)
        .slice(from, from + size);
      const last = found[server.looks - 1]?.created_at ?? '';
      const ends = rows.length < size && found.length > server.looks;
      return new Response(server.status === 200 ? JSON.stringify(rows) : 'away', {
        status: server.status,
        headers: {
          'Content-Type': server.status === 200 ? 'application/json' : 'text/plain',
          ...(ends ? { 'X-Searched-Until': last } : {}),
        },
      });
    },
  );
  return { made: new RunList(api, 'main'), server };
}

const ids = (made: RunList) => made.rows?.map(({ id }) => id) ?? [];

test('pages follow each other without gap or double, also while new runs come', async () => {
  const { made, server } = list(70);
  await made.load(all);
  expect([made.rows?.length, made.more]).toEqual([30, true]);
  server.jobs.unshift(job(71), job(72));
  await made.loadMore();
  await made.loadMore();
  await made.loadMore();
  expect(made.more).toBe(false);
  expect(new Set(ids(made)).size).toBe(made.rows?.length);
  expect(ids(made)).toContain('j1');
});

test('many runs of the same moment are all reached', async () => {
  const { made, server } = list(0);
  server.jobs = Array.from({ length: 100 }, (_, n) => ({ ...job(1), id: `same${n}` }));
  await made.load(all);
  while (made.more) await made.loadMore();
  expect(made.rows).toHaveLength(100);
});

test('a refresh brings new runs, and forgets those that no longer pass', async () => {
  const { made, server } = list(3);
  await made.load(all);
  server.jobs = [job(4), job(3), job(1)];
  await made.refresh();
  expect(ids(made)).toEqual(['j4', 'j3', 'j1']);
});

test('a refresh keeps the older rows that were loaded', async () => {
  const { made, server } = list(150);
  await made.load(all);
  while (made.more) await made.loadMore();
  expect(made.rows).toHaveLength(150);
  server.jobs.unshift(job(151));
  await made.refresh();
  expect(made.rows).toHaveLength(151);
  expect(ids(made)[0]).toBe('j151');
});

test('where the server gives up the search goes on when it is wanted', async () => {
  const { made, server } = list(100);
  server.jobs = server.jobs.map((one, at) => ({ ...one, success: at === 0 || at === 99 }));
  server.looks = 40;
  await made.load(all);
  expect([ids(made), made.more]).toEqual([['j100'], true]);
  expect(made.searchedUntil).toBe(job(61).created_at);
  await made.loadMore();
  expect([ids(made), made.searchedUntil]).toEqual([['j100'], job(21).created_at]);
  await made.refresh();
  expect(made.searchedUntil).toBe(job(21).created_at);
  await made.loadMore();
  expect([ids(made), made.more, made.searchedUntil]).toEqual([['j100', 'j1'], false, null]);
  await made.refresh();
  expect(ids(made)).toEqual(['j100', 'j1']);
});

test('runs that wait are asked of the queue', async () => {
  const { made, server } = list(1);
  await made.load({ ...all, status: 'waiting' });
  expect(server.asked).toEqual(['/api/w/main/jobs/queue/list']);
});

test('a server that is away for a moment leaves the rows and says so', async () => {
  const { made, server } = list(3);
  await made.load(all);
  server.status = 503;
  await made.refresh();
  expect([made.rows?.length, made.problem]).toEqual([3, 'away']);
  server.status = 200;
  await made.refresh();
  expect(made.problem).toBe('');
});

test('a list with a run that is under way is looked at again soon, until the page is left', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }));
  const { made, server } = list(1);
  const leave = made.keepFresh();
  server.jobs = [{ ...job(1), type: 'QueuedJob' } as Schemas['Job']];
  await made.load(all);
  server.jobs = [job(1)];
  await vi.advanceTimersByTimeAsync(2_000);
  expect(made.rows?.[0]?.type).toBe('CompletedJob');
  leave();
  expect(vi.getTimerCount()).toBe(0);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
