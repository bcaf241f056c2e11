import { describe, expect, test } from 'vitest';
import { offered } from './language';

const worker = (tags: string[], ...languages: [name: string, runs: boolean, note?: string][]) => ({
  custom_tags: tags,
  languages: languages.map(([name, runs, note = '']) => ({ name, runs, note })),
});

describe('the languages a new script may be in', () => {
  test('are those that a worker runs and takes, in our order', () => {
    const workers = [
      worker(['bash', 'python3'], ['python3', true], ['bash', true], ['bun', true]),
      worker(['bun'], ['bun', true]),
    ];
    const names = offered(workers, ['python3', 'bun', 'bash', 'go']).map((one) => one.language);
    expect(names).toEqual(['python3', 'bun', 'bash']);
  });

  test('leave out what does not run, and what no worker takes', () => {
    const workers = [worker(['bun'], ['bun', false, 'not installed'], ['bash', true])];
    expect(offered(workers, ['bun', 'bash'])).toEqual([]);
  });

  test('have Python even when nobody works', () => {
    expect(offered([], ['python3', 'bash'])).toEqual([{ language: 'python3', note: '' }]);
  });

  test('say what happens first, unless one worker is ready', () => {
    const first = worker(['bun'], ['bun', true, 'the first job installs bun']);
    expect(offered([first], ['bun'])).toEqual([
      { language: 'bun', note: 'the first job installs bun' },
    ]);
    expect(offered([first, worker(['bun'], ['bun', true])], ['bun'])[0]?.note).toBe('');
  });
});
