/** The address of a script: `u/<user>/<name>` or `f/<folder>/<name>`, where a name may hold slashes. */

export interface PathParts {
  owner: string; // u/<user> or f/<folder>
  name: string;
}

const WORD = /^(?!\.{1,2}$)[A-Za-z0-9_.+-]+$/;

/** `u/me/reports/daily` is `reports/daily` of `u/me`; anything else has no owner. */
export function splitPath(path: string): PathParts {
  const found = /^([ufg]\/[^/]+)\/(.*)$/.exec(path);
  return found ? { owner: found[1] ?? '', name: found[2] ?? '' } : { owner: '', name: path };
}

export const joinPath = ({ owner, name }: PathParts): string => `${owner}/${name}`;

/** Why the server would not take the path, in words with a remedy; null when it is good. */
export function pathProblem(path: string, noun = 'script'): string | null {
  const { owner, name } = splitPath(path);
  if (!/^(u\/[A-Za-z0-9_][\w.+-]*|f\/\w+)$/.test(owner))
    return 'Begin with u/<user>/ or f/<folder>/.';
  if (name === '') return `Give the ${noun} a name.`;
  const bad = name.split('/').find((part) => !WORD.test(part));
  if (bad === undefined) return null;
  if (bad === '') return 'Two slashes in a row, or one at an end: a part of the name is empty.';
  return `“${bad}” may hold only letters, digits and _ . + -`;
}

/** A name made of a summary: `Send the daily report!` becomes `send_the_daily_report`. */
export function nameFrom(summary: string): string {
  const plain = summary.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return words.slice(0, 50).replace(/_+$/, '');
}

/** A script's hash, as opposed to its path: sixteen hexadecimal digits. */
export const isHash = (text: string): boolean => /^[0-9a-f]{16}$/i.test(text);
