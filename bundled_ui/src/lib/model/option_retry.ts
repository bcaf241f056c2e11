/** A retry policy, in Windmill's shape, as the three options of a form. */
import type { OptionName } from './script_options';
import { parseSeconds } from './seconds';

type RetryName = Extract<OptionName, `retry_${string}`>;
type RetryTexts = Record<RetryName, string>;

interface Part {
  attempts?: number;
  seconds?: number;
}

interface Policy {
  constant?: Part | null;
  exponential?: (Part & { multiplier?: number }) | null;
}

export function retryTexts(told: unknown): RetryTexts {
  const { constant, exponential } = (told ?? {}) as Policy;
  const grows = !constant?.attempts && Boolean(exponential?.attempts);
  const part = grows ? exponential : constant;
  return {
    retry_attempts: part?.attempts ? String(part.attempts) : '',
    retry_seconds: part?.attempts && part.seconds ? String(part.seconds) : '',
    retry_growth: grows ? 'exponential' : '',
  };
}

/** Null for no retries. What was told stays as it was, with what no form shows, unless it was changed. */
export function retryOf(texts: RetryTexts, told: unknown): unknown {
  const before = retryTexts(told);
  const same = (Object.keys(before) as RetryName[]).every(
    (name) => before[name] === texts[name].trim(),
  );
  if (same) return told ?? null;
  const attempts = Number(texts.retry_attempts) || 0;
  if (attempts === 0) return null;
  const seconds = parseSeconds(texts.retry_seconds) ?? 0;
  return texts.retry_growth === 'exponential'
    ? { exponential: { attempts, multiplier: 1, seconds: seconds || 2 } }
    : { constant: { attempts, seconds } };
}
