/** Cron expressions in words, for those that have a short sentence. When they fire, the server says. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

export interface Preset {
  label: string;
  cron: string;
}

export const presets: readonly Preset[] = [
  { label: 'Every minute', cron: '0 * * * * *' },
  { label: 'Every 15 minutes', cron: '0 */15 * * * *' },
  { label: 'Every hour', cron: '0 0 * * * *' },
  { label: 'Every day at 9', cron: '0 0 9 * * *' },
  { label: 'Working days at 9', cron: '0 0 9 * * 1-5' },
  { label: 'Mondays at 9', cron: '0 0 9 * * 1' },
  { label: 'First of the month', cron: '0 0 9 1 * *' },
];

/** "At 09:00 on working days"; '' when there is no short sentence for it. Five fields or six. */
export function inWords(expression: string): string {
  const fields = expression.trim().toLowerCase().replaceAll('?', '*').split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  if (fields.length !== 6) return '';
  const [second = '', minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const time = timeWords(second, minute, hour);
  const date = dateWords(day, weekday);
  const months = listWords(month, MONTHS, 1);
  if (time === '' || date === null || months === null) return '';
  return [time, date, months && `in ${months}`].filter(Boolean).join(' ');
}

function timeWords(second: string, minute: string, hour: string): string {
  const every = stepOf(hour) ?? (hour === '*' ? 1 : null);
  if (minute === '*' && hour === '*') {
    const seconds = second === '*' ? 1 : stepOf(second);
    if (seconds) return seconds === 1 ? 'Every second' : `Every ${seconds} seconds`;
    return second === '0' ? 'Every minute' : '';
  }
  if (!isNumber(second)) return '';
  const tail = second === '0' ? '' : `:${two(second)}`;
  const minutes = stepOf(minute);
  if (minutes && hour === '*') return second === '0' ? `Every ${minutes} minutes` : '';
  if (!isNumber(minute)) return '';
  if (every === 1) return `Every hour at :${two(minute)}${tail}`;
  if (every) return `Every ${every} hours at :${two(minute)}${tail}`;
  const hours = hour.split(',');
  if (!hours.every(isNumber)) return '';
  return `At ${and(hours.map((one) => `${two(one)}:${two(minute)}${tail}`))}`;
}

/** '' for every day, null for what has no words. */
function dateWords(day: string, weekday: string): string | null {
  const weekdays = weekdayWords(weekday);
  const days = dayWords(day);
  if (weekdays === null || days === null) return null;
  return [days, weekdays].filter(Boolean).join(' or ');
}

function dayWords(day: string): string | null {
  if (day === '*') return '';
  if (day === 'l') return 'on the last day of the month';
  const days = day.split(',');
  if (!days.every(isNumber)) return null;
  return `on ${days.length > 1 ? 'days' : 'day'} ${and(days.map(String))} of the month`;
}

function weekdayWords(weekday: string): string | null {
  if (weekday === '1-5' || weekday === 'mon-fri') return 'on working days';
  const words = listWords(weekday.replaceAll('7', '0'), DAYS, 0);
  return words && `on ${words}`;
}

/** Names of single values and ranges; '' for all of them. */
function listWords(field: string, names: readonly string[], first: number): string | null {
  if (field === '*') return '';
  const words = field
    .split(',')
    .map((part) => part.split('-').map((one) => nameOf(one, names, first)));
  if (words.some((part) => part.length > 2 || part.includes(''))) return null;
  return and(words.map((part) => part.join(' to ')));
}

function nameOf(value: string, names: readonly string[], first: number): string {
  const name = isNumber(value) ? names[Number(value) - first] : names.find((one) => one === value);
  return name ? name.charAt(0).toUpperCase() + name.slice(1) : '';
}

function stepOf(field: string): number | null {
  const found = /^\*\/([1-9]\d?)$/.exec(field);
  return found ? Number(found[1]) : null;
}

const isNumber = (text: string): boolean => /^\d{1,2}$/.test(text);
const two = (text: string): string => text.padStart(2, '0');

function and(words: readonly string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words.join('');
}
