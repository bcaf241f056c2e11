/** The way to a step inside of a flow's run: the ids of steps and, after one that has turns or branches,
 * the number of one. As it stands in an address: `l/3/c`. */

export type Way = readonly string[];

const NUMBER = /^\d{1,6}$/;
const STEPS_MAX = 40;

/** What is no way is the way to nothing. */
export function wayOf(text: string | null): Way {
  const parts = (text ?? '').split('/').filter(Boolean);
  return parts.length > STEPS_MAX || NUMBER.test(parts[0] ?? '') ? [] : parts;
}

export const wayText = (way: Way): string => way.join('/');

/** The number that comes next on a way; null where a step does. */
export function numberAt(way: Way, index: number): number | null {
  const part = way[index];
  return part !== undefined && NUMBER.test(part) ? Number(part) : null;
}

/** Step l, number 3, step c */
export function wayWords(way: Way): string {
  return way.map((part) => (NUMBER.test(part) ? `number ${part}` : `step ${part}`)).join(', ');
}

export interface Place {
  step_id: string;
  branch_or_iteration_n?: number;
}

/** Where a run that has ended shall go on, the outermost step first. */
export function placesOf(way: Way): Place[] {
  return way.flatMap((step_id, index) => {
    if (NUMBER.test(step_id)) return [];
    const number = numberAt(way, index + 1);
    return [number === null ? { step_id } : { step_id, branch_or_iteration_n: number }];
  });
}
