/** The options of a version in a few words: for chips, for the head of a group, for a comparison. */
import type { OptionTexts, Told } from './option_text';
import { optionTexts } from './option_text';
import { optionGroups } from './option_groups';
import type { OptionName } from './script_options';
import { inWords, parseSeconds } from './seconds';

export interface Chip {
  name: OptionName;
  group: string;
  text: string;
}

/** What is set, in the order of the groups. */
export function chipsOf(texts: OptionTexts): Chip[] {
  return optionGroups.flatMap(({ name: group, options }) =>
    options
      .map(({ name }) => ({ name, group, text: chip(name, texts) }))
      .filter(({ text }) => text !== ''),
  );
}

export interface Change {
  label: string;
  before: string;
  after: string;
}

const MORE: readonly [string, string][] = [
  ['summary', 'Summary'],
  ['description', 'Description'],
  ['kind', 'Kind'],
  ['language', 'Language'],
];

/** What else than the code differs between two versions. '' is not set. */
export function changesOf(before: Told, after: Told): Change[] {
  const texts: [string, string, string][] = MORE.map(([name, label]) => [
    label,
    textOf(before[name]),
    textOf(after[name]),
  ]);
  const [was, is] = [optionTexts(before), optionTexts(after)];
  for (const { name: group, options } of optionGroups) {
    for (const { name, label, kind, choices } of options) {
      const shown = (text: string) =>
        kind === 'choice'
          ? (choices?.find(({ value }) => value === text)?.label ?? text)
          : kind === 'seconds' && text
            ? time(text)
            : text;
      texts.push([`${group}: ${label}`, shown(was[name]), shown(is[name])]);
    }
  }
  return texts
    .filter(([, a, b]) => a !== b)
    .map(([label, a, b]) => ({ label, before: a, after: b }));
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const time = (text: string): string => {
  const seconds = parseSeconds(text);
  return seconds === null ? text : inWords(seconds);
};

/** '' when the option is not set, or is told with another. */
function chip(name: OptionName, texts: OptionTexts): string {
  const text = texts[name].trim();
  if (text === '') return '';
  const window = texts.concurrency_time_window_s.trim();
  switch (name) {
    case 'timeout':
      return `Ends after ${time(text)}`;
    case 'tag':
      return `Tag ${text}`;
    case 'priority':
      return text === '0' ? '' : `Priority ${text}`;
    case 'retry_attempts':
      return text === '0' ? '' : `Tried again ${text === '1' ? 'once' : `${text} times`}`;
    case 'same_worker':
      return text === 'true' ? 'One folder for all steps' : '';
    case 'concurrent_limit':
      return `At most ${text} at once${window && window !== '0' ? `, ${text} per ${time(window)}` : ''}`;
    case 'concurrency_key':
      return `Key ${text}`;
    case 'cache_ttl':
      return text === '0' ? '' : `Cached for ${time(text)}`;
    case 'debounce_delay_s':
      return text === '0' ? '' : `Debounced by ${time(text)}`;
    case 'debounce_key':
      return `Debounce key ${text}`;
    case 'max_total_debouncing_time':
      return `Put off for at most ${time(text)}`;
    case 'max_total_debounces_amount':
      return `Put off at most ${text} ${text === '1' ? 'time' : 'times'}`;
    case 'debounce_args_to_accumulate':
      return `Gathers ${text}`;
    case 'delete_after_secs':
      return parseSeconds(text) === 0 ? 'Deleted after use' : `Deleted ${time(text)} after its end`;
    case 'on_worker_loss':
      return text === 'fail' ? 'At most once' : '';
    case 'network':
      return text === 'none' ? 'No network' : text === 'host' ? '' : `Network: ${text}`;
    case 'dedicated_worker':
      return text === 'true' ? 'Kept process' : '';
    default:
      return '';
  }
}
