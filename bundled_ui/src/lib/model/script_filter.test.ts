import { expect, test } from 'vitest';
import { filterScripts, ownersOf, scriptFilterOf, scriptQueryOf } from './script_filter';

const all = { text: '', owner: '', kind: '', archived: false };
const items = [
  { path: 'u/ada/list', summary: 'List a bucket', kind: 'script' },
  { path: 'f/ops/clean/old', summary: '', kind: 'script' },
  { path: 'f/ops/alert', summary: 'Tell us what failed', kind: 'failure' },
];
const paths = (filter: Partial<typeof all>) =>
  filterScripts(items, { ...all, ...filter }).map(({ path }) => path);

test('without a filter all are there, in their order', () => {
  expect(paths({})).toEqual(['u/ada/list', 'f/ops/clean/old', 'f/ops/alert']);
});

test('text finds path and summary', () => {
  expect(paths({ text: 'bucket' })).toEqual(['u/ada/list']);
  expect(paths({ text: 'old' })).toEqual(['f/ops/clean/old']);
});

test('owner and kind narrow together', () => {
  expect(paths({ owner: 'f/ops', kind: 'failure' })).toEqual(['f/ops/alert']);
});

test('each owner is offered once, folders first', () => {
  expect(ownersOf(items)).toEqual(['f/ops', 'u/ada']);
});

test('a filter survives its address, and an empty one leaves no trace in it', () => {
  const filter = { text: 'a b', owner: 'f/ops', kind: 'failure', archived: true };
  expect(scriptFilterOf(scriptQueryOf(filter))).toEqual(filter);
  expect(scriptQueryOf(all).toString()).toBe('');
});
