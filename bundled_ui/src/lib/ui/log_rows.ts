/**
 * A log as rows that can be drawn: split at line ends, over-long lines cut, progress bars reduced to
 * their last state. Text that grows is split from where it grew.
 */

import { PLAIN, spansOf, stripAnsi, type Style } from './ansi';

export interface Row {
  text: string; // with its escape sequences
  style: Style; // in which the row begins
  line: number; // counted from 1; the rows of a cut line share it
  width: number; // characters that are seen
}

/** The rows of `length` characters; the last row is unfinished while `open`. */
export interface Rows {
  rows: Row[];
  length: number;
  open: boolean;
  /** The end of what was read, to recognise text that only grew. */
  tail: string;
}

/** One line of a megabyte must not become one element of a megabyte. */
const ROW_CHARS_MAX = 2000;
const TAIL_CHARS = 64;
/** More than this is cut at the front, at a line end. */
export const LOG_CHARS_MAX = 20_000_000;

export const NO_ROWS: Rows = Object.freeze({ rows: [], length: 0, open: false, tail: '' });

/** The rows of `text`; the work is proportional to what was added since `before`. */
export function rowsOf(text: string, before: Rows = NO_ROWS): Rows {
  const grew =
    before.length > 0 &&
    text.length >= before.length &&
    text.slice(before.length - before.tail.length, before.length) === before.tail;
  if (grew && text.length === before.length) return before;
  const kept = grew ? finished(before) : [];
  const unread = grew ? before.rows.slice(kept.length) : [];
  const start = grew ? before.length - charsOf(unread) : 0;
  const last = kept.at(-1);
  const from = { line: (last?.line ?? 0) + 1, style: last ? after(last) : PLAIN };
  return {
    rows: kept.concat(split(text, start, from)),
    length: text.length,
    open: text.length > 0 && !text.endsWith('\n'),
    tail: text.slice(-TAIL_CHARS),
  };
}

/** Reads the same text as it grows, remembering what it has split. */
export function rowReader(): (text: string) => Row[] {
  let before = NO_ROWS;
  return (text) => {
    before = rowsOf(text, before);
    return before.rows;
  };
}

/** The rows without those of an unfinished last line, which is read again. */
function finished({ rows, open }: Rows): Row[] {
  if (!open) return rows;
  const line = rows.at(-1)?.line;
  let keep = rows.length;
  while (keep > 0 && rows[keep - 1]?.line === line) keep--;
  return rows.slice(0, keep);
}

const charsOf = (rows: Row[]): number => rows.reduce((sum, row) => sum + row.text.length, 0);

const RESETS = ['\u001b[0m', '\u001b[m'];

/** The style behind a row. Most coloured rows end in a reset, which spares reading them. */
function after({ text, style }: Pick<Row, 'text' | 'style'>): Style {
  const last = text.lastIndexOf('\u001b');
  if (last === -1) return style;
  const reset = RESETS.some((sequence) => text.startsWith(sequence, last));
  return reset ? PLAIN : spansOf(text, style).after;
}

function split(text: string, start: number, from: { line: number; style: Style }): Row[] {
  const rows: Row[] = [];
  let { line, style } = from;
  for (let at = start; at < text.length; line++) {
    const found = text.indexOf('\n', at);
    const end = found === -1 ? text.length : found;
    for (let cut = at; cut === at || cut < end; cut += ROW_CHARS_MAX) {
      const piece = text.slice(cut, Math.min(end, cut + ROW_CHARS_MAX));
      rows.push({ text: piece, style, line, width: stripAnsi(piece).length });
      style = after({ text: piece, style });
    }
    at = end + 1;
  }
  return rows;
}

/** What a terminal would show of a row: after a carriage return the row is written anew. */
export function visible(text: string): string {
  const trimmed = text.endsWith('\r') ? text.slice(0, -1) : text;
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1);
}

/** The indices of the rows that contain `query`, capitals alike; none for an empty query. */
export function findRows(rows: readonly Row[], query: string): number[] {
  const wanted = query.toLowerCase();
  if (wanted === '') return [];
  return rows.flatMap((row, index) =>
    stripAnsi(row.text).toLowerCase().includes(wanted) ? index : [],
  );
}

/** `text` in pieces, those that match `query` marked. */
export function marked(text: string, query: string): { text: string; hit: boolean }[] {
  const wanted = query.toLowerCase();
  if (wanted === '') return [{ text, hit: false }];
  const pieces: { text: string; hit: boolean }[] = [];
  const low = text.toLowerCase();
  let at = 0;
  for (let found = low.indexOf(wanted); found !== -1; found = low.indexOf(wanted, at)) {
    if (found > at) pieces.push({ text: text.slice(at, found), hit: false });
    at = found + wanted.length;
    pieces.push({ text: text.slice(found, at), hit: true });
  }
  if (at < text.length) pieces.push({ text: text.slice(at), hit: false });
  return pieces;
}

/** The end of a log that is too long to show, from a line start. */
export function keepEnd(text: string, max = LOG_CHARS_MAX): string {
  if (text.length <= max) return text;
  const start = text.indexOf('\n', text.length - max) + 1;
  return text.slice(start > 0 ? start : text.length - max);
}
