/**
 * From what was typed to the arguments that are sent.
 *
 * A field left alone is left out, so that the script's own default applies. Problems use the server's
 * words and address: `count: expected an integer`, `tags[1]: expected a string`.
 */

import type { Field } from './form';
import {
  isChoice,
  isFile,
  isGroup,
  isPicked,
  isRaw,
  isReference,
  takesNull,
  type Draft,
  type Drafts,
} from './form_draft';
import { brokenConstraint, brokenText, expectation, typeProblem } from './constraints';
import { isObject, type Json } from './schema';

export interface Problem {
  path: string;
  message: string;
  /** Nothing was typed yet; shown only once somebody tries to run. */
  missing: boolean;
}

/** `value` is undefined when nothing is to be sent for the field. */
export interface Collected {
  value: Json | undefined;
  problems: Problem[];
}

export interface Inputs {
  args: Record<string, Json>;
  problems: Problem[];
}

const REQUIRED = 'is required, and is missing';

/** The arguments of a form and what is wrong with them; only send `args` when nothing is. */
export function collect(fields: Field[], drafts: Drafts, under = ''): Inputs {
  const args: Record<string, Json> = {};
  const problems: Problem[] = [];
  for (const field of fields) {
    const path = under === '' ? field.name : `${under}.${field.name}`;
    const collected = collectField(field, drafts[field.name], path);
    if (collected.value !== undefined) args[field.name] = collected.value;
    problems.push(...collected.problems);
  }
  return { args, problems };
}

export function collectField(field: Field, draft: Draft, path: string): Collected {
  if (draft === undefined) return untouched(field, path);
  if (draft === null) return good(null);
  if (isRaw(draft)) return fromJson(field, draft.json, path);
  if (isReference(draft)) return good(draft);
  const collected = fromControl(field, draft, path);
  if (collected.problems.length > 0 || collected.value === undefined) return collected;
  const broken = brokenConstraint(field.schema, collected.value);
  return broken === null ? collected : bad(path, broken);
}

/** What a form sends for the one at `path` or deeper; the fields near a problem show it. */
export const problemsAt = (problems: Problem[], path: string): Problem[] =>
  problems.filter((problem) => problem.path === path);

export const sentence = (problem: Problem): string => `${problem.path}: ${problem.message}`;

const good = (value: Json | undefined): Collected => ({ value, problems: [] });

const bad = (path: string, message: string, { missing = false } = {}): Collected => ({
  value: undefined,
  problems: [{ path, message, missing }],
});

/** What an untouched control stands for: off, an empty list, an object of untouched parts. */
function untouched(field: Field, path: string): Collected {
  if (!field.required) return good(undefined);
  if (field.nullable) return good(null);
  switch (field.kind) {
    case 'boolean':
      return good(false);
    case 'array':
    case 'choices':
      return good([]);
    case 'object': {
      const { args, problems } = collect(field.fields, {}, path);
      return { value: args, problems };
    }
    default:
      return bad(path, REQUIRED, { missing: true });
  }
}

function fromJson(field: Field, text: string, path: string): Collected {
  if (text.trim() === '') {
    return field.required ? bad(path, REQUIRED, { missing: true }) : good(undefined);
  }
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return bad(path, 'expected JSON');
  }
  if (isReference(value) || (value === null && takesNull(field))) return good(value);
  const broken = typeProblem(field, value) ?? brokenConstraint(field.schema, value);
  return broken === null ? good(value) : bad(path, broken);
}

function fromControl(field: Field, draft: Draft, path: string): Collected {
  switch (field.kind) {
    case 'integer':
    case 'number':
      return numberFrom(field, draft, path);
    case 'enum':
      return isChoice(draft) ? good(draft.choice) : bad(path, expectation(field));
    case 'choices':
      return good(Array.isArray(draft) ? draft.filter(isChoice).map((one) => one.choice) : []);
    case 'file':
      return isFile(draft) ? good(draft.base64) : bad(path, expectation(field));
    case 'object':
      return groupFrom(field, draft, path);
    case 'array':
      return listFrom(field, Array.isArray(draft) ? draft : [], path);
    case 'oneOf':
      return variantFrom(field, draft, path);
    case 'boolean':
      return good(draft === true);
    default:
      return textFrom(field, draft, path);
  }
}

function numberFrom(field: Field, draft: Draft, path: string): Collected {
  const text = typeof draft === 'string' ? draft.trim() : '';
  if (text === '') return untouched(field, path);
  const value = Number(text);
  const fits = Number.isFinite(value) && (field.kind === 'number' || Number.isInteger(value));
  return fits ? good(value) : bad(path, expectation(field));
}

function textFrom(field: Field, draft: Draft, path: string): Collected {
  const text = typeof draft === 'string' ? draft : '';
  const plain = field.kind === 'text' || field.kind === 'textarea' || field.kind === 'password';
  if (text === '' && !plain) return untouched(field, path);
  if (field.kind === 'resource') return resourceFrom(text, path);
  const { problem, value } = brokenText(field.kind, text);
  return problem === null ? good(value) : bad(path, problem);
}

/** A resource is named by its path; the value itself is typed as JSON. */
function resourceFrom(text: string, path: string): Collected {
  return /^[ufg]\/[^/\s]+\/\S+$/.test(text)
    ? good(`$res:${text}`)
    : bad(path, 'expected the path of a resource such as u/me/database');
}

function groupFrom(field: Field, draft: Draft, path: string): Collected {
  const drafts = isGroup(draft) ? draft.fields : {};
  const { args, problems } = collect(field.fields, drafts, path);
  const onlyMissing = problems.length > 0 && problems.every((problem) => problem.missing);
  const nothing = Object.keys(args).length === 0;
  if (!field.required && nothing && (onlyMissing || problems.length === 0)) return good(undefined);
  return { value: args, problems };
}

function listFrom(field: Field, drafts: Draft[], path: string): Collected {
  const collected = drafts.map((one, index) => collectField(field.item!, one, `${path}[${index}]`));
  return {
    value: collected.map((one) => one.value ?? null),
    problems: collected.flatMap((one) => one.problems),
  };
}

function variantFrom(field: Field, draft: Draft, path: string): Collected {
  const picked = isPicked(draft) ? draft : undefined;
  const variant = field.variants.find((one) => one.label === picked?.variant);
  if (!variant) return untouched(field, path);
  const inside = collectField(variant.field, picked?.value, path);
  if (!variant.tag || inside.problems.length > 0) return inside;
  const parts = isObject(inside.value) ? inside.value : {};
  return good({ [variant.tag.name]: variant.tag.value, ...parts });
}
