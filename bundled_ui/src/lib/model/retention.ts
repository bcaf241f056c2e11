/** For how long a workspace keeps its completed runs, while it is being said. */
import { pathProblem } from './script_path';

export const DAYS_MAX = 36_500;
export const RULES_MAX = 200;

export interface RuleText {
  key: number; // Of the row on the screen.
  path: string;
  days: string; // As typed; 0 is for ever.
}

export interface RetentionText {
  mode: 'instance' | 'ever' | 'days';
  days: string;
  rules: readonly RuleText[];
}

export interface RetentionTold {
  days?: number;
  paths: readonly { path: string; days: number }[];
}

export interface RetentionProblems {
  days?: string;
  rules: Record<number, { path?: string; days?: string }>; // By the rule's key.
}

export function retentionText(told: RetentionTold): RetentionText {
  return {
    mode: told.days === undefined ? 'instance' : told.days === 0 ? 'ever' : 'days',
    days: told.days ? String(told.days) : '',
    rules: told.paths.map(({ path, days }, key) => ({ key, path, days: String(days) })),
  };
}

/** The request. The text must have no problems. */
export function retentionOf(text: RetentionText) {
  const days = { instance: undefined, ever: 0, days: Number(text.days) }[text.mode];
  return {
    days,
    paths: text.rules.map((rule) => ({ path: rule.path.trim(), days: Number(rule.days) })),
  };
}

export function sameRetention(a: RetentionText, b: RetentionText): boolean {
  const settled = (text: RetentionText) =>
    JSON.stringify([
      text.mode,
      text.mode === 'days' && text.days.trim(),
      text.rules.map((rule) => [rule.path.trim(), rule.days.trim()]),
    ]);
  return settled(a) === settled(b);
}

export function withRule(text: RetentionText): RetentionText {
  const key = 1 + Math.max(-1, ...text.rules.map((rule) => rule.key));
  return { ...text, rules: [...text.rules, { key, path: '', days: '' }] };
}

export function retentionProblems(text: RetentionText): RetentionProblems {
  const found: RetentionProblems = { rules: {} };
  if (text.mode === 'days' && !isDays(text.days, 1)) {
    found.days = `A whole number of days from 1 to ${DAYS_MAX}.`;
  }
  for (const rule of text.rules) {
    const path = rulePathProblem(rule, text.rules);
    const days = isDays(rule.days, 0) ? undefined : `Days from 0 (for ever) to ${DAYS_MAX}.`;
    if (path || days) found.rules[rule.key] = { path, days };
  }
  return found;
}

export function isGood({ days, rules }: RetentionProblems): boolean {
  return !days && Object.keys(rules).length === 0;
}

/** "for ever", "1 day", "30 days". */
export function daysInWords(days: number): string {
  return days === 0 ? 'for ever' : days === 1 ? '1 day' : `${days} days`;
}

/** "20 GB"; units of a thousand, as the option takes them. */
export function bytesInWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toFixed(1))} ${units[unit]}`;
}

function rulePathProblem(rule: RuleText, rules: readonly RuleText[]): string | undefined {
  const path = rule.path.trim();
  if (path === '') return 'The path of a script, or f/<folder>/* for all below it.';
  const twice = rules.some((other) => other.key < rule.key && other.path.trim() === path);
  if (twice) return 'There is a rule for this path already.';
  if (path === 'u/*' || path === 'f/*') return undefined;
  const checked = path.endsWith('/*') ? `${path.slice(0, -1)}x` : path;
  return pathProblem(checked) ?? undefined;
}

function isDays(text: string, least: number): boolean {
  const typed = text.trim();
  return /^\d{1,6}$/.test(typed) && Number(typed) >= least && Number(typed) <= DAYS_MAX;
}
