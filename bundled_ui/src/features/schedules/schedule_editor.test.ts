import { expect, test, vi } from 'vitest';
import { createApi, type Schemas } from '$lib/api/client';
import { ScheduleEditor } from './schedule_editor.svelte';

const SCHEMA = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
const told = {
  path: 'f/ops/nightly',
  script_path: 'f/ops/hello',
  schedule: '0 0 3 * * *',
  timezone: 'Europe/Paris',
  args: { name: 'Ada', extra: 1 },
  labels: ['a'],
} as unknown as Schemas['Schedule'];

/** An editor against a server that answers each path as told, and remembers what it was sent. */
function editor(refusal = '') {
  const sent: { path: string; body: Record<string, unknown> }[] = [];
  const answers: Record<string, unknown> = {
    '/api/schedules/preview': ['2026-01-01T09:00:00.000000Z'],
    '/api/w/main/scripts/list_paths': ['f/ops/hello', 'f/ops/other'],
    '/api/w/main/flows/get/f/ops/flow': {
      schema: { type: 'object', properties: { n: { type: 'integer' } } },
    },
    '/api/w/main/scripts/get/p/f/ops/hello': { schema: SCHEMA },
  };
  const api = createApi(
    () => {},
    async (input, init) => {
      const path = String(input);
      const body = JSON.parse(String(init?.body ?? '{}')) as Record<string, unknown>;
      sent.push({ path, body });
      const bad = path.endsWith('/preview') && String(body.schedule).includes('25');
      const text = bad ? "Bad request: '0 0 25 * * *' is not a cron expression (hour 25)" : refusal;
      const saving = /\/(create|update)/.test(path);
      if (bad || (saving && refusal)) {
        return new Response(text, { status: 400, headers: { 'Content-Type': 'text/plain' } });
      }
      return new Response(JSON.stringify(answers[path] ?? ''), {
        headers: { 'Content-Type': saving ? 'text/plain' : 'application/json' },
      });
    },
  );
  return { made: new ScheduleEditor(api, 'main'), sent };
}

const fieldsOf = (made: ScheduleEditor) => made.form.fields.map(({ name }) => name);

test('a new schedule is refused until it has a name, a script and its arguments', async () => {
  const { made, sent } = editor();
  made.open(null, 'u/ada');
  expect(await made.save()).toBe(false);
  expect(made.pathProblem).toBe('Give the schedule a name.');
  made.change({ path: 'u/ada/nightly', script: 'f/ops/hello' });
  await vi.waitFor(() => expect(fieldsOf(made)).toEqual(['name']));
  expect(await made.save()).toBe(false);
  made.setForm({ ...made.form, json: '{"name": "Ada"}' });
  expect(await made.save()).toBe(true);
  expect(sent.at(-1)).toMatchObject({
    path: '/api/w/main/schedules/create',
    body: {
      path: 'u/ada/nightly',
      script_path: 'f/ops/hello',
      is_flow: false,
      enabled: true,
      args: { name: 'Ada' },
    },
  });
});

test('a schedule that is opened and saved keeps what the form does not show', async () => {
  const { made, sent } = editor();
  made.open(told, 'u/ada');
  await vi.waitFor(() => expect(fieldsOf(made)).toEqual(['name']));
  made.change({ summary: 'Every night' });
  expect(await made.save()).toBe(true);
  expect(sent.at(-1)).toEqual({
    path: '/api/w/main/schedules/update/f/ops/nightly',
    body: {
      schedule: '0 0 3 * * *',
      timezone: 'Europe/Paris',
      args: { name: 'Ada', extra: 1 },
      labels: ['a'],
      summary: 'Every night',
    },
  });
});

test('the next fires follow what is typed, and a bad expression is told in their place', async () => {
  const { made } = editor();
  made.open(told, 'u/ada');
  await vi.waitFor(() => expect(made.fires).toHaveLength(1));
  made.change({ cron: '0 0 25 * * *' });
  await vi.waitFor(() => expect(made.cronProblem).toMatch(/^'0 0 25 .* \(hour 25\)$/));
  expect(made.fires).toEqual([]);
  made.change({ cron: '0 0 5 * * *' });
  expect(made.cronProblem).toBe('');
  await vi.waitFor(() => expect(made.fires).toHaveLength(1));
});

test('what the server refuses is shown until something is changed', async () => {
  const { made } = editor('no');
  made.open(told, 'u/ada');
  await vi.waitFor(() => expect(fieldsOf(made)).toEqual(['name']));
  expect(await made.save()).toBe(false);
  expect(made.refused).toBe('no');
  made.change({ summary: 'x' });
  expect(made.refused).toBe('');
});

test('a schedule may start a flow', async () => {
  const { made, sent } = editor();
  made.open(null, 'u/ada');
  made.change({ path: 'u/ada/nightly', script: 'f/ops/flow', isFlow: true });
  await vi.waitFor(() => expect(fieldsOf(made)).toEqual(['n']));
  expect(await made.save()).toBe(true);
  expect(sent.at(-1)).toMatchObject({ body: { script_path: 'f/ops/flow', is_flow: true } });
});
