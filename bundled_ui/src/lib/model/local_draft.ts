/** A script as it is being written, and the copy of it that the browser keeps. */

import { blankOptions, optionsOf, optionTexts, sameOption } from './option_text';
import type { OptionTexts } from './option_text';
import { isObject } from './schema';
import { OPTION_NAMES, type OptionName } from './script_options';

/** What a person decides about a script besides its arguments. */
export interface ScriptText extends OptionTexts {
  path: string;
  summary: string;
  description: string;
  language: string;
  kind: string;
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
  'content',
] as const satisfies readonly Exclude<keyof ScriptText, OptionName>[];

/** Where the browser keeps the draft; one new script per workspace. */
export const draftKey = (workspace: string, path: string | null): string =>
  `wl.draft.${workspace}.${path ?? '+new'}`;

export const sameText = (a: ScriptText, b: ScriptText): boolean =>
  FIELDS.every((field) => a[field] === b[field]) &&
  OPTION_NAMES.every((name) => sameOption(name, a[name], b[name]));

export const blankText = (content: string, owner: string): ScriptText => ({
  path: `${owner}/`,
  summary: '',
  description: '',
  language: 'python3',
  kind: 'script',
  content,
  ...blankOptions(),
});

interface Deployed extends Partial<Record<'kind' | 'summary' | 'description', string | null>> {
  path: string;
  content: string;
  language: string;
  [option: string]: unknown;
}

export const textOf = (script: Deployed): ScriptText => ({
  path: script.path,
  summary: script.summary ?? '',
  description: script.description ?? '',
  language: script.language,
  kind: script.kind ?? 'script',
  content: script.content,
  ...optionTexts(script),
});

/** The members of a deployment that the text decides, with what the version before had besides. */
export function deploymentOf(text: ScriptText, before: Deployed | null) {
  const { path, summary, description, language, kind, content } = text;
  return { path, summary, description, language, kind, content, ...optionsOf(text, before ?? {}) };
}

/** A stored draft, or null when there is none or it is not ours. */
export function parseDraft(stored: string | null): LocalDraft | null {
  if (!stored) return null;
  try {
    const value: unknown = JSON.parse(stored);
    if (!isObject(value) || !isObject(value.text)) return null;
    const { text, parentHash, savedAt } = value;
    const complete = FIELDS.every((field) => typeof text[field] === 'string');
    const typed = OPTION_NAMES.filter((name) => typeof text[name] === 'string');
    if (!complete || typeof parentHash !== 'string' || typeof savedAt !== 'string') return null;
    const known = Object.fromEntries([...FIELDS, ...typed].map((name) => [name, text[name]]));
    return { text: { ...blankOptions(), ...known } as ScriptText, parentHash, savedAt };
  } catch {
    return null;
  }
}
