import { expect, it } from 'vitest';
import { fieldsOf, type Schema } from './form';
import { collect } from './inputs';
import { mergeForm } from './form_merge';
import { collectForm, freshForm, toFields, toJson } from './form_state';
import type { FormState } from './form_draft';

const form = (properties: Record<string, Schema>, drafts: FormState['drafts']): FormState => ({
  ...freshForm(fieldsOf({ properties })),
  drafts,
});
const merged = (before: FormState, properties: Record<string, Schema>): FormState =>
  mergeForm(before, fieldsOf({ properties }));

const text: Schema = { type: 'string' };
const whole: Schema = { type: 'integer' };

it('keeps what was typed when a parameter is added', () => {
  const after = merged(form({ a: text }, { a: 'typed' }), { b: whole, a: text });
  expect(after.drafts).toEqual({ a: 'typed', b: undefined });
});

it('takes the value along when a parameter is renamed in its place', () => {
  const after = merged(form({ a: text, nam: text }, { nam: 'Ada' }), { a: text, name: text });
  expect(after.drafts['name']).toBe('Ada');
});

it('does not mistake a swap of two parameters for a renaming', () => {
  const after = merged(form({ a: text, b: text }, { a: '1', b: '2' }), { b: text, a: text });
  expect(after.drafts).toEqual({ b: '2', a: '1' });
});

it('converts what still makes sense in the new type', () => {
  const before = form({ a: whole, b: text, c: text }, { a: '5', b: 'red', c: 'pink' });
  const after = merged(before, {
    a: { type: 'number' },
    b: { enum: ['red'] },
    c: { enum: ['red'] },
  });
  expect(collect(after.fields, after.drafts).args).toEqual({ a: 5, b: 'red' });
});

it('finds the value again after the type was half typed', () => {
  const before = form({ n: whole }, { n: '7' });
  const between = merged(before, { n: { type: 'object', format: 'resource-in' } });
  expect(merged(between, { n: whole }).drafts['n']).toBe('7');
});

it('finds the value again after the parameter was gone', () => {
  const gone = merged(form({ a: text, n: whole }, { a: 'x', n: '7' }), {});
  expect(merged(gone, { n: whole, a: text }).drafts).toEqual({ n: '7', a: 'x' });
});

it('merges inside objects, lists and variants', () => {
  const before = form(
    {
      user: { type: 'object', properties: { name: text } },
      tags: { type: 'array', items: text },
      pay: { oneOf: [{ title: 'card', type: 'object', properties: { no: text } }] },
    },
    {
      user: { fields: { name: 'Ada' } },
      tags: ['a'],
      pay: { variant: 'card', value: { fields: { no: '1' } } },
    },
  );
  const after = merged(before, {
    user: { type: 'object', properties: { name: text, age: whole } },
    tags: { type: 'array', items: { type: 'string', minRows: 3 } },
    pay: { oneOf: [{ title: 'card', type: 'object', properties: { no: text, to: text } }] },
  });
  expect(collect(after.fields, after.drafts).args).toEqual({
    user: { name: 'Ada' },
    tags: ['a'],
    pay: { no: '1' },
  });
});

it('goes to JSON and back without losing an argument', () => {
  const fields = fieldsOf({ properties: { n: whole, a: text } });
  const form = toJson(freshForm(fields, { n: 1, extra: true }));
  expect(JSON.parse(form.json ?? '')).toEqual({ n: 1, extra: true });
  const back = toFields({ ...form, json: '{"n": 2, "a": "x", "extra": false}' });
  expect(collectForm(back!).args).toEqual({ n: 2, a: 'x', extra: false });
});

it('stays in JSON while the text is not an object', () => {
  const form = { ...freshForm([]), json: '[1' };
  expect(toFields(form)).toBeNull();
  expect(collectForm(form).problems).toEqual([
    { path: '', message: 'expected a JSON object', missing: false },
  ]);
});
