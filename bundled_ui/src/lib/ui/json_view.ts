/** How a JSON value is shown: what a closed node says of itself, what is a table, what is an error. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const isObject = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `{"error": {...}}`, the shape of every failed result. */
export interface ErrorShape {
  name: string;
  message: string;
  stack: string;
  stepId: string;
  /** What else the error carries, shown as JSON. */
  extra: Record<string, Json>;
}

export interface Table {
  columns: string[];
  rows: Record<string, Json>[];
}

/** A table is easier to read than a tree only while it is about this wide. */
const TABLE_COLUMNS_MAX = 24;
/** The children of a node that are drawn at once; more are added on request. */
export const CHILDREN_SHOWN = 100;
export const TEXT_SHOWN = 400;

export function errorOf(value: Json | undefined): ErrorShape | null {
  if (!isObject(value) || !isObject(value.error) || Object.keys(value).length !== 1) return null;
  const { name, message, stack, step_id: stepId, ...extra } = value.error;
  if (typeof name !== 'string' && typeof message !== 'string') return null;
  const text = (part: Json | undefined): string =>
    part === undefined || part === null
      ? ''
      : typeof part === 'string'
        ? part
        : JSON.stringify(part);
  return {
    name: text(name) || 'Error',
    message: text(message),
    stack: text(stack),
    stepId: text(stepId),
    extra: name === 'Canceled' ? {} : extra, // Its message says who and why.
  };
}

/** A list of flat objects, at least one, as rows under all keys in order of appearance; else null. */
export function tableOf(value: Json | undefined): Table | null {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isFlat)) return null;
  const columns = [...new Set(value.flatMap((row) => Object.keys(row)))];
  return columns.length > 0 && columns.length <= TABLE_COLUMNS_MAX
    ? { columns, rows: value }
    : null;
}

const isFlat = (value: Json): value is Record<string, Json> =>
  isObject(value) && Object.values(value).every((one) => typeof one !== 'object' || one === null);

/** The named children of a list or an object; none for anything else. */
export function childrenOf(value: Json): [string, Json][] {
  if (Array.isArray(value)) return value.map((one, index) => [String(index), one]);
  return isObject(value) ? Object.entries(value) : [];
}

export const isBranch = (value: Json): boolean => typeof value === 'object' && value !== null;

/** A closed node in one line of about `max` characters: `{id: 1, name: "Ada", …}`. */
export function preview(value: Json, max = 60): string {
  if (Array.isArray(value)) {
    const inside = listed(value, max, (one) => preview(one, 20));
    return `[${inside}]`;
  }
  if (isObject(value)) {
    const inside = listed(
      Object.entries(value),
      max,
      ([key, one]) => `${key}: ${preview(one, 20)}`,
    );
    return `{${inside}}`;
  }
  return typeof value === 'string' ? JSON.stringify(shortened(value, max)) : String(value);
}

function listed<T>(parts: readonly T[], max: number, show: (part: T) => string): string {
  const shown: string[] = [];
  let room = max;
  for (const part of parts) {
    if (room <= 0) {
      shown.push('…');
      break;
    }
    const text = show(part);
    shown.push(text);
    room -= text.length + 2;
  }
  return shown.join(', ');
}

export function shortened(text: string, max = TEXT_SHOWN): string {
  return text.length <= max ? text : `${text.slice(0, max)}…`;
}

/** `3 items`, `1 key`: how big a node is. */
export function sizeOf(value: Json): string {
  const count = childrenOf(value).length;
  const noun = Array.isArray(value) ? 'item' : 'key';
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export type Leaf = 'null' | 'boolean' | 'number' | 'string' | 'branch';

export function typeOf(value: Json): Leaf {
  if (value === null) return 'null';
  const type = typeof value;
  return type === 'object' ? 'branch' : (type as Leaf);
}

/** Whether a text is better read as lines than as a JSON string. */
export const isProse = (value: Json): value is string =>
  typeof value === 'string' && value.trim().includes('\n');

/** `1.4 MB`, in powers of ten. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const units = ['kB', 'MB', 'GB'];
  let size = count / 1000;
  let unit = 0;
  while (size >= 999.95 && unit < units.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
