import { describe, expect, it } from 'vitest';
import { bytes, errorOf, preview, sizeOf, tableOf, type Json } from './json_view';

describe('an error result', () => {
  it('is read with its stack, its step and what else it carries', () => {
    const result: Json = {
      error: { name: 'ValueError', message: 'no', stack: 'line 3', step_id: 'b', code: 7 },
    };
    expect(errorOf(result)).toEqual({
      name: 'ValueError',
      message: 'no',
      stack: 'line 3',
      stepId: 'b',
      extra: { code: 7 },
    });
  });
  it('that is a cancelation has nothing to add to its message', () => {
    const error = { name: 'Canceled', message: 'Job canceled: late by ada', reason: 'late' };
    expect(errorOf({ error })?.extra).toEqual({});
  });
  it.each<Json>([null, 'error', { error: 'text' }, { error: {} }, { error: { name: 'a' }, b: 1 }])(
    'is not %j',
    (value) => expect(errorOf(value)).toBeNull(),
  );
});

describe('a table', () => {
  it('has every key as a column', () => {
    const value: Json = [{ a: 1 }, { b: null, a: 2 }];
    expect(tableOf(value)?.columns).toEqual(['a', 'b']);
  });
  it.each<Json>([[], {}, [1], [{ a: [] }], [{ a: 1 }, 2], [{}]])('is not %j', (value) =>
    expect(tableOf(value)).toBeNull(),
  );
});

it.each<[Json, string]>([
  [[1, 'a', null], '[1, "a", null]'],
  [{ a: { b: [true] } }, '{a: {b: [true]}}'],
  [{}, '{}'],
  ['x'.repeat(100), `"${'x'.repeat(60)}…"`],
])('previews %j in a line', (value, expected) => expect(preview(value)).toBe(expected));

it('keeps a preview short however much there is', () => {
  expect(preview(Array.from({ length: 1e5 }, (_, n) => n)).length).toBeLessThan(90);
});

it.each<[number, string]>([
  [999, '999 B'],
  [1000, '1.0 kB'],
  [25_300, '25 kB'],
  [999_999, '1.0 MB'],
])('says %i bytes as %s', (count, expected) => expect(bytes(count)).toBe(expected));

it('counts in words', () => {
  expect([sizeOf([1]), sizeOf({ a: 1, b: 2 })]).toEqual(['1 item', '2 keys']);
});
