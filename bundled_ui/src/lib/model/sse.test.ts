import { expect, test } from 'vitest';
import { EventCutter } from './sse';

test.each(['\n', '\r\n'])('events are found wherever the network cuts the text (%j)', (end) => {
  const lines = [
    'data: {"a":1}',
    '',
    ': a comment',
    '',
    'event: x',
    'data:two',
    'data: lines',
    '',
    '',
  ];
  const text = lines.join(end);
  for (let cut = 0; cut <= text.length; cut++) {
    const cutter = new EventCutter();
    const events = [...cutter.push(text.slice(0, cut)), ...cutter.push(text.slice(cut))];
    expect(events).toEqual(['{"a":1}', 'two\nlines']);
  }
});

test('an unfinished event waits for its end', () => {
  const cutter = new EventCutter();
  expect(cutter.push('data: 1\n')).toEqual([]);
  expect(cutter.push('\n')).toEqual(['1']);
});
