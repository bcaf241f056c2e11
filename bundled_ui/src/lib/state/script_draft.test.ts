import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, type Api, type Schemas } from '../api/client';
import { draftKey } from '../model/local_draft';
import { ScriptDraft } from './script_draft.svelte';

type Script = Schemas['Script'];
type Answer = (path: string, request: { path?: Record<string, string>; body?: unknown }) => unknown;

const deployed = (hash: string, content: string): Script => ({
  hash,
  path: 'u/me/x',
  summary: 'X',
  description: '',
  content,
  language: 'python3',
  kind: 'script',
  created_by: 'bob',
  created_at: '2026-01-01T00:00:00Z',
  archived: false,
  deleted: false,
  workspace_id: 'main',
  is_template: false,
  starred: false,
  has_preprocessor: false,
  ws_error_handler_muted: false,
  extra_perms: {},
});

/** A server of one script, whose answers a test may replace. */
class Server {
  head: Script | null = deployed('a'.repeat(16), 'def main(): ...');
  readonly sent: { path: string; body: unknown }[] = [];
  schema: Record<string, unknown> = { properties: { n: { type: 'integer' } }, required: ['n'] };
  error: string | undefined;
  refuse: ApiError | null = null;

  readonly api = {
    get: this.#answer((path) => {
      if (!this.head) throw new ApiError(404, 'Not found: script');
      return path.includes('/get/p/') ? this.head : { ...this.head, type: 'CompletedJob' };
    }),
    post: this.#answer((path, { body }) => {
      this.sent.push({ path, body });
      if (path.endsWith('/infer_signature')) {
        return this.error ? { error: this.error, schema: {} } : { schema: this.schema };
      }
      if (this.refuse) throw this.refuse;
      if (path.endsWith('/create')) {
        this.head = { ...deployed('b'.repeat(16), ''), ...(body as Script), hash: 'b'.repeat(16) };
      }
      return 'done';
    }),
  } as unknown as Api;

  bodies(end: string): unknown[] {
    return this.sent.filter(({ path }) => path.endsWith(end)).map(({ body }) => body);
  }

  #answer(answer: Answer): Answer {
    return (path, request) => new Promise((resolve) => resolve(answer(path, request ?? {})));
  }
}

const storage = new Map<string, string>();
vi.stubGlobal('localStorage', {
  getItem: (key: string) => storage.get(key) ?? null,
  setItem: (key: string, value: string) => storage.set(key, value),
  removeItem: (key: string) => storage.delete(key),
});

beforeEach(() => storage.clear());

async function open(server: Server, path: string | null = 'u/me/x'): Promise<ScriptDraft> {
  const begin = { workspace: 'w', path, owner: 'u/me', content: 'template' };
  const draft = new ScriptDraft(server.api, begin);
  await draft.load();
  return draft;
}

describe('a draft', () => {
  it('begins as what is deployed, and asks for its form', async () => {
    const draft = await open(new Server());
    expect(draft.status).toBe('ready');
    expect(draft.changed).toBe(false);
    expect(draft.signature.form.fields.map((field) => field.name)).toEqual(['n']);
  });

  it('of a new script begins as a template without a name', async () => {
    const draft = await open(new Server(), null);
    expect(draft.text).toMatchObject({ path: 'u/me/', content: 'template' });
  });

  it('says when there is no such script', async () => {
    const server = new Server();
    server.head = null;
    expect((await open(server)).status).toBe('missing');
  });

  it('is kept in the browser while it differs, and taken up again', async () => {
    const server = new Server();
    const draft = await open(server);
    draft.setContent('mine');
    draft.keep();
    expect(storage.has(draftKey('w', 'u/me/x'))).toBe(true);
    const again = await open(server);
    expect(again.text.content).toBe('mine');
    expect(again.restored?.parentHash).toBe('a'.repeat(16));
    again.reset();
    expect(again.changed).toBe(false);
    expect(storage.size).toBe(0);
  });

  it('says when the browser would not keep it', async () => {
    const draft = await open(new Server());
    const full = vi.spyOn(localStorage, 'setItem').mockImplementation(() => {
      throw new Error('full');
    });
    expect(draft.keep()).toBe(true);
    draft.setContent('mine');
    expect(draft.keep()).toBe(false);
    full.mockRestore();
  });

  it('keeps its last form while the code cannot be read', async () => {
    const server = new Server();
    const draft = await open(server);
    server.error = 'line 2, column 4: invalid syntax';
    draft.setContent('def main(');
    await draft.signature.settle({ workspace: 'w', language: 'python3', content: 'def main(' });
    expect(draft.signature.problem).toEqual({ message: 'invalid syntax', line: 2, column: 4 });
    expect(draft.signature.form.fields).toHaveLength(1);
  });
});

describe('a preview', () => {
  it('is not started while a value is missing', async () => {
    const server = new Server();
    const draft = await open(server);
    expect(await draft.preview()).toBe(false);
    expect(draft.attempted).toBe(true);
    expect(server.bodies('/run/preview')).toEqual([]);
  });

  it('runs the code as typed with the arguments of its own form', async () => {
    const server = new Server();
    const draft = await open(server);
    server.schema = { properties: { word: { type: 'string', default: 'x' } } };
    draft.setContent('def main(word="x"): ...');
    expect(await draft.preview()).toBe(true);
    expect(server.bodies('/run/preview')).toMatchObject([
      { content: 'def main(word="x"): ...', args: {}, path: 'u/me/x', language: 'python3' },
    ]);
  });

  it('shows what the server refused', async () => {
    const server = new Server();
    const draft = await open(server);
    server.schema = {};
    await draft.signature.ask({ workspace: 'w', language: 'python3', content: '' });
    server.refuse = new ApiError(400, 'Bad request: no');
    expect(await draft.preview()).toBe(false);
    expect(draft.refused).toBe('Bad request: no');
    expect(draft.running).toBe(false);
  });
});

describe('a deployment', () => {
  it('follows the version it began from and leaves nothing to keep', async () => {
    const server = new Server();
    const draft = await open(server);
    draft.setContent('better');
    draft.change({ timeout: '30' });
    expect(await draft.deploy('why')).toBe(true);
    expect(server.bodies('/create')).toMatchObject([
      { parent_hash: 'a'.repeat(16), content: 'better', deployment_message: 'why', timeout: 30 },
    ]);
    expect(draft.changed).toBe(false);
    expect(storage.size).toBe(0);
  });

  it('is refused while the code cannot be read', async () => {
    const server = new Server();
    const draft = await open(server);
    server.error = 'line 2, column 4: invalid syntax';
    draft.setContent('def main(');
    await expect(draft.deploy('')).rejects.toThrow('Line 2: invalid syntax');
    expect(server.bodies('/create')).toEqual([]);
  });

  it('that came too late shows the other version and can go on top of it', async () => {
    const server = new Server();
    const draft = await open(server);
    draft.setContent('mine');
    server.head = deployed('c'.repeat(16), 'theirs');
    server.refuse = new ApiError(409, 'Conflict: moved');
    expect(await draft.deploy('')).toBe(false);
    expect(draft.conflict?.content).toBe('theirs');
    server.refuse = null;
    draft.buildOn(draft.conflict!);
    expect(await draft.deploy('')).toBe(true);
    expect(server.bodies('/create').at(-1)).toMatchObject({
      parent_hash: 'c'.repeat(16),
      content: 'mine',
    });
  });

  it('that was refused for another reason says so', async () => {
    const server = new Server();
    const draft = await open(server);
    draft.setContent('mine');
    server.refuse = new ApiError(400, 'Bad request: too large');
    await expect(draft.deploy('')).rejects.toThrow('too large');
    expect(draft.conflict).toBeNull();
    expect(draft.deploying).toBe(false);
  });

  it('may give way to the other version', async () => {
    const server = new Server();
    const draft = await open(server);
    draft.setContent('mine');
    draft.takeTheirs(deployed('c'.repeat(16), 'theirs'));
    expect(draft.text.content).toBe('theirs');
    expect(draft.changed).toBe(false);
  });
});
