import { expect, test } from 'vitest';
import { flowTexts, flowWith } from './flow_options';
import { retryOf, retryTexts } from './option_retry';
import { flowGroups } from './option_groups';
import { optionsOf, optionTexts } from './option_text';

const flow = {
  tag: 'gpu',
  dedicated_worker: true,
  labels: ['a'],
  priority: 7,
  edited_by: 'ada',
  value: { modules: [{ id: 'a' }], notes: ['kept'], concurrent_limit: 2, cache_ttl: 60 },
};

test('the options of a flow stand in its definition and beside it', () => {
  const texts = flowTexts(flow);
  expect(texts).toMatchObject({
    tag: 'gpu',
    dedicated_worker: 'true',
    priority: '7',
    concurrent_limit: '2',
    cache_ttl: '60',
    same_worker: '',
  });
  expect(flowWith(flow, { ...texts, cache_ttl: '', debounce_delay_s: '1m', tag: '' })).toEqual({
    dedicated_worker: true,
    labels: ['a'],
    value: {
      modules: [{ id: 'a' }],
      notes: ['kept'],
      concurrent_limit: 2,
      debounce_delay_s: 60,
      priority: 7,
    },
  });
});

test('a flow is not asked what its steps say', () => {
  const names = flowGroups.flatMap(({ options }) => options.map(({ name }) => name));
  expect(names).toContain('same_worker');
  expect(names).not.toContain('timeout');
});

test('retries are three options, and one policy', () => {
  const policy = { exponential: { attempts: 3, multiplier: 2, seconds: 4, random_factor: 10 } };
  const texts = optionTexts({ retry: policy });
  expect([texts.retry_attempts, texts.retry_seconds, texts.retry_growth]).toEqual([
    '3',
    '4',
    'exponential',
  ]);
  expect(optionsOf(texts, { retry: policy })).toEqual({ retry: policy });
  expect(optionsOf({ ...texts, retry_growth: '', retry_seconds: '1m' }, { retry: policy })).toEqual(
    {
      retry: { constant: { attempts: 3, seconds: 60 } },
    },
  );
  expect(optionsOf({ ...texts, retry_attempts: '' }, { retry: policy })).toEqual({});
  expect(retryOf(retryTexts(null), null)).toBeNull();
});
