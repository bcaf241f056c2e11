import { expect, it } from 'vitest';
import { blankRunOptions, pausesInWords, runOptionProblems, runQueryOf } from './run_options';

const typed = (part: Partial<ReturnType<typeof blankRunOptions>>) => ({
  ...blankRunOptions(),
  ...part,
});

it('says nothing where nothing is said', () => {
  for (const texts of [blankRunOptions(), typed({ retries: '0', pause: '5', startIn: '0' })]) {
    expect(Object.values(runQueryOf(texts)).filter((value) => value !== undefined)).toEqual([]);
    expect(pausesInWords(texts)).toBe('');
  }
});

it('says when, where and how often', () => {
  const texts = typed({ startIn: '2h', tag: ' gpu ', priority: '7', retries: '3', pause: '1m' });
  expect(runQueryOf(texts)).toEqual({
    scheduled_in_secs: 7200,
    tag: 'gpu',
    priority: 7,
    retry: '{"constant":{"attempts":3,"seconds":60}}',
  });
  expect(pausesInWords(texts)).toBe('It is tried again 3 times, each time after 1 minute.');
});

it('knows pauses that grow', () => {
  const texts = typed({ retries: '5', growth: 'exponential', pause: '10' });
  expect(runQueryOf(texts).retry).toBe(
    '{"exponential":{"attempts":5,"multiplier":1,"seconds":10}}',
  );
  expect(pausesInWords(texts)).toBe(
    'It is tried again after 10 seconds, 1 minute 40 seconds, 16 minutes 40 seconds, 2 hours 46 minutes 40 seconds, …',
  );
  expect(runQueryOf(typed({ retries: '1', growth: 'exponential' })).retry).toContain('"seconds":2');
});

it.each([
  { startIn: 'soon' },
  { startIn: '400d' },
  { retries: '-1' },
  { retries: '1001' },
  { pause: '7h' },
  { pause: '0', growth: 'exponential' as const },
  { priority: '101' },
])('finds what is wrong in %j', (part) =>
  expect(Object.keys(runOptionProblems(typed(part)))).toEqual([Object.keys(part)[0]]),
);
