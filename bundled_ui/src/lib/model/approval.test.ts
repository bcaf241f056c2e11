import { describe, expect, test } from 'vitest';
import { approvalForm, momentWords } from './approval';
import { collectForm } from './form_state';

const form = {
  type: 'object',
  properties: { city: { type: 'string' }, n: { type: 'integer' } },
};

describe('the form of an approval', () => {
  test('is filled in by the step that asks', () => {
    const shown = approvalForm({ form, default_args: { n: 3, other: 1 } });
    expect(shown.fields.map(({ name }) => name)).toEqual(['city', 'n']);
    expect(collectForm(shown).args).toMatchObject({ n: 3 });
    expect(collectForm(shown).args).not.toHaveProperty('other');
  });

  test('offers the choices of the step that asks', () => {
    const plain = approvalForm({ form });
    const chosen = approvalForm({ form, enums: { city: ['Rome', 'Paris'], unknown: ['x'] } });
    expect(chosen.fields[0]).not.toEqual(plain.fields[0]);
    expect(chosen.fields).toHaveLength(2);
  });

  test('is empty where nothing is to be filled in', () => {
    expect(approvalForm(null).fields).toEqual([]);
    expect(approvalForm({}).fields).toEqual([]);
  });

  test('says why it is too late', () => {
    expect(momentWords('over')).toContain('ended');
    expect(momentWords('passed')).toContain('gone on');
  });
});
