/** What the server says of arguments it refuses, told apart by field:
 * `arguments of f/ops/report: count: expected an integer, got "x"; tags[1]: expected a string`. */

import type { Field } from './form';
import type { Problem } from './inputs';

export interface Refusal {
  problems: Problem[];
  /** What no field can say: all of it when one part of it is about no field, else ''. */
  rest: string;
}

const HEAD = /^arguments of \S+: /;

/** Reads a refusal for a form of these fields; any other sentence is `rest`. */
export function readRefusal(message: string, fields: readonly Field[]): Refusal {
  const head = HEAD.exec(message);
  const names = fields.map((field) => field.name);
  if (!head || names.length === 0) return { problems: [], rest: message };
  const place = new RegExp(`^(?:${names.map(escaped).join('|')})(?:[.[][^:]*)?(?=: )`);
  const problems: Problem[] = [];
  let unplaced = false;
  for (const part of message.slice(head[0].length).split('; ')) {
    const path = place.exec(part)?.[0];
    const last = problems.at(-1);
    if (path !== undefined) {
      problems.push({ path, message: part.slice(path.length + 2), missing: false });
    } else if (last) {
      last.message += `; ${part}`; // A value that is quoted may hold what separates.
    } else unplaced = true;
  }
  // What lies deeper may be shown by no control, such as a part of an argument edited as JSON.
  const seen = !unplaced && problems.every(({ path }) => names.includes(path));
  return { problems, rest: seen ? '' : message };
}

const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
