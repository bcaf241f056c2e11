/** Lengths of time as a person types and reads them; whole seconds underneath. */

const UNITS: Record<string, number> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 };
const PARTS: readonly [number, string, string][] = [
  [86_400, 'day', 'days'],
  [3600, 'hour', 'hours'],
  [60, 'minute', 'minutes'],
  [1, 'second', 'seconds'],
];

/** `90`, `90 s`, `15m`, `2 h`, `1d` as seconds; null for anything else. */
export function parseSeconds(text: string): number | null {
  const found = /^\s*(\d{1,12})\s*([a-z]*)\s*$/i.exec(text);
  const unit = found && UNITS[found[2]!.toLowerCase() || 's'];
  return unit ? Number(found[1]) * unit : null;
}

/** "0 seconds", "1 minute", "1 day 2 hours 5 seconds". */
export function inWords(seconds: number): string {
  const words: string[] = [];
  let rest = seconds;
  for (const [size, one, many] of PARTS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${count === 1 ? one : many}`);
  }
  return words.join(' ') || '0 seconds';
}
