/** What the server says when it refuses, as a person wants to read it. */

import type { Field } from './form';
import type { Problem } from './inputs';

export interface Refusal {
  problems: Problem[];
  /** What no field can say: all of it when one part of it is about no field, else ''. */
  rest: string;
}

const TITLE = /^(?:[A-Z][a-z]+(?: [a-z]+)*): (?=\S)/;
const HEAD = /^arguments of \S+: /i;

/** The sentence without the title that programs go by: `Not found: no such job` is `No such job`. */
export function sentenceOf(text: string): string {
  const sentence = text.replace(TITLE, '');
  const word = /^[a-z]+(?=[ ,.:])/.exec(sentence)?.[0] ?? ''; // A path or a name keeps its letters.
  return word && word !== 'main' ? word[0]!.toUpperCase() + sentence.slice(1) : sentence;
}

/** Reads what is wrong with the arguments of a form of these fields, such as `arguments of f/a/b:
 * count: expected an integer, got 'x'; tags[1]: expected a string`; any other sentence is `rest`. */
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
