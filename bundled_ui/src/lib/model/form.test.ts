import { describe, expect, it } from 'vitest';
import { fieldsOf, type Field, type Schema } from './form';

const only = (schema: Schema): Field => fieldsOf({ properties: { x: schema } })[0]!;

describe('the control for a schema', () => {
  it.each<[string, Schema, Field['kind'], string]>([
    ['text', { type: 'string' }, 'text', 'string'],
    ['an email', { type: 'string', format: 'email' }, 'text', 'email'],
    ['several lines', { type: 'string', minRows: 4 }, 'textarea', 'string'],
    ['SQL', { type: 'string', format: 'sql' }, 'textarea', 'sql'],
    ['a secret', { type: 'string', password: true }, 'password', 'string'],
    ['an integer', { type: 'integer' }, 'integer', 'integer'],
    ['a number', { type: 'number' }, 'number', 'number'],
    ['a switch', { type: 'boolean' }, 'boolean', 'boolean'],
    ['an enum', { type: 'string', enum: ['a', 'b'] }, 'enum', 'choice'],
    ['several of an enum', { type: 'array', items: { enum: ['a'] } }, 'choices', 'choice[]'],
    ['bytes', { type: 'string', contentEncoding: 'base64' }, 'file', 'file'],
    ['a date', { type: 'string', format: 'date' }, 'date', 'date'],
    ['an instant', { type: 'string', format: 'date-time' }, 'datetime', 'date and time'],
    ['a list', { type: 'array', items: { type: 'integer' } }, 'array', 'integer[]'],
    ['a bare list', { type: 'array' }, 'array', 'any[]'],
    ['an object', { type: 'object', properties: { a: {} } }, 'object', 'object'],
    ['a bare object', { type: 'object' }, 'json', 'object'],
    ['a resource', { type: 'object', format: 'resource-postgresql' }, 'resource', 'postgresql'],
    [
      'a model',
      { type: 'object', format: 'resource-User', properties: { a: {} } },
      'object',
      'User',
    ],
    ['a resource item', { type: 'resource', resourceType: 's3_object' }, 'resource', 's3_object'],
    ['a class', { type: 'object', format: 'resource-Any' }, 'json', 'Any'],
    ['a dynamic choice', { type: 'object', format: 'dynselect-city' }, 'dynselect', 'object'],
    ['variants', { oneOf: [{ type: 'string' }, { type: 'integer' }] }, 'oneOf', 'one of'],
    [
      'a list of models',
      { type: 'array', format: 'resource-Line', items: { type: 'object', properties: { a: {} } } },
      'array',
      'Line[]',
    ],
    [
      'a tuple',
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: {} },
      'json',
      '[string, integer]',
    ],
    ['anything', { type: '' }, 'json', 'any'],
    ['nothing known', {}, 'json', 'any'],
  ])('%s', (_name, schema, kind, hint) => {
    expect(only(schema)).toMatchObject({ kind, hint });
  });
});

it('lists fields in the order of the signature, then the rest', () => {
  const properties = { b: {}, a: {}, c: {} };
  const names = fieldsOf({ properties, order: ['a', 'gone', 'b'] }).map((field) => field.name);
  expect(names).toEqual(['a', 'b', 'c']);
});

it('asks for a required field unless it has a default', () => {
  const properties = { a: { type: 'string' }, b: { type: 'string', default: 'x' }, c: {} };
  const fields = fieldsOf({ properties, required: ['a', 'b'] });
  expect(fields.map((field) => field.required)).toEqual([true, false, false]);
});

it('takes null for no default and a computed one for a reason not to ask', () => {
  const properties = {
    a: { type: 'string', default: null },
    b: { type: 'string', default: '<function call>' },
  };
  const [a, b] = fieldsOf({ properties, required: ['a', 'b'] });
  expect(a).toMatchObject({ required: true, default: undefined });
  expect(b).toMatchObject({ required: false, default: undefined });
  expect(b?.placeholder).toMatch(/computed/);
});

it.each<[string, Schema]>([
  ['a list of types', { type: ['integer', 'null'] }],
  ['a union', { anyOf: [{ type: 'integer' }, { type: 'null' }] }],
  ['a flag', { type: 'integer', nullable: true }],
])('reads nullable from %s', (_name, schema) => {
  expect(only(schema)).toMatchObject({ kind: 'integer', nullable: true });
});

it('names variants by their tag and leaves the tag out of the fields', () => {
  const field = only({
    oneOf: [
      {
        type: 'object',
        properties: { kind: { enum: ['card'] }, number: { type: 'string' } },
        required: ['number'],
      },
      { type: 'object', title: 'Cash', properties: { label: { const: 'cash' } } },
    ],
  });
  expect(field.variants.map((variant) => variant.label)).toEqual(['card', 'Cash']);
  expect(field.variants[0]).toMatchObject({ tag: { name: 'kind', value: 'card' } });
  expect(field.variants[0]!.field.fields.map((one) => one.name)).toEqual(['number']);
});

it('names variants by the tag the schema points to', () => {
  const field = only({
    type: 'object',
    discriminator: { propertyName: 'shape' },
    oneOf: [
      { type: 'object', properties: { shape: { enum: ['disc'] }, kind: { enum: ['flat'] } } },
    ],
  });
  expect(field.variants[0]).toMatchObject({ label: 'disc', tag: { name: 'shape' } });
});

it('stops drawing fields where objects nest without end', () => {
  let schema: Schema = { type: 'string' };
  for (let depth = 0; depth < 40; depth++) schema = { type: 'object', properties: { x: schema } };
  let [field] = fieldsOf(schema);
  let depth = 0;
  while (field?.kind === 'object') [field, depth] = [field.fields[0], depth + 1];
  expect(field?.kind).toBe('json');
  expect(depth).toBeLessThan(12);
});

it.each([null, undefined, {}, { properties: null }, { properties: { a: null } }])(
  'survives the schema %j',
  (schema) => {
    expect(() => fieldsOf(schema as unknown as Schema)).not.toThrow();
  },
);
