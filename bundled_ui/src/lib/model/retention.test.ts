import { describe, expect, it } from 'vitest';
import {
  bytesInWords,
  daysInWords,
  isGood,
  retentionOf,
  retentionProblems,
  retentionText,
  sameRetention,
  withRule,
  type RetentionTold,
} from './retention';

it.each<RetentionTold>([
  { paths: [] },
  { days: 0, paths: [] },
  { days: 90, paths: [{ path: 'f/ops/*', days: 7 }] },
  { days: 1, paths: [{ path: 'u/ada/x', days: 0 }] },
])('goes back as it came: %j', (told) => {
  expect(retentionOf(retentionText(told))).toEqual({ days: undefined, ...told });
});

it('is the same when only what does not count was typed', () => {
  const text = retentionText({ paths: [] });
  expect(sameRetention(text, { ...text, days: '7' })).toBe(true);
  expect(sameRetention(text, { ...text, mode: 'days', days: '7' })).toBe(false);
  expect(sameRetention(text, withRule(text))).toBe(false);
});

describe('a rule', () => {
  const problems = (path: string, days: string) =>
    retentionProblems({ mode: 'ever', days: '', rules: [{ key: 4, path, days }] }).rules[4];
  it.each(['f/ops/nightly', 'f/ops/*', 'f/ops/reports/*', 'u/*', 'f/*', ' u/ada/x '])(
    'may be for %s',
    (path) => expect(problems(path, '0')).toBeUndefined(),
  );
  it.each(['', 'ops', '*', 'f/ops/*/x', 'f/ops/'])('may not be for %j', (path) =>
    expect(problems(path, '7')?.path).toBeTruthy(),
  );
  it.each(['', '-1', '1.5', 'many', '36501'])('may not be of %j days', (days) =>
    expect(problems('f/ops/x', days)?.days).toBeTruthy(),
  );
  it('is said once', () => {
    const rules = [1, 2].map((key) => ({ key, path: 'f/ops/*', days: '1' }));
    const found = retentionProblems({ mode: 'ever', days: '', rules });
    expect(Object.keys(found.rules)).toEqual(['2']);
    expect(isGood(found)).toBe(false);
  });
  it('gets a key of its own', () => {
    const text = withRule(withRule(retentionText({ paths: [{ path: 'f/a/b', days: 1 }] })));
    expect(text.rules.map(({ key }) => key)).toEqual([0, 1, 2]);
  });
});

it('wants days where it says days', () => {
  expect(retentionProblems({ mode: 'days', days: '0', rules: [] }).days).toBeTruthy();
  expect(isGood(retentionProblems({ mode: 'instance', days: 'x', rules: [] }))).toBe(true);
});

it('has words', () => {
  expect([0, 1, 30].map(daysInWords)).toEqual(['for ever', '1 day', '30 days']);
  expect([999, 20e9, 1.5e12].map(bytesInWords)).toEqual(['999 B', '20 GB', '1.5 TB']);
});
