import { describe, expect, test } from 'vitest';
import { afterLogin, login, run } from './links';
import { encodePath, find, match } from './route';

describe('match', () => {
  test.each([
    ['/', '/', {}],
    ['/runs', '/runs/', {}],
    ['/run/:id', '/run/0-1', { id: '0-1' }],
    ['/scripts/get/*path', '/scripts/get/f/a/b', { path: 'f/a/b' }],
    ['/scripts/get/*path', '/scripts/get/f/a%20b/c%3F', { path: 'f/a b/c?' }],
    ['/run/:id', '/run/100%', { id: '100%' }],
  ])('%s matches %s', (pattern, path, params) => {
    expect(match(pattern, path)).toEqual(params);
  });

  test.each([
    ['/', '/runs'],
    ['/run/:id', '/run'],
    ['/run/:id', '/run/a/b'],
    ['/scripts/get/*path', '/scripts/get'],
  ])('%s does not match %s', (pattern, path) => {
    expect(match(pattern, path)).toBeNull();
  });
});

test('the first pattern that matches wins', () => {
  const table = [{ pattern: '/scripts/add' }, { pattern: '/scripts/*rest' }];
  expect(find(table, '/scripts/add')?.route).toBe(table[0]);
  expect(find(table, '/scripts/f/x')?.params).toEqual({ rest: 'f/x' });
  expect(find(table, '/flows')).toBeNull();
});

test('a path survives its address', () => {
  const path = 'f/ops/weird ?#% name';
  expect(match('/x/*path', `/x/${encodePath(path)}`)).toEqual({ path });
});

test('a run is addressed with its workspace', () => {
  expect(run('01', 'my team')).toBe('/run/01?workspace=my%20team');
});

describe('login', () => {
  test('remembers the deep link', () => {
    const address = new URL(login('/run/1?workspace=a'), 'http://here');
    expect(afterLogin(address.searchParams.get('next'))).toBe('/run/1?workspace=a');
  });

  test.each([
    null,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/login?next=/login',
  ])('never leads to %s', (next) => {
    expect(afterLogin(next)).toBe('/');
  });
});
