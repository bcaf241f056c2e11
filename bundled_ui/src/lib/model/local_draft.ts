/** A script as it is being written, and the copy of it that the browser keeps. */

import { isObject } from './schema';

/** What a person decides about a script besides its arguments. */
export interface ScriptText {
  path: string;
  summary: string;
  description: string;
  language: string;
  kind: string;
  tag: string; // '' is the language's own
  timeout: string; // seconds as typed; '' is the server's own limit
  content: string;
}

export interface LocalDraft {
  text: ScriptText;
  /** The version it began from, '' for none. */
  parentHash: string;
  savedAt: string; // RFC 3339
}

const FIELDS = [
  'path',
  'summary',
  'description',
  'language',
  'kind',
  'tag',
  'timeout',
  'content',
] as const satisfies readonly (keyof ScriptText)[];

/** Where the browser keeps the draft; one new script per workspace. */
export const draftKey = (workspace: string, path: string | null): string =>
  `wl.draft.${workspace}.${path ?? '+new'}`;

export const sameText = (a: ScriptText, b: ScriptText): boolean =>
  FIELDS.every((field) => a[field] === b[field]);

export const blankText = (content: string, owner: string): ScriptText => ({
  path: `${owner}/`,
  summary: '',
  description: '',
  language: 'python3',
  kind: 'script',
  tag: '',
  timeout: '',
  content,
});

interface Deployed extends Partial<
  Record<'tag' | 'kind' | 'summary' | 'description', string | null>
> {
  path: string;
  content: string;
  language: string;
  timeout?: number | null;
}

export const textOf = (script: Deployed): ScriptText => ({
  path: script.path,
  summary: script.summary ?? '',
  description: script.description ?? '',
  language: script.language,
  kind: script.kind ?? 'script',
  tag: script.tag ?? '',
  timeout: script.timeout ? String(script.timeout) : '',
  content: script.content,
});

/** What is wrong with the settings, by field; nothing for those that are good. */
export function textProblems(text: ScriptText): Partial<Record<keyof ScriptText, string>> {
  const timeout = text.timeout.trim();
  const whole = /^\d+$/.test(timeout) && Number(timeout) > 0;
  return timeout === '' || whole ? {} : { timeout: 'A whole number of seconds, or nothing.' };
}

/** A stored draft, or null when there is none or it is not ours. */
export function parseDraft(stored: string | null): LocalDraft | null {
  if (!stored) return null;
  try {
    const value: unknown = JSON.parse(stored);
    if (!isObject(value) || !isObject(value.text)) return null;
    const { text, parentHash, savedAt } = value;
    const complete = FIELDS.every((field) => typeof text[field] === 'string');
    if (!complete || typeof parentHash !== 'string' || typeof savedAt !== 'string') return null;
    return { text: text as unknown as ScriptText, parentHash, savedAt };
  } catch {
    return null;
  }
}
