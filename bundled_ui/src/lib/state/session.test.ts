import { beforeEach, expect, test } from 'vitest';
import { createApi } from '../api/client';
import { Session } from './session.svelte';

/** A session against a server that answers by these routes; what is not there is a 404. */
function session(routes: Record<string, unknown>) {
  const asked: string[] = [];
  const api = createApi(
    () => made.forget(),
    async (input) => {
      const path = String(input).replace('/api', '');
      asked.push(path);
      const body = routes[path];
      if (body instanceof Error) throw body;
      if (typeof body === 'number') return new Response('no', { status: body });
      return new Response(JSON.stringify(body ?? 'none'), {
        status: body === undefined ? 404 : 200,
        headers: { 'Content-Type': 'application/json' },
      });
    },
  );
  const made = new Session(api);
  return { made, asked };
}

const ada = { email: 'ada@example.com', super_admin: true };
const workspaces = [
  { id: 'main', name: 'Main', username: 'ada' },
  { id: 'lab', name: 'Lab', username: 'ada' },
  { id: 'old', name: 'Old', username: 'ada', disabled: true },
];
const member = {
  '/users/whoami': ada,
  '/workspaces/users': { email: ada.email, workspaces },
  '/w/main/users/whoami': { username: 'ada' },
  '/w/lab/users/whoami': { username: 'ada_l' },
};

beforeEach(() => {
  const kept = new Map<string, string>();
  globalThis.localStorage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  } as unknown as Storage;
});

test('a member begins in the first workspace that is not disabled', async () => {
  const { made } = session(member);
  await made.load();
  expect(made.status).toBe('member');
  expect(made.workspace).toBe('main');
  expect(made.workspaces.map(({ id }) => id)).toEqual(['main', 'lab']);
  expect(made.membership?.username).toBe('ada');
});

test('the chosen workspace is remembered, one of others is not chosen', async () => {
  const { made } = session(member);
  await made.load();
  made.choose('lab');
  made.choose('not-mine');
  expect(made.workspace).toBe('lab');
  const again = session(member).made;
  await again.load();
  expect(again.workspace).toBe('lab');
});

test('without a session one is anonymous', async () => {
  const { made } = session({ '/users/whoami': 401 });
  await made.load();
  expect(made.status).toBe('anonymous');
});

test('a server that is away is not a missing session', async () => {
  const { made } = session({ '/users/whoami': new TypeError('down') });
  await made.load();
  expect(made.status).toBe('unreachable');
  expect(made.problem).toMatch(/cannot be reached/);
});

test('rights that cannot be read do not keep anybody out', async () => {
  const { made } = session({ ...member, '/w/main/users/whoami': 500 });
  await made.load();
  expect(made.status).toBe('member');
  expect(made.membership).toBeNull();
});

test('at the door a browser nobody logged in from asks nothing', async () => {
  const { made, asked } = session(member);
  await made.start({ atDoor: true });
  expect(made.status).toBe('anonymous');
  expect(asked).toEqual([]);
  await made.start({ atDoor: false });
  expect(made.status).toBe('member');
});
