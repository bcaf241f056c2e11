import { expect, test } from 'vitest';
import { judge } from './password';

test.each<[string, boolean, number]>([
  ['', false, 0],
  ['short', false, 1],
  ['elevenchars', false, 1],
  ['aaaaaaaaaaaaaaaa', true, 1],
  ['justletters1', true, 2],
  ['Just1Letters!', true, 3],
  ['some words together', true, 3],
])('%j: ok %s, level %d', (password, ok, level) => {
  expect(judge(password)).toMatchObject({ ok, level });
});

test('what is missing is counted in characters, not in bytes or halves of emoji', () => {
  expect(judge('🔑'.repeat(11)).text).toBe('1 more character.');
});
