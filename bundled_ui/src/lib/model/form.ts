/**
 * From a script's JSON Schema to the fields of its form.
 *
 * `order` lists the arguments as they were declared; `oneOf` variants carry a `label` or `kind`. What is
 * typed into the fields lives in `form_draft.ts`, what leaves them in `inputs.ts`.
 */

import {
  hintOf,
  isObject,
  kindOf,
  onlyValue,
  resourceTypeOf,
  withoutNull,
  type Json,
  type Kind,
  type Schema,
} from './schema';

export type { Json, Kind, Schema } from './schema';

export interface Option {
  value: Json;
  label: string;
}

export interface Variant {
  label: string;
  /** The property that names the variant on the wire, filled in when values are collected. */
  tag: { name: string; value: Json } | null;
  field: Field;
}

export interface Field {
  name: string;
  label: string;
  kind: Kind;
  /** The type in a few letters, such as `integer` or `string[]`. */
  hint: string;
  description: string;
  placeholder: string;
  required: boolean;
  nullable: boolean;
  /** `undefined` when the script declares none: then a field left alone is missing or null. */
  default: Json | undefined;
  options: Option[]; // enum, choices
  fields: Field[]; // object
  item: Field | null; // array
  variants: Variant[]; // oneOf
  resourceType: string; // resource, or an object that a resource may stand in for
  schema: Schema; // constraints are read from here
}

/** The server's word for a default that the script computes when it runs. */
const COMPUTED = '<function call>';
/** Deeper than this a value is edited as JSON. */
const DEPTH_MAX = 10;

/** The fields of an object schema in the order of the signature; an unusable schema has none. */
export function fieldsOf(schema: Schema | null | undefined, depth = 0): Field[] {
  const properties = isObject(schema?.properties)
    ? (schema.properties as Record<string, Schema>)
    : {};
  const required = new Set(Array.isArray(schema?.required) ? schema.required : []);
  const ordered = (schema?.order ?? []).filter((name) => Object.hasOwn(properties, name));
  const names = new Set([...ordered, ...Object.keys(properties)]);
  return [...names].map((name) =>
    fieldOf(name, properties[name] ?? {}, { required: required.has(name), depth }),
  );
}

/** One field; `depth` counts the objects and arrays around it. */
export function fieldOf(
  name: string,
  given: Schema,
  { required, depth }: { required: boolean; depth: number },
): Field {
  const { schema, nullable } = withoutNull(given);
  const kind = depth >= DEPTH_MAX ? 'json' : kindOf(schema);
  const computed = schema.default === COMPUTED;
  const field: Field = {
    name,
    label: schema.title || name,
    kind,
    hint: hintOf(schema, kind),
    description: schema.description ?? '',
    placeholder: computed ? 'computed by the script' : (schema.placeholder ?? ''),
    required: required && schema.default == null,
    nullable,
    // The server writes null where there is none.
    default: computed ? undefined : (schema.default ?? undefined),
    options: [],
    fields: [],
    item: null,
    variants: [],
    resourceType: resourceTypeOf(schema),
    schema,
  };
  if (kind === 'enum') field.options = optionsOf(schema);
  if (kind === 'choices') field.options = optionsOf(schema.items ?? {});
  if (kind === 'object') field.fields = fieldsOf(schema, depth + 1);
  if (kind === 'array') {
    field.item = fieldOf('', schema.items ?? {}, { required: true, depth: depth + 1 });
  }
  if (kind === 'oneOf') {
    const schemas = schema.oneOf ?? schema.anyOf ?? [];
    const tag = schema.discriminator?.propertyName;
    field.variants = schemas.map((one, index) => variantOf(one, { index, depth: depth + 1, tag }));
  }
  return field;
}

function optionsOf(schema: Schema): Option[] {
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  return values.map((value) => ({
    value,
    label:
      schema.enumLabels?.[String(value)] ??
      (typeof value === 'string' ? value : JSON.stringify(value)),
  }));
}

function variantOf(
  schema: Schema,
  { index, depth, tag }: { index: number; depth: number; tag: string | undefined },
): Variant {
  const properties = schema.properties ?? {};
  const names = [...(tag ? [tag] : []), 'label', 'kind', 'type'];
  const name = names.find((one) => onlyValue(properties[one]) !== undefined);
  const value = name === undefined ? undefined : onlyValue(properties[name]);
  const whole = fieldOf('', schema, { required: true, depth });
  const field = { ...whole, fields: whole.fields.filter((one) => one.name !== name) };
  const label =
    schema.title || (value === undefined ? whole.hint || `option ${index + 1}` : String(value));
  return { label, tag: name === undefined || value === undefined ? null : { name, value }, field };
}
