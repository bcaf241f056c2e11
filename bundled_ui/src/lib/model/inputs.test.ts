import { describe, expect, it } from 'vitest';
import { fieldOf, fieldsOf, type Field, type Json, type Schema } from './form';
import { draftOf, draftsOf, localTime, type Draft } from './form_draft';
import { collect, collectField, sentence } from './inputs';

const field = (schema: Schema, required = true): Field =>
  fieldOf('x', schema, { required, depth: 0 });
const value = (schema: Schema, draft: Draft, required = true): Json | undefined =>
  collectField(field(schema, required), draft, 'x').value;
const complaints = (schema: Schema, draft: Draft, required = true): string[] =>
  collectField(field(schema, required), draft, 'x').problems.map(sentence);

const USER: Schema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name'],
};
const PAYMENT: Schema = {
  oneOf: [
    { type: 'object', properties: { label: { enum: ['card'] }, number: { type: 'string' } } },
    { type: 'object', properties: { label: { enum: ['cash'] } } },
  ],
};

describe('a field left alone', () => {
  it.each<[string, Schema]>([
    ['with a default', { type: 'integer', default: 3 }],
    ['that is a switch with a default', { type: 'boolean', default: true }],
  ])('%s is left out', (_name, schema) => {
    expect(collectField(field(schema), undefined, 'x')).toEqual({ value: undefined, problems: [] });
  });
  it('is left out when it is optional', () => {
    expect(complaints(USER, undefined, false)).toEqual([]);
    expect(value(USER, { fields: {} }, false)).toBeUndefined();
  });
  it('is asked for when it is required', () => {
    const [problem] = collectField(field({ type: 'string' }), undefined, 'x').problems;
    expect(problem).toEqual({ path: 'x', message: 'is required, and is missing', missing: true });
  });
  it.each<[string, Schema, Json]>([
    ['a required switch is off', { type: 'boolean' }, false],
    ['a required list is empty', { type: 'array' }, []],
    ['a required nullable is null', { type: 'string', nullable: true }, null],
  ])('%s', (_name, schema, expected) => {
    expect(value(schema, undefined)).toEqual(expected);
  });
});

it('takes null for what may be left out, and not for what may not', () => {
  expect(value({ type: 'integer' }, { json: 'null' }, false)).toBeNull();
  expect(complaints({ type: 'integer' }, { json: 'null' })).toEqual(['x: expected an integer']);
  expect(draftOf(field({ type: 'integer' }, false), null)).toBeNull();
});

describe('what was typed', () => {
  it.each<[string, Schema, Draft, Json]>([
    ['an empty text is a text', { type: 'string' }, '', ''],
    ['an integer', { type: 'integer' }, ' 42 ', 42],
    ['a number', { type: 'number' }, '-1.5e3', -1500],
    ['a choice keeps its type', { enum: [1, 2] }, { choice: 2 }, 2],
    [
      'choices',
      { type: 'array', items: { enum: ['a', 'b'] } },
      [{ choice: 'b' }, { choice: 'a' }],
      ['b', 'a'],
    ],
    [
      'a file',
      { type: 'string', contentEncoding: 'base64' },
      { name: 'a', base64: 'QQ==' },
      'QQ==',
    ],
    ['a date', { type: 'string', format: 'date' }, '2026-02-28', '2026-02-28'],
    ['a list', { type: 'array', items: { type: 'integer' } }, ['1', '2'], [1, 2]],
    ['an object', USER, { fields: { name: 'Ada', age: '36' } }, { name: 'Ada', age: 36 }],
    [
      'a variant carries its tag',
      PAYMENT,
      { variant: 'card', value: { fields: { number: '42' } } },
      { label: 'card', number: '42' },
    ],
    ['a variant without fields', PAYMENT, { variant: 'cash', value: undefined }, { label: 'cash' }],
    ['JSON', {}, { json: '[1, null]' }, [1, null]],
    ['a reference instead of a number', { type: 'integer' }, '$var:u/me/n', '$var:u/me/n'],
    ['a reference as JSON', { type: 'boolean' }, { json: '"$var:u/me/b"' }, '$var:u/me/b'],
    ['a resource by path', { type: 'object', format: 'resource-pg' }, 'u/me/db', '$res:u/me/db'],
    [
      'a resource by reference',
      { type: 'object', format: 'resource-pg' },
      '$res:f/a/b',
      '$res:f/a/b',
    ],
    ['null', { type: 'string', nullable: true }, null, null],
  ])('%s', (_name, schema, draft, expected) => {
    expect(collectField(field(schema), draft, 'x')).toEqual({ value: expected, problems: [] });
  });

  it('sends an instant in UTC', () => {
    const schema: Schema = { type: 'string', format: 'date-time' };
    expect(value(schema, localTime('2026-01-31T09:30:00Z'))).toBe('2026-01-31T09:30:00.000Z');
  });
});

describe('a problem names its field', () => {
  it.each<[Schema, Draft, string]>([
    [{ type: 'integer' }, '1.5', 'x: expected an integer'],
    [{ type: 'integer' }, 'many', 'x: expected an integer'],
    [{ type: 'number' }, '1,5', 'x: expected a number'],
    [{ type: 'integer', minimum: 1 }, '0', 'x: 0 is less than 1'],
    [{ type: 'integer', maximum: 9 }, '10', 'x: 10 is more than 9'],
    [{ type: 'number', exclusiveMinimum: 0 }, '0', 'x: 0 is not more than 0'],
    [{ type: 'number', multipleOf: 0.1 }, '0.25', 'x: 0.25 is not a multiple of 0.1'],
    [{ type: 'string', minLength: 2 }, 'é', 'x: is shorter than 2 characters'],
    [{ type: 'string', pattern: '^a' }, 'b', 'x: does not match the pattern ^a'],
    [{ type: 'array', minItems: 1 }, [], 'x: has 0 items, fewer than 1'],
    [{ type: 'array', items: { type: 'integer' } }, ['1', 'b'], 'x[1]: expected an integer'],
    [USER, { fields: { name: 'A', age: 'old' } }, 'x.age: expected an integer'],
    [USER, { json: '{"age": 3}' }, 'x: name is required, and is missing'],
    [USER, { json: '[]' }, 'x: expected an object'],
    [{}, { json: '{' }, 'x: expected JSON'],
    [{ type: 'string', format: 'email' }, 'me', 'x: expected an email address'],
    [{ enum: ['a', 'b'] }, { json: '"c"' }, 'x: expected a or b'],
    [{ type: 'string', format: 'date' }, '2026-02-30', 'x: expected a date such as 2026-01-31'],
    [
      { type: 'object', format: 'resource-pg' },
      'db',
      'x: expected the path of a resource such as u/me/database',
    ],
  ])('%j with %j', (schema, draft, expected) => {
    expect(complaints(schema, draft)).toEqual([expected]);
  });

  it('leaves a pattern of another dialect to the server', () => {
    expect(complaints({ type: 'string', pattern: '(?P<year>\\d+)' }, 'x')).toEqual([]);
  });
});

describe('showing arguments', () => {
  const schema: Schema = {
    properties: {
      n: { type: 'integer' },
      user: USER,
      pay: PAYMENT,
      tags: { type: 'array', items: { type: 'string' } },
      any: {},
      on: { type: 'boolean' },
      db: { type: 'object', format: 'resource-pg' },
      color: { enum: ['red', 'blue'] },
    },
  };
  it.each<[string, Record<string, Json>]>([
    ['that fit', { n: 3, user: { name: 'A' }, tags: ['a', 'b'], on: false, color: 'red' }],
    ['that do not fit their control', { n: 'three', color: 'green', tags: 'a', on: 'yes' }],
    ['with unknown keys inside', { user: { name: 'A', extra: [1] } }],
    ['with a variant', { pay: { label: 'card', number: '1' } }],
    ['by reference', { db: '$res:u/me/db', user: '$res:u/me/user' }],
    ['of a free type', { any: { deep: [null] } }],
  ])('%s gives the same arguments back', (_name, args) => {
    const fields = fieldsOf(schema);
    const { args: back } = collect(fields, draftsOf(fields, args));
    const wrong = Object.keys(args).filter((name) => back[name] === undefined);
    const shown = Object.fromEntries(
      wrong.map((name) => [
        name,
        draftOf(
          fields.find((one) => one.name === name)!,
          args[name],
        ),
      ]),
    );
    // What does not fit is kept as JSON text under a complaint, never dropped.
    for (const name of wrong) expect(shown[name]).toEqual({ json: JSON.stringify(args[name]) });
    for (const name of Object.keys(back)) expect(back[name]).toEqual(args[name]);
  });
});
