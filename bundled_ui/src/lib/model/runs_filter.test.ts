import { describe, expect, test } from 'vitest';
import { isNarrow, mergeRuns, runsFilterOf, runsQueryOf, runsRequestOf } from './runs_filter';
import type { RunsFilter } from './runs_filter';

const now = Date.parse('2026-03-02T12:00:00Z');
const all: RunsFilter = {
  status: 'all',
  kind: 'all',
  span: 'all',
  path: '',
  by: '',
  schedule: '',
  tag: '',
  worker: '',
  label: '',
  key: '',
  parent: '',
};
const narrow: RunsFilter = {
  ...all,
  status: 'failure',
  kind: 'script',
  span: '24h',
  path: 'f/ops/',
  by: 'ada',
  schedule: 'f/ops/nightly',
  key: 'main/crm',
};

test('a filter survives its address', () => {
  expect(runsFilterOf(runsQueryOf(narrow))).toEqual(narrow);
});

test('no filter leaves no trace in the address', () => {
  expect(runsQueryOf(all).toString()).toBe('');
  expect(isNarrow(all)).toBe(false);
  expect(isNarrow(narrow)).toBe(true);
});

test('an address with nonsense shows everything', () => {
  expect(runsFilterOf(new URLSearchParams('status=great&span=-1'))).toEqual(all);
});

describe('the request', () => {
  test('asks for nothing that is not wanted', () => {
    const { has_null_parent, ...wanted } = runsRequestOf(all, now);
    expect(has_null_parent).toBe(true);
    expect(Object.values(wanted).filter((value) => value !== undefined)).toEqual([]);
  });

  test('names what is wanted', () => {
    expect(runsRequestOf(narrow, now)).toEqual({
      running: undefined,
      status: 'failure',
      job_kinds: 'script',
      script_path_start: 'f/ops/',
      created_by: 'ada',
      created_after: '2026-03-01T12:00:00.000Z',
      schedule_path: 'f/ops/nightly',
      concurrency_key: 'main/crm',
      has_null_parent: true,
    });
  });

  test('is for the parts of a flow where one is named', () => {
    const { parent_job, has_null_parent } = runsRequestOf({ ...all, parent: 'j1' }, now);
    expect([parent_job, has_null_parent]).toEqual(['j1', undefined]);
  });

  test.each([
    ['running', true],
    ['waiting', false],
  ] as const)('of %s runs does not speak of how they ended', (status, running) => {
    const request = runsRequestOf({ ...all, status }, now);
    expect(request).toMatchObject({ running, status: undefined });
  });
});

describe('mergeRuns', () => {
  const run = (id: string, second: number, state = 'old') => ({
    id,
    state,
    created_at: `2026-03-01T12:00:0${second}Z`,
  });

  test('takes a run once that ended while the server looked', () => {
    const row = { id: 'a', created_at: '2026-01-01T00:00:00Z' };
    expect(
      mergeRuns(
        [],
        [
          { ...row, type: 'queued' },
          { ...row, type: 'done' },
        ],
      ),
    ).toEqual([{ ...row, type: 'done' }]);
  });

  test('replaces what is fresh, adds what is new and keeps the rest, newest first', () => {
    const merged = mergeRuns([run('b', 2), run('a', 1)], [run('c', 3, 'new'), run('b', 2, 'new')]);
    expect(merged.map(({ id, state }) => `${id} ${state}`)).toEqual(['c new', 'b new', 'a old']);
  });
});
