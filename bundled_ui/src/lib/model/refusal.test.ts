import { describe, expect, it } from 'vitest';
import { fieldsOf } from './form';
import { readRefusal, sentenceOf } from './refusal';

const fields = fieldsOf({
  type: 'object',
  properties: {
    count: { type: 'integer' },
    tags: { type: 'array', items: { type: 'string' } },
    'a.b': { type: 'string' },
  },
});
const read = (message: string) => {
  const { problems, rest } = readRefusal(message, fields);
  return { said: problems.map(({ path, message }) => `${path} | ${message}`), rest };
};

describe('a sentence', () => {
  it.each([
    ['Not found: script not found at f/a/b', 'Script not found at f/a/b'],
    ['Bad request: arguments of f/a/b: x: no', 'Arguments of f/a/b: x: no'],
    ['Conflict: f/a/b exists already', 'f/a/b exists already'],
    ['Too many requests: 5 tries left', '5 tries left'],
    ["Bad request: language 'cobol' does not run here", "Language 'cobol' does not run here"],
    ['Not authorized', 'Not authorized'],
  ])('%s', (text, spoken) => expect(sentenceOf(text)).toBe(spoken));
});

describe('a refusal of arguments', () => {
  it('is said at the field that it names', () => {
    expect(read('Arguments of f/x/y: count: expected an integer, got "x"')).toEqual({
      said: ['count | expected an integer, got "x"'],
      rest: '',
    });
  });

  it('may name several, whatever their names', () => {
    expect(read('arguments of f/x/y: count: is too small; a.b: expected a string')).toEqual({
      said: ['count | is too small', 'a.b | expected a string'],
      rest: '',
    });
  });

  it('keeps a value together that holds the separator', () => {
    const { said } = read('arguments of f/x/y: count: expected an integer, got "1; 2"');
    expect(said).toEqual(['count | expected an integer, got "1; 2"']);
  });

  it('is also told as a whole when it is about a part of an argument', () => {
    const message = 'arguments of f/x/y: tags[1]: expected a string, got 3';
    expect(read(message)).toEqual({ said: ['tags[1] | expected a string, got 3'], rest: message });
  });

  it('is told as a whole when the form has no such field', () => {
    const message = 'arguments of f/x/y: since: is required, and is missing';
    expect(read(message)).toEqual({ said: [], rest: message });
  });
});

describe('any other sentence', () => {
  it('is told as it is', () => {
    expect(read('The server cannot be reached.').rest).toBe('The server cannot be reached.');
    expect(readRefusal('arguments of f/x/y: count: no', []).rest).toContain('count');
  });
});
