/**
 * What one JSON Schema says about the control that edits it.
 *
 * The schema is Windmill's dialect: `type: ""` or none means anything, `format: resource-<type>` names a
 * resource, `contentEncoding: base64` is a file. A nonsensical schema reads as "any JSON", never throws.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  placeholder?: string;
  format?: string;
  contentEncoding?: string;
  resourceType?: string;
  default?: Json;
  const?: Json;
  enum?: Json[] | null;
  enumLabels?: Record<string, string>;
  properties?: Record<string, Schema>;
  required?: string[];
  order?: string[];
  items?: Schema;
  prefixItems?: Schema[];
  discriminator?: { propertyName: string };
  oneOf?: Schema[];
  anyOf?: Schema[];
  nullable?: boolean;
  password?: boolean;
  minRows?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
}

export type Kind =
  | 'text'
  | 'textarea'
  | 'password'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'enum'
  | 'choices' // several of an enum
  | 'date'
  | 'datetime'
  | 'time'
  | 'file' // base64 on the wire
  | 'object'
  | 'array'
  | 'oneOf'
  | 'resource'
  | 'dynselect'
  | 'json';

const TEXTAREA_FORMATS = new Set(['sql', 'yaml', 'textarea', 'graphql', 'markdown']);

export const isObject = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `X | null`, however it is spelled, is an X that may be null. */
export function withoutNull(schema: Schema): { schema: Schema; nullable: boolean } {
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== 'null');
    const nullable = types.length < schema.type.length || schema.nullable === true;
    return { schema: { ...schema, type: types.length === 1 ? types[0] : '' }, nullable };
  }
  const alternatives = schema.anyOf ?? schema.oneOf;
  const others = alternatives?.filter((one) => one.type !== 'null');
  if (alternatives && others && others.length < alternatives.length) {
    const { anyOf: _anyOf, oneOf: _oneOf, ...around } = schema;
    const only = others.length === 1 ? { ...others[0], ...around } : { ...around, oneOf: others };
    return { schema: only, nullable: true };
  }
  return { schema, nullable: schema.nullable === true };
}

export function kindOf(schema: Schema): Kind {
  if (schema.oneOf?.length || schema.anyOf?.length) return 'oneOf';
  if (schema.enum?.length || schema.const !== undefined) return 'enum';
  const format = schema.format ?? '';
  const hasProperties = Object.keys(schema.properties ?? {}).length > 0;
  if (format.startsWith('dynselect-')) return 'dynselect';
  if (format.startsWith('dynmultiselect-')) return 'array';
  switch (schema.type) {
    case 'string':
      return textKindOf(schema, format);
    case 'integer':
    case 'number':
    case 'boolean':
      return schema.type;
    case 'array':
      if (schema.prefixItems) return 'json';
      return schema.items?.enum?.length ? 'choices' : 'array';
    case 'resource':
      return 'resource';
    case 'object':
      if (hasProperties) return 'object';
      return isResourceType(format) ? 'resource' : 'json';
    default:
      return hasProperties ? 'object' : 'json';
  }
}

function textKindOf(schema: Schema, format: string): Kind {
  if (schema.contentEncoding === 'base64') return 'file';
  if (format === 'date-time') return 'datetime';
  if (format === 'date' || format === 'time') return format;
  if (format.startsWith('resource-')) return 'resource';
  if (schema.password || format === 'password') return 'password';
  return (schema.minRows ?? 0) > 1 || TEXTAREA_FORMATS.has(format) ? 'textarea' : 'text';
}

/** `resource-Any`, `resource-MyLiteral` are Python classes or aliases, and may be anything. */
function isResourceType(format: string): boolean {
  const name = format.startsWith('resource-') ? format.slice('resource-'.length) : '';
  return name !== '' && name === name.toLowerCase();
}

export function resourceTypeOf(schema: Schema): string {
  if (schema.format?.startsWith('resource-')) return schema.format.slice('resource-'.length);
  return schema.type === 'resource' ? (schema.resourceType ?? '') : '';
}

/** The value of a schema that allows exactly one. */
export function onlyValue(schema: Schema | undefined): Json | undefined {
  if (schema?.const !== undefined) return schema.const;
  return schema?.enum?.length === 1 ? schema.enum[0] : undefined;
}

export function hintOf(schema: Schema, kind: Kind): string {
  const resource = resourceTypeOf(schema);
  if (schema.prefixItems) return `[${schema.prefixItems.map(hintOfPart).join(', ')}]`;
  if (kind === 'array' || kind === 'choices') {
    return `${resource || hintOfPart(schema.items ?? {}) || 'any'}[]`;
  }
  if (resource) return resource;
  if (kind === 'file') return 'file';
  if (kind === 'oneOf') return 'one of';
  if (kind === 'enum') return 'choice';
  if (kind === 'date' || kind === 'time') return kind;
  if (kind === 'datetime') return 'date and time';
  if (schema.format && schema.type === 'string') return schema.format;
  return typeof schema.type === 'string' && schema.type !== '' ? schema.type : 'any';
}

const hintOfPart = (part: Schema): string => hintOf(part, kindOf(part));
