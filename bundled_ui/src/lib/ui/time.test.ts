import { describe, expect, test } from 'vitest';
import { absolute, duration, relative } from './time';

const now = Date.parse('2026-03-01T12:00:00Z');

describe('relative', () => {
  test.each([
    ['2026-03-01T11:59:59.500Z', 'now'],
    ['2026-03-01T11:59:18Z', '42 s ago'],
    ['2026-03-01T11:55:00Z', '5 min ago'],
    ['2026-03-01T09:00:01Z', '2 h ago'],
    ['2026-02-25T12:00:00Z', '4 d ago'],
    ['2026-03-01T15:00:00Z', 'in 3 h'],
    ['nonsense', ''],
  ])('%s is %s', (at, expected) => {
    expect(relative(at, now)).toBe(expected);
  });

  test('after a month the date says more than the distance', () => {
    expect(relative('2025-11-20T12:00:00Z', now)).toContain('2025');
  });
});

describe('duration', () => {
  test.each([
    [-5, '0 ms'],
    [8.4, '8 ms'],
    [1240, '1.24 s'],
    [12_345, '12.3 s'],
    [59_960, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [7_620_000, '2 h 07 min'],
    [273_600_000, '3 d 4 h'],
  ])('%d ms is %s', (ms, expected) => {
    expect(duration(ms)).toBe(expected);
  });
});

test('a time that is none has no absolute form', () => {
  expect(absolute('?')).toBe('');
});
