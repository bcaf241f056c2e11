/** The plain part of Markdown as values, which the page draws: no HTML is ever made of it. */

export type Span =
  | { kind: 'text' | 'code' | 'strong' | 'em'; text: string }
  | { kind: 'link'; text: string; href: string };

export type Block =
  | { kind: 'heading'; level: number; spans: Span[] }
  | { kind: 'paragraph' | 'quote'; spans: Span[] }
  | { kind: 'list'; ordered: boolean; items: Span[][] }
  | { kind: 'table'; head: Span[][]; rows: Span[][][] }
  | { kind: 'code'; text: string }
  | { kind: 'rule' };

const ITEM = /^\s{0,3}(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const RULER = /^\s{0,3}\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?$/;
const MARKS = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]*)\]\(([^)\s]+)\)/g;
const SAFE = /^(?:https?:\/\/|mailto:)/i;

export function blocksOf(text: string): Block[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    const fence = /^\s{0,3}(```+|~~~+)/.exec(line)?.[1];
    if (line.trim() === '') at++;
    else if (fence) at = codeAt(lines, at, fence, blocks);
    else if (isTable(lines, at)) at = tableAt(lines, at, blocks);
    else if (ITEM.test(line)) at = listAt(lines, at, blocks);
    else at = textAt(lines, at, blocks);
  }
  return blocks;
}

function codeAt(lines: string[], at: number, fence: string, blocks: Block[]): number {
  const rest = lines.slice(at + 1);
  const length = rest.findIndex((line) => line.trim().startsWith(fence));
  const inside = length < 0 ? rest : rest.slice(0, length);
  blocks.push({ kind: 'code', text: inside.join('\n') });
  return at + 1 + inside.length + 1;
}

function listAt(lines: string[], at: number, blocks: Block[]): number {
  const ordered = ITEM.exec(lines[at] ?? '')?.[1] !== undefined;
  const items: Span[][] = [];
  for (; at < lines.length; at++) {
    const item = ITEM.exec(lines[at] ?? '');
    if (!item || (item[1] !== undefined) !== ordered) break;
    items.push(spansOf(item[2] ?? ''));
  }
  blocks.push({ kind: 'list', ordered, items });
  return at;
}

/** A line of cells over a line of dashes. */
function isTable(lines: string[], at: number): boolean {
  return (lines[at] ?? '').includes('|') && RULER.test(lines[at + 1] ?? '');
}

/** Every row has as many cells as the head. */
function tableAt(lines: string[], at: number, blocks: Block[]): number {
  const head = cellsOf(lines[at] ?? '');
  const rows: Span[][][] = [];
  let next = at + 2;
  for (; (lines[next] ?? '').includes('|'); next++) {
    const cells = cellsOf(lines[next] ?? '');
    rows.push(head.map((_, column) => cells[column] ?? []));
  }
  blocks.push({ kind: 'table', head, rows });
  return next;
}

function cellsOf(line: string): Span[][] {
  const bare = line.trim().replace(/^\|/, '').replace(/\|$/, '');
  return bare.split(/(?<!\\)\|/).map((cell) => spansOf(cell.trim().replaceAll('\\|', '|')));
}

/** A heading, a rule, or the lines of a paragraph or a quote. */
function textAt(lines: string[], at: number, blocks: Block[]): number {
  const line = lines[at] ?? '';
  const heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*$/.exec(line);
  if (heading) {
    blocks.push({ kind: 'heading', level: heading[1]!.length, spans: spansOf(heading[2]!) });
    return at + 1;
  }
  if (/^\s{0,3}([-*_])(?:\s*\1){2,}\s*$/.test(line)) {
    blocks.push({ kind: 'rule' });
    return at + 1;
  }
  const quoted = line.startsWith('>');
  const same: string[] = [];
  for (; at < lines.length; at++) {
    const next = lines[at] ?? '';
    const ends = next.trim() === '' || /^\s{0,3}(?:#{1,6}\s|```|~~~)/.test(next);
    const other = same.length > 0 && (ITEM.test(next) || isTable(lines, at));
    if (ends || next.startsWith('>') !== quoted || other) break;
    same.push(next.replace(/^>\s?/, '').trim());
  }
  blocks.push({ kind: quoted ? 'quote' : 'paragraph', spans: spansOf(same.join(' ')) });
  return at;
}

/** A link to anything but the web and mail is the text that it is. */
export function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const found of text.matchAll(MARKS)) {
    if (found.index > from) spans.push({ kind: 'text', text: text.slice(from, found.index) });
    const [whole, code, strong, em, label, href] = found;
    if (code !== undefined) spans.push({ kind: 'code', text: code });
    else if (strong !== undefined) spans.push({ kind: 'strong', text: strong });
    else if (em !== undefined) spans.push({ kind: 'em', text: em });
    else if (href !== undefined && SAFE.test(href)) {
      spans.push({ kind: 'link', text: label || href, href });
    } else spans.push({ kind: 'text', text: whole });
    from = found.index + whole.length;
  }
  if (from < text.length) spans.push({ kind: 'text', text: text.slice(from) });
  return spans;
}
