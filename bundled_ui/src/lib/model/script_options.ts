/** What a version of a script or a flow asks of its runs: the names of the options and what is known of each. */

export const OPTION_NAMES = [
  'timeout',
  'tag',
  'priority',
  'retry_attempts',
  'retry_seconds',
  'retry_growth',
  'concurrent_limit',
  'concurrency_time_window_s',
  'concurrency_key',
  'cache_ttl',
  'debounce_delay_s',
  'debounce_key',
  'max_total_debouncing_time',
  'max_total_debounces_amount',
  'debounce_args_to_accumulate',
  'delete_after_secs',
  'on_worker_loss',
  'dedicated_worker',
  'network',
  'same_worker',
] as const;

export type OptionName = (typeof OPTION_NAMES)[number];

export interface Option {
  name: OptionName;
  label: string;
  hint: string;
  kind: 'seconds' | 'count' | 'text' | 'names' | 'choice'; // names: separated by commas
  least?: number;
  most: number; // of a text its length, of names their number
  needs?: OptionName; // It means nothing without this one.
  placeholder?: string;
  choices?: readonly Choice[];
}

export interface Choice {
  value: string; // '' is what happens when nothing is said.
  label: string;
  note: string; // What one must know.
}

export interface OptionGroup {
  name: string;
  about: string; // One sentence.
  options: readonly Option[];
}
