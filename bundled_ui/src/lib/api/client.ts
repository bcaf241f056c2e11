/** The one door to the server: typed by the OpenAPI document, same-origin, with the session's cookie.
 * A refusal is an `ApiError` with the sentence the server wrote; a lost session is also announced. */
import { sentenceOf } from '../model/refusal';
import { encodePath } from '../model/route';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

type Verb = 'get' | 'post' | 'put' | 'delete';
type PathsWith<V extends Verb> = {
  [P in keyof paths]: paths[P] extends { [K in V]: object } ? P : never;
}[keyof paths];
type Operation<P extends keyof paths, V extends Verb> = V extends keyof paths[P]
  ? paths[P][V]
  : never;
type PathOf<O> = O extends { parameters: { path: infer X extends object } } ? X : undefined;
type QueryOf<O> = O extends { parameters: { query?: infer X } } ? X : undefined;
type BodyOf<O> = O extends { requestBody: { content: { 'application/json': infer B } } }
  ? B
  : undefined;
type OptionalBodyOf<O> = O extends { requestBody?: infer R }
  ? [NonNullable<R>] extends [never]
    ? undefined // openapi-typescript writes `requestBody?: never` where there is none.
    : NonNullable<R> extends { content: { 'application/json': infer B } }
      ? B
      : undefined
  : undefined;
type ContentOf<R> = R extends { content: infer C extends object } ? C[keyof C] : undefined;
/** What a call resolves to: the JSON value, the text, or undefined for an empty answer. */
export type Answer<P extends keyof paths, V extends Verb> =
  Operation<P, V> extends { responses: infer R }
    ? ContentOf<R[keyof R & (200 | 201 | 202 | 204)]>
    : never;

interface Common {
  signal?: AbortSignal;
}
type Needs<Key extends string, T> = [T] extends [undefined] ? unknown : { [K in Key]: T };
type May<Key extends string, T> = [T] extends [undefined] ? unknown : { [K in Key]?: T };
type Options<O> = Common &
  Needs<'path', PathOf<O>> &
  Needs<'body', BodyOf<O>> &
  May<'body', OptionalBodyOf<O>> &
  May<'query', QueryOf<O>>;
type Args<O> = [PathOf<O>, BodyOf<O>] extends [undefined, undefined]
  ? [options?: Options<O>]
  : [options: Options<O>];
type Call<V extends Verb> = <P extends PathsWith<V>>(
  path: P,
  ...args: Args<Operation<P, V>>
) => Promise<Answer<P, V>>;

export interface Api {
  /** The bare response of a GET, for an answer that streams. Refusals are thrown as everywhere. */
  open: <P extends PathsWith<'get'>>(
    path: P,
    ...args: Args<Operation<P, 'get'>>
  ) => Promise<Response>;
  get: Call<'get'>;
  post: Call<'post'>;
  put: Call<'put'>;
  delete: Call<'delete'>;
}

interface Request extends Common {
  path?: Record<string, string | number>;
  query?: Record<string, unknown>;
  body?: unknown;
}

/** The server said no, or could not be reached (`status` 0). `message` is fit for a person. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** `onExpired` is told of each 401 except those of /auth, where it means a wrong password. */
export function createApi(onExpired: () => void, fetcher: typeof fetch = fetch): Api {
  const ask = async (method: Verb, path: string, request: Request = {}) => {
    const answer = await send(fetcher, method, path, request);
    if (answer.status === 401 && !path.startsWith('/auth/')) onExpired();
    if (!answer.ok) throw await refusal(answer);
    return answer;
  };
  const call = (method: Verb) => async (path: string, request?: Request) =>
    await content(await ask(method, path, request));
  // The types above are the contract; below them a call is only strings and JSON.
  return {
    open: (path: string, request?: Request) => ask('get', path, request),
    get: call('get'),
    post: call('post'),
    put: call('put'),
    delete: call('delete'),
  } as unknown as Api;
}

/** The address of an operation: `/api` + template with its parameters + query; absent values are left out. */
export function address(
  template: string,
  path: Record<string, string | number> = {},
  query: Record<string, unknown> = {},
): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodePath(`${path[name]}`));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') search.append(name, String(one));
    }
  }
  const text = search.toString();
  return `/api${filled}${text ? `?${text}` : ''}`;
}

/** The sentence to show for anything that was thrown. */
export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** True when the caller itself gave up (left the page, typed on): nothing to tell anyone. */
export function aborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

async function send(fetcher: typeof fetch, method: Verb, path: string, request: Request) {
  const hasBody = 'body' in request;
  try {
    return await fetcher(address(path, request.path, request.query), {
      method: method.toUpperCase(),
      credentials: 'same-origin',
      headers: hasBody ? { 'Content-Type': 'application/json' } : {},
      body: hasBody ? JSON.stringify(request.body) : undefined,
      signal: request.signal,
    });
  } catch (error) {
    if (aborted(error)) throw error;
    throw new ApiError(0, 'The server cannot be reached. Check the connection and try again.');
  }
}

async function content(answer: Response): Promise<unknown> {
  const type = answer.headers.get('Content-Type') ?? '';
  if (answer.status === 204) return undefined;
  if (type.startsWith('application/json')) return await answer.json();
  if (type.startsWith('text/')) return await answer.text();
  return undefined;
}

async function refusal(answer: Response): Promise<ApiError> {
  const type = answer.headers.get('Content-Type') ?? '';
  const text = type.startsWith('text/plain') ? (await answer.text()).trim() : '';
  return new ApiError(answer.status, sentenceOf(text) || `The server answered ${answer.status}.`);
}
