/** What a person may say about one run besides its arguments: when, where, and what a failure means. */
import { inWords, parseSeconds } from './seconds';

export interface RunOptionTexts {
  startIn: string; // A time, as 10m.
  retries: string; // A number.
  pause: string; // A time.
  growth: 'constant' | 'exponential';
  priority: string;
  tag: string;
}

type Name = Exclude<keyof RunOptionTexts, 'growth'>;

const DELAY_S_MAX = 366 * 86_400;
const RETRIES_MAX = 1000;
const PAUSE_S_MAX = 6 * 3600; // Longer pauses are cut by the server.
const SHOWN = 4;

export const blankRunOptions = (): RunOptionTexts => ({
  startIn: '',
  retries: '',
  pause: '',
  growth: 'constant',
  priority: '',
  tag: '',
});

export function runOptionProblems(texts: RunOptionTexts): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  const wrong = (name: Name, value: number | null, least: number, most: number) =>
    texts[name].trim() !== '' && !(value !== null && value >= least && value <= most);
  if (wrong('startIn', parseSeconds(texts.startIn), 0, DELAY_S_MAX)) {
    found.startIn = 'A time such as 90s, 15m, 2h or 1d; at most 366 days.';
  }
  if (wrong('retries', whole(texts.retries), 0, RETRIES_MAX)) {
    found.retries = `A whole number from 0 to ${RETRIES_MAX}.`;
  }
  const least = texts.growth === 'exponential' ? 1 : 0;
  if (wrong('pause', parseSeconds(texts.pause), least, PAUSE_S_MAX)) {
    found.pause = `A time from ${inWords(least)} to 6 hours.`;
  }
  if (wrong('priority', whole(texts.priority), 0, 100)) {
    found.priority = 'A whole number from 0 to 100.';
  }
  return found;
}

/** The query of a run. Texts must have no problems; absent members say nothing. */
export function runQueryOf(texts: RunOptionTexts) {
  const delay = parseSeconds(texts.startIn);
  return {
    scheduled_in_secs: delay || undefined,
    tag: texts.tag.trim() || undefined,
    priority: texts.priority.trim() ? Number(texts.priority) : undefined,
    retry: retryOf(texts),
  };
}

/** The JSON of a retry policy, for its parameter. */
function retryOf(texts: RunOptionTexts): string | undefined {
  const attempts = whole(texts.retries) ?? 0;
  if (attempts === 0) return undefined;
  const seconds = pauseOf(texts);
  return JSON.stringify(
    texts.growth === 'exponential'
      ? { exponential: { attempts, multiplier: 1, seconds } }
      : { constant: { attempts, seconds } },
  );
}

/** "after 2 seconds, 4 seconds, 8 seconds"; '' when nothing is tried again. */
export function pausesInWords(texts: RunOptionTexts): string {
  const attempts = whole(texts.retries) ?? 0;
  if (attempts === 0) return '';
  const seconds = pauseOf(texts);
  if (texts.growth === 'constant' || seconds === 1) {
    const each = attempts === 1 ? 'once' : `${attempts} times`;
    return `It is tried again ${each}, each time ${seconds ? `after ${inWords(seconds)}` : 'at once'}.`;
  }
  const pauses = Array.from({ length: Math.min(attempts, SHOWN) }, (_, n) =>
    inWords(Math.min(PAUSE_S_MAX, seconds ** (n + 1))),
  );
  return `It is tried again after ${pauses.join(', ')}${attempts > SHOWN ? ', …' : '.'}`;
}

const pauseOf = (texts: RunOptionTexts): number =>
  parseSeconds(texts.pause) ?? (texts.growth === 'exponential' ? 2 : 0);

const whole = (text: string): number | null =>
  /^\d{1,12}$/.test(text.trim()) ? Number(text) : null;
