/** What we say of a password while it is typed. The server has the last word. */

export const PASSWORD_CHARS_MIN = 12;

export interface PasswordJudgement {
  ok: boolean;
  level: 0 | 1 | 2 | 3; // For a bar of three: nothing, weak, fair, good.
  text: string;
}

/** Length first, then variety; a password made of very few different characters is never fair. */
export function judge(password: string): PasswordJudgement {
  const length = [...password].length;
  if (length === 0)
    return { ok: false, level: 0, text: `At least ${PASSWORD_CHARS_MIN} characters.` };
  const missing = PASSWORD_CHARS_MIN - length;
  if (missing > 0) {
    return { ok: false, level: 1, text: `${missing} more character${missing === 1 ? '' : 's'}.` };
  }
  const different = new Set(password.toLowerCase()).size;
  if (different < 6) return { ok: true, level: 1, text: 'Long, but easy to guess.' };
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password));
  const good = length >= 16 || kinds.length >= 3;
  return good
    ? { ok: true, level: 3, text: 'Good.' }
    : { ok: true, level: 2, text: 'Fair. A longer one is better: some words together will do.' };
}
