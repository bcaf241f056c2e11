/** Words for times and durations. Times come as RFC 3339 text or epoch milliseconds; `now` is epoch milliseconds. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "now", "12 s ago", "5 min ago", "in 3 h", "4 d ago"; older than a month: the date. '' for no time. */
export function relative(at: string | number, now: number): string {
  const then = new Date(at).getTime();
  if (Number.isNaN(then)) return '';
  const distance = Math.abs(now - then);
  if (distance < 2_000) return 'now';
  if (distance > 30 * DAY)
    return new Date(then).toLocaleDateString(undefined, { dateStyle: 'medium' });
  const amount =
    distance < MINUTE
      ? `${Math.floor(distance / 1000)} s`
      : distance < HOUR
        ? `${Math.floor(distance / MINUTE)} min`
        : distance < DAY
          ? `${Math.floor(distance / HOUR)} h`
          : `${Math.floor(distance / DAY)} d`;
  return then <= now ? `${amount} ago` : `in ${amount}`;
}

/** The full local date and time to the second, for a title. */
export function absolute(at: string | number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** "8 ms", "1.24 s", "12.3 s", "3 min 05 s", "2 h 07 min", "3 d 4 h". Negative counts as none. */
export function duration(ms: number): string {
  const rest = Math.max(0, ms);
  if (rest < 1000) return `${Math.round(rest)} ms`;
  if (rest < 9_995) return `${(rest / 1000).toFixed(2)} s`;
  if (rest < 59_950) return `${(rest / 1000).toFixed(1)} s`;
  const s = Math.round(rest / 1000);
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
