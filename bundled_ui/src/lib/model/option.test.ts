import { describe, expect, it } from 'vitest';
import {
  blankOptions,
  optionProblems,
  optionsOf,
  optionTexts,
  refusedOption,
  sameOption,
} from './option_text';
import { changesOf, chipsOf } from './option_words';
import { options } from './option_groups';
import { OPTION_NAMES } from './script_options';
import { inWords, parseSeconds } from './seconds';

const typed = (part: Partial<ReturnType<typeof blankOptions>>) => ({ ...blankOptions(), ...part });

it.each<[string, number | null]>([
  ['90', 90],
  [' 15m ', 900],
  ['2 h', 7200],
  ['1D', 86_400],
  ['0', 0],
  ['', null],
  ['soon', null],
  ['1.5h', null],
  ['-1', null],
  ['3 weeks', null],
])('reads %j as %j seconds', (text, seconds) => expect(parseSeconds(text)).toBe(seconds));

it.each<[number, string]>([
  [0, '0 seconds'],
  [1, '1 second'],
  [90, '1 minute 30 seconds'],
  [93_600, '1 day 2 hours'],
])('says %j seconds as %j', (seconds, words) => expect(inWords(seconds)).toBe(words));

it('shows every option that it knows, once', () => {
  expect(options.map(({ name }) => name).sort()).toEqual([...OPTION_NAMES].sort());
});

describe('what is deployed', () => {
  const told = {
    path: 'u/me/x',
    timeout: 30,
    tag: 'gpu',
    priority: 5,
    concurrent_limit: 1,
    concurrency_key: '$workspace/x',
    cache_ttl: 60,
    debounce_delay_s: 2,
    debounce_args_to_accumulate: ['ids', 'rows'],
    on_worker_loss: 'fail',
    dedicated_worker: true,
    network: ['api.example.com:443'],
    labels: ['a'],
    retry: { constant: { attempts: 2, seconds: 5 } },
    is_template: false,
    something_else: 1,
  };
  it('goes back as it came, with what no form shows', () => {
    const { path: _, is_template: __, something_else: ___, ...rest } = told;
    expect(optionsOf(optionTexts(told), told)).toEqual(rest);
  });
  it('has the older word for a deletion at once', () => {
    expect(optionTexts({ delete_after_use: true }).delete_after_secs).toBe('0');
    expect(optionsOf(typed({ delete_after_secs: '0' }))).toEqual({ delete_after_secs: 0 });
  });
});

it('takes what happens anyway for nothing said', () => {
  expect(optionsOf(optionTexts({ on_worker_loss: 'restart' }))).toEqual({});
  expect(chipsOf(typed({ on_worker_loss: 'fail' })).map(({ text }) => text)).toEqual([
    'At most once',
  ]);
  expect(changesOf({}, { on_worker_loss: 'fail' })).toEqual([
    {
      label: 'Lost workers: If its worker is lost',
      before: 'Start it again (at least once)',
      after: 'Let it fail (at most once)',
    },
  ]);
});

it('sends nothing for what is not set, or is set to nothing', () => {
  expect(optionsOf(typed({ cache_ttl: '0', priority: '0', tag: '  ' }))).toEqual({});
  expect(optionsOf(typed({ cache_ttl: '1h' }))).toEqual({ cache_ttl: 3600 });
});

describe('a problem', () => {
  it.each([
    { timeout: '0' },
    { timeout: 'soon' },
    { timeout: '8d' },
    { priority: '101' },
    { priority: '1.5' },
    { concurrent_limit: '0' },
    { concurrency_key: 'x' },
    { concurrency_time_window_s: '5', concurrent_limit: '' },
    { debounce_key: 'x' },
    { tag: 'x'.repeat(51) },
  ])('is seen in %j', (part) => {
    expect(Object.keys(optionProblems(typed(part)))).toEqual([Object.keys(part)[0]]);
  });
  it.each([
    {},
    { timeout: '7d' },
    { priority: '100' },
    { concurrent_limit: '1', concurrency_key: 'x', concurrency_time_window_s: '1m' },
    { delete_after_secs: '0' },
  ])('is not seen in %j', (part) => expect(optionProblems(typed(part))).toEqual({}));

  it('that the server names is put at its option', () => {
    expect(refusedOption('Priority must be a whole number')?.name).toBe('priority');
    expect(refusedOption('cache_ttl must be a number')?.name).toBe('cache_ttl');
    expect(refusedOption('Path conflict for u/me/x')).toBeNull();
  });
});

it('knows two ways to write the same', () => {
  expect(sameOption('cache_ttl', '60', '1m')).toBe(true);
  expect(sameOption('cache_ttl', '', '0')).toBe(true);
  expect(sameOption('cache_ttl', 'soon', 'later')).toBe(false);
  expect(sameOption('delete_after_secs', '', '0')).toBe(false);
  expect(sameOption('debounce_args_to_accumulate', 'a,b', 'a, b')).toBe(true);
});

it('says in few words what is set', () => {
  const texts = typed({
    timeout: '90',
    priority: '0',
    concurrent_limit: '2',
    concurrency_time_window_s: '1m',
    cache_ttl: '86400',
    delete_after_secs: '0',
  });
  expect(chipsOf(texts).map(({ text }) => text)).toEqual([
    'Ends after 1 minute 30 seconds',
    'At most 2 at once, 2 per 1 minute',
    'Cached for 1 day',
    'Deleted after use',
  ]);
});

it('tells two versions apart by more than their code', () => {
  const before = { summary: 'A', cache_ttl: 60, content: 'x' };
  const after = { summary: 'B', cache_ttl: 60, priority: 3, content: 'y' };
  expect(changesOf(before, after)).toEqual([
    { label: 'Summary', before: 'A', after: 'B' },
    { label: 'Runtime: Priority', before: '', after: '3' },
  ]);
});
