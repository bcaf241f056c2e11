/** What a field demands of a value, in the server's words. */

import type { Field } from './form';
import { isObject, type Json, type Kind, type Schema } from './schema';

/** Why the value breaks the schema's limits, or null. Types are checked elsewhere. */
export function brokenConstraint(schema: Schema, value: Json): string | null {
  if (typeof value === 'number') return brokenNumber(schema, value);
  if (typeof value === 'string') return brokenString(schema, value);
  if (Array.isArray(value)) return brokenCount(schema, value.length);
  if (isObject(value)) {
    const missing = (schema.required ?? []).find((name) => !Object.hasOwn(value, name));
    return missing === undefined ? null : `${missing} is required, and is missing`;
  }
  return null;
}

function brokenNumber(schema: Schema, value: number): string | null {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (minimum !== undefined && value < minimum) return `${value} is less than ${minimum}`;
  if (maximum !== undefined && value > maximum) return `${value} is more than ${maximum}`;
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) {
    return `${value} is not more than ${exclusiveMinimum}`;
  }
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) {
    return `${value} is not less than ${exclusiveMaximum}`;
  }
  if (multipleOf && !Number.isInteger(Number((value / multipleOf).toPrecision(12)))) {
    return `${value} is not a multiple of ${multipleOf}`;
  }
  return null;
}

function brokenString(schema: Schema, value: string): string | null {
  const length = [...value].length;
  if (schema.minLength !== undefined && length < schema.minLength) {
    return `is shorter than ${schema.minLength} characters`;
  }
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    return `is longer than ${schema.maxLength} characters`;
  }
  if (schema.pattern !== undefined && !matches(schema.pattern, value)) {
    return `does not match the pattern ${schema.pattern}`;
  }
  const bare = schema.format === 'email' && value !== '' && !/^[^@\s]+@[^@\s]+$/.test(value);
  return bare ? 'expected an email address' : null;
}

function brokenCount(schema: Schema, count: number): string | null {
  if (schema.minItems !== undefined && count < schema.minItems) {
    return `has ${count} items, fewer than ${schema.minItems}`;
  }
  if (schema.maxItems !== undefined && count > schema.maxItems) {
    return `has ${count} items, more than ${schema.maxItems}`;
  }
  return null;
}

/** A pattern that this browser cannot read (it may be Python's) is left for the server to judge. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return true;
  }
}

/** The value of a text control for a date, a time or an instant; plain text is taken as it is. */
export function brokenText(kind: Kind, text: string): { problem: string | null; value: string } {
  switch (kind) {
    case 'date':
      return isDay(text)
        ? { problem: null, value: text }
        : { problem: 'expected a date such as 2026-01-31', value: text };
    case 'time':
      return /^\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/.test(text)
        ? { problem: null, value: text }
        : { problem: 'expected a time such as 13:45:00', value: text };
    case 'datetime': {
      const at = new Date(text);
      return Number.isNaN(at.getTime())
        ? { problem: 'expected a time such as 2026-01-31T13:45:00Z', value: text }
        : { problem: null, value: at.toISOString() };
    }
    default:
      return { problem: null, value: text };
  }
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** Whether JSON text holds what the field is for; variants and free values are left to the server. */
export function typeProblem(field: Field, value: Json): string | null {
  const fits: Partial<Record<Field['kind'], boolean>> = {
    integer: Number.isInteger(value),
    number: typeof value === 'number',
    boolean: typeof value === 'boolean',
    enum: field.options.some((option) => option.value === value),
    choices: Array.isArray(value),
    array: Array.isArray(value),
    object: isObject(value),
    resource: isObject(value),
    json: fitsType(field.schema, value),
    oneOf: true,
    dynselect: true,
  };
  return (fits[field.kind] ?? typeof value === 'string') ? null : expectation(field);
}

function fitsType({ type, format }: Schema, value: Json): boolean {
  if (format?.startsWith('resource-')) return true; // A class nobody looked into.
  if (type === 'object') return isObject(value);
  return type === 'array' ? Array.isArray(value) : true;
}

function choice(labels: string[]): string {
  const last = labels.at(-1) ?? '';
  return labels.length < 2 ? last : `${labels.slice(0, -1).join(', ')} or ${last}`;
}

/** What the control was for, when what it holds is not that. */
export function expectation(field: Field): string {
  switch (field.kind) {
    case 'integer':
      return 'expected an integer';
    case 'number':
      return 'expected a number';
    case 'boolean':
      return 'expected true or false';
    case 'enum':
      return `expected ${choice(field.options.map((option) => option.label))}`;
    case 'array':
    case 'choices':
      return 'expected a list';
    case 'object':
    case 'resource':
      return 'expected an object';
    case 'json':
      return field.schema.type === 'array' ? 'expected a list' : 'expected an object';
    default:
      return 'expected a string';
  }
}
