/** Keeps what a person typed while the script's signature, and with it the form, changes under them. */

import type { Field } from './form';
import { freshForm } from './form_state';
import { collectField } from './inputs';
import {
  compatible,
  draftOf,
  isGroup,
  isPicked,
  type Draft,
  type Drafts,
  type FormState,
} from './form_draft';

/**
 * The form for `fields`, keeping what still fits by name and type.
 *
 * A field that is gone, or whose type changed, leaves its draft in the attic and finds it there when it
 * comes back: half-typed annotations change a type several times. A parameter that was only renamed, in
 * its place and with its type, takes its draft along.
 */
export function mergeForm(form: FormState, fields: Field[]): FormState {
  const attic = { ...form.attic };
  for (const field of form.fields) {
    const draft = form.drafts[field.name];
    if (draft !== undefined) attic[atticKey(field)] = draft;
  }
  const renamed = renamedField(form.fields, fields);
  const drafts: Drafts = {};
  for (const field of fields) {
    const before =
      renamed?.to === field.name
        ? renamed.from
        : form.fields.find((one) => one.name === field.name);
    const carried = before && carry(before, form.drafts[before.name], field);
    drafts[field.name] = carried ?? attic[atticKey(field)];
  }
  return { ...form, fields, drafts, attic };
}

const atticKey = (field: Field): string => `${field.kind} ${field.name}`;

function renamedField(before: Field[], after: Field[]): { from: Field; to: string } | null {
  if (before.length !== after.length) return null;
  const changed = before.flatMap((field, index) =>
    field.name === after[index]?.name ? [] : index,
  );
  const index = changed[0];
  if (changed.length !== 1 || index === undefined) return null;
  const from = before[index]!;
  const to = after[index]!;
  return compatible(from.kind, to.kind) ? { from, to: to.name } : null;
}

/** The draft of `before` as a draft of `after`; undefined when its value does not fit there. */
function carry(before: Field, draft: Draft, after: Field): Draft {
  if (draft === undefined) return undefined;
  if (draft === null) return after.nullable ? null : undefined;
  if (compatible(before.kind, after.kind)) return carryAlike(before, draft, after);
  const { value } = collectField(before, draft, before.name);
  const moved = value === undefined ? undefined : draftOf(after, value);
  const fits = value !== undefined && collectField(after, moved, after.name).problems.length === 0;
  return fits ? moved : undefined;
}

function carryAlike(before: Field, draft: Draft, after: Field): Draft {
  if (after.kind === 'object' && isGroup(draft)) {
    const inside = { ...freshForm(before.fields), drafts: draft.fields };
    return { fields: mergeForm(inside, after.fields).drafts };
  }
  if (after.kind === 'array' && Array.isArray(draft)) {
    return draft.map((one) => carry(before.item!, one, after.item!));
  }
  if (after.kind === 'oneOf' && isPicked(draft)) {
    const from = before.variants.find((one) => one.label === draft.variant);
    const to = after.variants.find((one) => one.label === draft.variant);
    return from && to
      ? { variant: to.label, value: carry(from.field, draft.value, to.field) }
      : undefined;
  }
  if (after.kind === 'enum' || after.kind === 'choices') {
    const { value } = collectField(before, draft, before.name);
    const moved = value === undefined ? undefined : draftOf(after, value);
    return collectField(after, moved, after.name).problems.length === 0 ? moved : undefined;
  }
  return draft;
}
