/**
 * What has been typed into a form so far.
 *
 * A draft is what the controls hold, not yet values: a number is the text typed, a date what the date
 * control shows. `undefined` is a control nobody touched. Any control may hold `{ json }` instead: the
 * value as JSON text, for what the control cannot show. `inputs.ts` turns drafts into arguments.
 */

import { isObject, type Json } from './schema';
import type { Field, Kind, Variant } from './form';

export type Draft =
  | undefined
  | null
  | string
  | boolean
  | Draft[]
  | { json: string } // any kind, edited as JSON text
  | { choice: Json } // enum
  | { fields: Drafts } // object
  | { variant: string; value: Draft } // oneOf, by label
  | { name: string; base64: string }; // file

export type Drafts = Record<string, Draft>;

export interface FormState {
  fields: Field[];
  drafts: Drafts;
  /** What would be lost between two keystrokes in the signature, by kind and name. */
  attic: Drafts;
  /** The whole form as JSON text while it is edited as such; then `drafts` are not looked at. */
  json: string | null;
  /** Arguments that no field stands for; they are sent along. */
  rest: Record<string, Json>;
}

/** Strings that the server replaces before the script sees them; every control accepts them. */
export const isReference = (value: unknown): value is string =>
  typeof value === 'string' && /^\$(var|res|encrypted):/.test(value);

const has = <K extends string>(draft: Draft, key: K): draft is Extract<Draft, Record<K, unknown>> =>
  typeof draft === 'object' && draft !== null && !Array.isArray(draft) && key in draft;

export const isRaw = (draft: Draft): draft is { json: string } => has(draft, 'json');
export const isGroup = (draft: Draft): draft is { fields: Drafts } => has(draft, 'fields');
export const isChoice = (draft: Draft): draft is { choice: Json } => has(draft, 'choice');
export const isPicked = (draft: Draft): draft is { variant: string; value: Draft } =>
  has(draft, 'variant');
export const isFile = (draft: Draft): draft is { name: string; base64: string } =>
  has(draft, 'base64');

export const rawOf = (value: Json | undefined): { json: string } => ({
  json: value === undefined ? '' : JSON.stringify(value, null, 2),
});

/** Besides what is nullable, anything that may be left out: to the server a null is no argument. */
export const takesNull = (field: Field): boolean => field.nullable || !field.required;

/** Drafts showing `args`; arguments without a field are left out. */
export function draftsOf(fields: Field[], args: Record<string, Json> = {}): Drafts {
  const drafts: Drafts = {};
  for (const field of fields) {
    const value = Object.hasOwn(args, field.name) ? args[field.name] : undefined;
    drafts[field.name] = draftOf(field, value);
  }
  return drafts;
}

/** The draft that shows `value`: in the field's own control if it fits there, else as JSON text. */
export function draftOf(field: Field, value: Json | undefined): Draft {
  if (value === undefined) return undefined;
  if (value === null) return takesNull(field) ? null : rawOf(null);
  const draft = controlDraft(field, value);
  return draft === undefined ? rawOf(value) : draft;
}

/** As `draftOf`, but `undefined` when the field's own control cannot show the value. */
function controlDraft(field: Field, value: Json): Draft {
  switch (field.kind) {
    case 'text':
    case 'textarea':
    case 'password':
    case 'date':
    case 'time':
    case 'dynselect':
      return typeof value === 'string' ? value : undefined;
    case 'datetime':
      return typeof value === 'string' ? localTime(value) : undefined;
    case 'number':
    case 'integer':
      return typeof value === 'number' || isReference(value) ? String(value) : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'enum':
      return field.options.some((option) => option.value === value) ? { choice: value } : undefined;
    case 'choices':
      return choicesDraft(field, value);
    case 'file':
      return typeof value === 'string' ? { name: '', base64: value } : undefined;
    case 'resource':
      return typeof value === 'string' ? value : undefined;
    case 'object':
      return groupDraft(field, value);
    case 'array':
      return Array.isArray(value) ? value.map((one) => draftOf(field.item!, one)) : undefined;
    case 'oneOf':
      return pickedDraft(field, value);
    case 'json':
      return undefined;
  }
}

function choicesDraft(field: Field, value: Json): Draft {
  if (!Array.isArray(value)) return undefined;
  const known = value.every((one) => field.options.some((option) => option.value === one));
  return known ? value.map((choice) => ({ choice })) : undefined;
}

function groupDraft(field: Field, value: Json): Draft {
  if (isReference(value)) return value;
  if (!isObject(value)) return undefined;
  const known = new Set(field.fields.map((one) => one.name));
  if (!Object.keys(value).every((name) => known.has(name))) return undefined;
  return { fields: draftsOf(field.fields, value) };
}

function pickedDraft(field: Field, value: Json): Draft {
  for (const variant of field.variants) {
    const inside = inVariant(variant, value);
    const draft = inside === undefined ? undefined : controlDraft(variant.field, inside);
    if (draft !== undefined) return { variant: variant.label, value: draft };
  }
  return undefined;
}

/** `value` without the variant's tag; `undefined` when the tag names another variant. */
function inVariant({ tag }: Variant, value: Json): Json | undefined {
  if (tag === null) return value;
  if (!isObject(value) || value[tag.name] !== tag.value) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== tag.name));
}

/** An instant as a date-time control shows it, in the reader's time zone; other text stays as it is. */
export function localTime(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()) || !/^\d{4}-\d\d-\d\dT/.test(text)) return text;
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const seconds = at.getSeconds() === 0 ? '' : `:${two(at.getSeconds())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}${seconds}`;
}

/** What an untouched control shows and starts from once touched: the script's default. */
export const startOf = (field: Field): Draft =>
  field.default === undefined ? undefined : draftOf(field, field.default);

export const compatible = (a: Kind, b: Kind): boolean =>
  a === b || (TEXT.has(a) && TEXT.has(b)) || (NUMERIC.has(a) && NUMERIC.has(b));

const TEXT = new Set<Kind>(['text', 'textarea', 'password']);
const NUMERIC = new Set<Kind>(['number', 'integer']);
