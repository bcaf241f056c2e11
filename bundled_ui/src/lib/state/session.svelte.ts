import { ApiError, sentence, type Api, type Schemas } from '../api/client';
import { Persisted } from './persisted.svelte';

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isString = (value: unknown): value is string => typeof value === 'string';

/** Who is at the screen and which workspace they look at.
 *
 * `unknown` until the server was asked; `unreachable` when it could not be (`problem` says why). */
export class Session {
  status = $state.raw<'unknown' | 'anonymous' | 'member' | 'unreachable'>('unknown');
  problem = $state.raw('');
  user = $state.raw<Schemas['GlobalUser'] | null>(null);
  workspaces = $state.raw<Schemas['UserWorkspace'][]>([]);
  membership = $state.raw<Schemas['WorkspaceUser'] | null>(null);
  #chosen = new Persisted('workspace', '', isString);
  #known = new Persisted('known', false, isBoolean); // Somebody was logged in here.
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The id of the current workspace; '' for a person who is in none. */
  get workspace(): string {
    const ids = this.workspaces.map((workspace) => workspace.id);
    return ids.includes(this.#chosen.value) ? this.#chosen.value : (ids[0] ?? '');
  }

  /** Of the current workspace. Rights are the server's to judge; this only decides what is offered. */
  get isAdmin(): boolean {
    return Boolean(this.membership?.is_admin || this.user?.super_admin);
  }

  /** As `load`, except that at the door a browser that nobody has logged in from asks nothing. */
  async start(options: { atDoor: boolean }): Promise<void> {
    if (options.atDoor && !this.#known.value) this.forget();
    else await this.load();
  }

  /** Asks the server who we are. Never throws: the answer is in `status`. */
  async load(): Promise<void> {
    try {
      this.user = await this.#api.get('/users/whoami');
      this.workspaces = (await this.#api.get('/workspaces/users')).workspaces.filter(
        (workspace) => !workspace.disabled,
      );
      await this.#loadMembership();
      this.status = 'member';
      this.#known.value = true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.forget();
      else {
        this.problem = sentence(error);
        this.status = 'unreachable';
      }
    }
  }

  /** Throws ApiError: 401 wrong password or unknown person, 429 too many tries. */
  async login(email: string, password: string): Promise<void> {
    await this.#api.post('/auth/login', { body: { email, password } });
    await this.load();
  }

  /** Makes the first administrator and logs them in. Throws ApiError: 401 when the link is spent. */
  async setup(body: { token: string; email: string; password: string; name?: string }) {
    await this.#api.post('/auth/setup', { body });
    await this.load();
    if (this.status !== 'member') await this.login(body.email, body.password);
  }

  async logout(): Promise<void> {
    await this.#api.post('/auth/logout');
    this.forget();
  }

  /** The server no longer knows us, or never did. */
  forget(): void {
    this.user = null;
    this.workspaces = [];
    this.membership = null;
    this.#known.value = false;
    this.status = 'anonymous';
  }

  /** Looks at another workspace. An id the person is not a member of changes nothing. */
  choose(id: string): void {
    if (id === this.workspace || !this.workspaces.some((workspace) => workspace.id === id)) return;
    this.#chosen.value = id;
    this.membership = null;
    void this.#loadMembership();
  }

  async #loadMembership(): Promise<void> {
    const workspace = this.workspace;
    if (!workspace) return;
    try {
      const path = { workspace };
      const membership = await this.#api.get('/w/{workspace}/users/whoami', { path });
      if (workspace === this.workspace) this.membership = membership;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) throw error;
      this.membership = null; // Rights are the server's to judge; without them we only show less.
    }
  }
}
