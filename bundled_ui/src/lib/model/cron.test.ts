import { expect, test } from 'vitest';
import { inWords, presets } from './cron';

test.each([
  ['* * * * * *', 'Every second'],
  ['*/10 * * * * *', 'Every 10 seconds'],
  ['0 * * * * *', 'Every minute'],
  ['* * * * *', 'Every minute'],
  ['0 */15 * * * *', 'Every 15 minutes'],
  ['0 5 * * * *', 'Every hour at :05'],
  ['0 0 */6 * * *', 'Every 6 hours at :00'],
  ['0 30 9 * * *', 'At 09:30'],
  ['15 0 9,17 * * *', 'At 09:00:15 and 17:00:15'],
  ['0 0 9 * * 1-5', 'At 09:00 on working days'],
  ['0 0 9 ? * MON,Wed', 'At 09:00 on Mon and Wed'],
  ['0 0 9 * * 7', 'At 09:00 on Sun'],
  ['0 0 9 1 * *', 'At 09:00 on day 1 of the month'],
  ['0 0 9 1,15 * *', 'At 09:00 on days 1 and 15 of the month'],
  ['0 0 9 L * *', 'At 09:00 on the last day of the month'],
  ['0 0 9 1 * 1', 'At 09:00 on day 1 of the month or on Mon'],
  ['0 0 9 * 1-3,dec *', 'At 09:00 in Jan to Mar and Dec'],
])('%s is: %s', (expression, words) => {
  expect(inWords(expression)).toBe(words);
});

test.each([
  '',
  'x',
  '0 0 9 * *  * 2026',
  '0 5-10 9 * * *',
  '0 0 9 * * 5#2',
  '0 0 9 15W * *',
  '0 0 9 * 13 *',
  '0 0 9 * * 8',
])('there are no words for %j', (expression) => {
  expect(inWords(expression)).toBe('');
});

test('each preset has words', () => {
  expect(presets.filter(({ cron }) => inWords(cron) === '')).toEqual([]);
});
