import { describe, expect, test, vi } from 'vitest';
import { address, ApiError, createApi } from './client';

function answering(body: BodyInit | null, status = 200, type = 'application/json') {
  return vi.fn<typeof fetch>(
    async () => new Response(body, { status, headers: { 'Content-Type': type } }),
  );
}

describe('address', () => {
  test('keeps the slashes of a path and encodes the rest', () => {
    const path = { workspace: 'main', path: 'f/a b/c?#' };
    expect(address('/w/{workspace}/scripts/get/p/{path}', path)).toBe(
      '/api/w/main/scripts/get/p/f/a%20b/c%3F%23',
    );
  });

  test('leaves out what is absent and repeats what is a list', () => {
    const query = { page: 1, path: '', by: undefined, kinds: ['a', 'b'], archived: false };
    expect(address('/x', {}, query)).toBe('/api/x?page=1&kinds=a&kinds=b&archived=false');
  });
});

describe('an answer', () => {
  test('of JSON is its value', async () => {
    const api = createApi(() => {}, answering('{"email":"a@b.c"}'));
    expect(await api.get('/users/whoami')).toEqual({ email: 'a@b.c' });
  });

  test('of text is the text', async () => {
    const api = createApi(() => {}, answering('CE v1', 200, 'text/plain; charset=utf-8'));
    expect(await api.get('/version')).toBe('CE v1');
  });

  test('without a body is undefined', async () => {
    const api = createApi(() => {}, answering(null, 204));
    expect(await api.post('/auth/logout')).toBeUndefined();
  });
});

describe('a refusal', () => {
  test('is an ApiError with the sentence of the server', async () => {
    const api = createApi(() => {}, answering('Not found: no such job\n', 404, 'text/plain'));
    await expect(api.get('/users/whoami')).rejects.toMatchObject({
      status: 404,
      message: 'No such job',
    });
  });

  test('that is no text is told by its status', async () => {
    const api = createApi(() => {}, answering('<html>', 502, 'text/html'));
    await expect(api.get('/users/whoami')).rejects.toThrow('The server answered 502.');
  });

  test('401 announces that the session is over, but not at login', async () => {
    const expired = vi.fn();
    const api = createApi(expired, answering('Not authorized', 401, 'text/plain'));
    const body = { email: 'a@b.c', password: 'x' };
    await expect(api.post('/auth/login', { body })).rejects.toThrow(ApiError);
    expect(expired).not.toHaveBeenCalled();
    await expect(api.get('/users/whoami')).rejects.toThrow(ApiError);
    expect(expired).toHaveBeenCalledOnce();
  });

  test('a server that is away has status 0', async () => {
    const api = createApi(
      () => {},
      async () => {
        throw new TypeError('fetch failed');
      },
    );
    await expect(api.get('/users/whoami')).rejects.toMatchObject({ status: 0 });
  });
});
