import { expect, test } from 'vitest';
import { score, search } from './fuzzy';

const paths = ['f/ops/list', 'f/ops/sync_customers', 'u/ada/customers_sync', 'f/ops/resize_images'];
const find = (query: string) => search(query, paths, (path) => path);

test('an empty query finds everything in its order', () => {
  expect(find(' ')).toEqual(paths);
});

test('every word must occur, in any order', () => {
  expect(find('customers sync')).toEqual(['f/ops/sync_customers', 'u/ada/customers_sync']);
  expect(find('customers images')).toEqual([]);
});

test('the start of a part counts more than its inside', () => {
  expect(score('list', 'f/ops/list')).toBeGreaterThan(score('list', 'f/ops/checklists'));
});

test('letters in order are enough when they lie close', () => {
  expect(find('rsz')).toEqual(['f/ops/resize_images']);
  expect(find('zzz')).toEqual([]);
});

test('a special character is only a character', () => {
  expect(find('.*')).toEqual([]);
});
