/** What the page of an approval shows, from what the server tells of it. */
import { fieldsOf, type Json, type Schema } from './form';
import type { FormState } from './form_draft';
import { freshForm } from './form_state';

export interface Asked {
  form?: Record<string, unknown> | null;
  default_args?: Record<string, unknown> | null;
  enums?: Record<string, unknown> | null;
}

export type Moment = 'early' | 'waits' | 'passed' | 'over';

/** The form, filled in as the step that asks said: its defaults, its choices. */
export function approvalForm(asked: Asked | null): FormState {
  if (!asked?.form) return freshForm([]);
  const given = asked.form as { properties?: Record<string, Record<string, unknown>> };
  const properties = { ...given.properties };
  for (const [name, choices] of Object.entries(asked.enums ?? {})) {
    if (properties[name] && Array.isArray(choices)) {
      properties[name] = { ...properties[name], enum: choices };
    }
  }
  const fields = fieldsOf({ ...given, properties } as unknown as Schema);
  const known = new Set(fields.map(({ name }) => name));
  const args = Object.entries(asked.default_args ?? {}).filter(([name]) => known.has(name));
  return freshForm(fields, Object.fromEntries(args) as Record<string, Json>);
}

/** Why nothing can be said any more. */
export function momentWords(moment: Moment): string {
  if (moment === 'over') return 'The flow has ended. Nobody waits for this any more.';
  return 'The flow has gone on. Nobody waits for this any more.';
}
