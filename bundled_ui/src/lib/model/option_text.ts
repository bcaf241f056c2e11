/** The options of a version as they are typed, what is wrong with them, and the request they become. */
import { options } from './option_groups';
import { OPTION_NAMES, type Option, type OptionName } from './script_options';
import { retryOf, retryTexts } from './option_retry';
import { inWords, parseSeconds } from './seconds';

/** Every option as text; '' is not set. */
export type OptionTexts = Record<OptionName, string>;

/** As the server tells a version. */
export type Told = Readonly<Record<string, unknown>>;

/** Options that no form shows and a new version must not lose. */
const KEPT = ['assets', 'auto_kind', 'is_template', 'labels', 'ws_error_handler_muted'];

export const blankOptions = (): OptionTexts =>
  Object.fromEntries(OPTION_NAMES.map((name) => [name, ''])) as OptionTexts;

export function optionTexts(told: Told): OptionTexts {
  const texts = blankOptions();
  for (const { name } of options) {
    const value = told[name];
    if (Array.isArray(value)) texts[name] = value.join(', ');
    else if (['number', 'string'].includes(typeof value) || value === true) {
      texts[name] = String(value);
    }
  }
  Object.assign(texts, retryTexts(told.retry));
  if (texts.on_worker_loss === 'restart') texts.on_worker_loss = ''; // What happens anyway.
  if (!texts.delete_after_secs && told.delete_after_use === true) texts.delete_after_secs = '0';
  return texts;
}

/** The members of the request, and what `told` had besides. Texts must have no problems. */
export function optionsOf(texts: OptionTexts, told: Told = {}): Record<string, unknown> {
  const kept = KEPT.filter((name) => told[name]).map((name) => [name, told[name]]);
  const set = options
    .filter(({ name }) => !name.startsWith('retry_'))
    .map((option) => [option.name, valueOf(option, texts[option.name])] as const)
    .filter(([, value]) => value !== undefined);
  const retry = retryOf(texts, told.retry);
  return { ...Object.fromEntries([...kept, ...set]), ...(retry ? { retry } : {}) };
}

/** The same wish, however it is written: `1m` is `60`. */
export function sameOption(name: OptionName, a: string, b: string): boolean {
  const option = options.find((each) => each.name === name)!;
  return a === b || JSON.stringify(settled(option, a)) === JSON.stringify(settled(option, b));
}

/** What is wrong, by option. */
export function optionProblems(texts: OptionTexts): Partial<Record<OptionName, string>> {
  const found: Partial<Record<OptionName, string>> = {};
  for (const option of options) {
    const problem = problemOf(option, texts);
    if (problem) found[option.name] = problem;
  }
  return found;
}

/** The option that a refusal of the server begins with, and what it says of it. */
export function refusedOption(message: string): { name: OptionName; problem: string } | null {
  const name = /^(\w+) /.exec(message)?.[1]?.toLowerCase();
  const option = OPTION_NAMES.find((each) => each === name);
  return option ? { name: option, problem: message } : null;
}

function settled(option: Option, text: string): unknown {
  const value = valueOf(option, text);
  return value === undefined ? null : Number.isNaN(value) ? text.trim() : value;
}

type Value = number | string | string[] | true;

/** Undefined when it is not set; NaN for what is no number. */
function valueOf({ kind, name }: Option, text: string): Value | undefined {
  const typed = text.trim();
  if (typed === '') return undefined;
  if (name === 'dedicated_worker' || name === 'same_worker')
    return typed === 'true' ? true : undefined;
  if (kind === 'text' || kind === 'choice') return typed;
  if (name === 'network' && (typed === 'none' || typed === 'host')) return typed;
  if (kind === 'names') return namesIn(typed);
  const value = kind === 'seconds' ? (parseSeconds(typed) ?? NaN) : whole(typed);
  // Nothing but the deletion means something else by 0 than by nothing.
  return value === 0 && name !== 'delete_after_secs' && name !== 'timeout' ? undefined : value;
}

function problemOf(option: Option, texts: OptionTexts): string | null {
  const text = texts[option.name].trim();
  if (text === '') return null;
  if (option.needs && !isSet(option.needs, texts)) {
    const needed = options.find((each) => each.name === option.needs)!;
    return `Means nothing without “${needed.label}”.`;
  }
  if (option.kind === 'choice') return null;
  if (option.kind === 'text') {
    return text.length > option.most ? `At most ${option.most} characters.` : null;
  }
  if (option.kind === 'names') {
    return namesIn(text).length > option.most ? `At most ${option.most}.` : null;
  }
  return numberProblem(option, text);
}

function numberProblem({ kind, least = 0, most }: Option, text: string): string | null {
  const seconds = kind === 'seconds';
  const value = seconds ? (parseSeconds(text) ?? NaN) : whole(text);
  if (value >= least && value <= most) return null;
  return seconds
    ? `From ${inWords(least)} to ${inWords(most)}: seconds, or a time such as 15m, 2h or 1d.`
    : `A whole number from ${least} to ${most}.`;
}

function isSet(name: OptionName, texts: OptionTexts): boolean {
  const option = options.find((each) => each.name === name)!;
  return valueOf(option, texts[name]) !== undefined;
}

const whole = (text: string): number => (/^\d{1,12}$/.test(text) ? Number(text) : NaN);

const namesIn = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
