import { expect, test } from 'vitest';
import { failedLine, linesAround } from './failed_line';

const python = `Traceback (most recent call last):
  File "f/ops/fails.py", line 7, in main
    return helper(x)
  File "f/ops/fails.py", line 2, in helper
    return 1 / x
ZeroDivisionError: division by zero`;

test.each([
  [python, 'f/ops/fails', 2],
  [
    'Error: no 0\n    at helper (f/ops/fails_ts.ts:2:13)\n    at main (f/ops/fails_ts.ts:5:10)',
    'f/ops/fails_ts',
    2,
  ],
  ["f/ops/fails_bash.sh, line 3\n    exit 3\nls: cannot access '/nowhere'", 'f/ops/fails_bash', 3],
  ['Traceback:\n  File "f/ops/tools.py", line 9, in x', 'f/ops/fails', 0],
  ['  File "f/ops/fails.py", line 7\n  File "f/ops/tools.py", line 9', 'f/ops/fails', 7],
  ['  File "script.py", line 4', undefined, 4],
  ['', 'f/x', 0],
])('the innermost own line is found in %j', (stack, path, line) => {
  expect(failedLine(stack, path)).toBe(line);
});

test('the code around a line has numbers', () => {
  expect(linesAround('a\nb\nc', 2)).toEqual([
    { number: 1, text: 'a', failed: false },
    { number: 2, text: 'b', failed: true },
    { number: 3, text: 'c', failed: false },
  ]);
  expect(linesAround('1\n2\n3\n4\n5\n6\n7\n8\n9', 9).map(({ number }) => number)).toEqual([
    6, 7, 8, 9,
  ]);
  expect(linesAround('a', 4)).toEqual([]);
  expect(linesAround('a', 0)).toEqual([]);
});
