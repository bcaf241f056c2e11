import { expect, test } from 'vitest';
import { numberAt, placesOf, wayOf, wayText, wayWords } from './flow_way';

test('a way leads through steps and their turns, and back into an address', () => {
  const way = wayOf('l/3/c');
  expect(way).toEqual(['l', '3', 'c']);
  expect(wayText(way)).toBe('l/3/c');
  expect([numberAt(way, 1), numberAt(way, 2), numberAt(way, 9)]).toEqual([3, null, null]);
  expect(wayWords(way)).toBe('step l, number 3, step c');
});

test('a run goes on at the places on the way', () => {
  expect(placesOf(wayOf('a'))).toEqual([{ step_id: 'a' }]);
  expect(placesOf(wayOf('l/3/c'))).toEqual([
    { step_id: 'l', branch_or_iteration_n: 3 },
    { step_id: 'c' },
  ]);
});

test('what is no way leads nowhere', () => {
  expect(wayOf(null)).toEqual([]);
  expect(wayOf('3/l')).toEqual([]);
  expect(wayOf('a/'.repeat(60))).toEqual([]);
});
