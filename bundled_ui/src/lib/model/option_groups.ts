/** The options that a person may set, in the order in which they are shown. The bounds are the server's;
 * it has the last word and names the option too. */
import { choiceGroups, retryGroup, stepsGroup } from './option_choices';
import type { Option, OptionGroup, OptionName } from './script_options';

const DAY_S = 86_400;
const LONGEST_S = 31 * DAY_S;

export const scriptGroups: readonly OptionGroup[] = [
  {
    name: 'Runtime',
    about: 'Who takes a run, which goes first, and when it is ended.',
    options: [
      {
        name: 'timeout',
        label: 'Timeout',
        hint: 'A run is ended after so long; 15 minutes if nothing is said.',
        kind: 'seconds',
        least: 1,
        most: 7 * DAY_S,
        placeholder: '15m',
      },
      {
        name: 'tag',
        label: 'Tag',
        hint: 'Only workers that serve this tag take its runs; else it is the language.',
        kind: 'text',
        most: 50,
        placeholder: 'the language',
      },
      {
        name: 'priority',
        label: 'Priority',
        hint: '0 to 100: of the runs that wait for a tag, the highest goes first.',
        kind: 'count',
        most: 100,
        placeholder: '0',
      },
    ],
  },
  retryGroup,
  {
    name: 'Concurrency',
    about:
      'Runs that share a key wait for each other, in nobody’s way, instead of going all at once.',
    options: [
      {
        name: 'concurrent_limit',
        label: 'Runs at once',
        hint: 'At most so many runs of the key are under way.',
        kind: 'count',
        least: 1,
        most: 10_000,
        placeholder: 'no limit',
      },
      {
        name: 'concurrency_time_window_s',
        label: 'Within',
        hint: 'With it, no more than so many start within this time, either.',
        kind: 'seconds',
        most: LONGEST_S,
        needs: 'concurrent_limit',
      },
      {
        name: 'concurrency_key',
        label: 'Key',
        hint: 'Scripts with the same key share the limit; $workspace and $args[name] are filled in. Without one, the script is alone.',
        kind: 'text',
        most: 255,
        needs: 'concurrent_limit',
        placeholder: '$workspace/crm/$args[account]',
      },
    ],
  },
  {
    name: 'Cache',
    about:
      'A success answers later runs of this version with the same arguments and rights, which then do not run.',
    options: [
      {
        name: 'cache_ttl',
        label: 'Good for',
        hint: 'How long a result is used again.',
        kind: 'seconds',
        most: LONGEST_S,
        placeholder: 'not cached',
      },
    ],
  },
  {
    name: 'Debouncing',
    about:
      'Of runs that come shortly after each other only the last one runs; the others end as skipped.',
    options: [
      {
        name: 'debounce_delay_s',
        label: 'Delay',
        hint: 'A run waits so long for a newer one, which takes its place and waits anew.',
        kind: 'seconds',
        most: DAY_S,
        placeholder: 'not debounced',
      },
      {
        name: 'debounce_key',
        label: 'Key',
        hint: 'Which runs take each other’s place; without one, those with the same arguments.',
        kind: 'text',
        most: 255,
        needs: 'debounce_delay_s',
        placeholder: '$workspace/sync/$args[id]',
      },
      {
        name: 'max_total_debouncing_time',
        label: 'Put off for at most',
        hint: 'Then a run keeps its place.',
        kind: 'seconds',
        most: DAY_S,
        needs: 'debounce_delay_s',
      },
      {
        name: 'max_total_debounces_amount',
        label: 'Put off at most so often',
        hint: 'Then a run keeps its place.',
        kind: 'count',
        most: 1_000_000,
        needs: 'debounce_delay_s',
      },
      {
        name: 'debounce_args_to_accumulate',
        label: 'Arguments that gather',
        hint: 'Lists whose elements go on to the newer run, separated by commas.',
        kind: 'names',
        most: 20,
        needs: 'debounce_delay_s',
        placeholder: 'ids, events',
      },
    ],
  },
  {
    name: 'Keeping',
    about: 'What a run leaves behind when it is over.',
    options: [
      {
        name: 'delete_after_secs',
        label: 'Delete after use',
        hint: 'Arguments, log and result go so long after the end; with 0 as soon as whoever waits has read them.',
        kind: 'seconds',
        most: 366 * DAY_S,
        placeholder: 'kept as the workspace says',
      },
    ],
  },
  ...choiceGroups,
];

/** What a flow cannot say: its steps say it, or nothing does. */
const SCRIPTS_ONLY: readonly OptionName[] = [
  'timeout',
  'delete_after_secs',
  'on_worker_loss',
  'network',
  'retry_attempts',
  'retry_seconds',
  'retry_growth',
];

const OF_FLOWS: Partial<Record<OptionName, Partial<Option>>> = {
  tag: {
    hint: 'Only workers that serve this tag take the flow itself; its steps have tags of their own.',
    placeholder: 'flow',
  },
  concurrency_key: {
    hint: 'Flows with the same key share the limit; $workspace and $args[name] are filled in. Without one, the flow is alone.',
  },
};

export const flowGroups: readonly OptionGroup[] = [...scriptGroups, stepsGroup]
  .map((group) => ({
    ...group,
    options: group.options
      .filter(({ name }) => !SCRIPTS_ONLY.includes(name))
      .map((option) => ({ ...option, ...OF_FLOWS[option.name] })),
  }))
  .filter(({ options }) => options.length > 0);

/** Every option once. */
export const optionGroups: readonly OptionGroup[] = [...scriptGroups, stepsGroup];

export const options: readonly Option[] = optionGroups.flatMap((group) => group.options);
