/** A form as a whole: prefilled, edited field by field or as one JSON text, and collected. */

import type { Field } from './form';
import { draftsOf, type FormState } from './form_draft';
import { collect, type Inputs } from './inputs';
import { isObject, type Json } from './schema';

/** A form nobody has typed into, or one prefilled with `args`. */
export function freshForm(fields: Field[], args: Record<string, Json> = {}): FormState {
  const known = new Set(fields.map((field) => field.name));
  const rest = Object.fromEntries(Object.entries(args).filter(([name]) => !known.has(name)));
  return { fields, drafts: draftsOf(fields, args), attic: {}, json: null, rest };
}

/** What the form sends and what is wrong with it, however it is being edited. */
export function collectForm(form: FormState): Inputs {
  if (form.json === null) {
    const { args, problems } = collect(form.fields, form.drafts);
    return { args: { ...form.rest, ...args }, problems };
  }
  const args = parsed(form.json);
  if (args === null) {
    return {
      args: {},
      problems: [{ path: '', message: 'expected a JSON object', missing: false }],
    };
  }
  return collectForm(freshForm(form.fields, args));
}

/** The form as JSON text; what cannot be sent yet is left out of it. */
export function toJson(form: FormState): FormState {
  return { ...form, json: JSON.stringify(collectForm(form).args, null, 2) };
}

/** Back to fields; null while the text is not a JSON object. */
export function toFields(form: FormState): FormState | null {
  const args = form.json === null ? null : parsed(form.json);
  return args && { ...freshForm(form.fields, args), attic: form.attic };
}

function parsed(text: string): Record<string, Json> | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
