/**
 * Terminal colours (the SGR sequences of ECMA-48) to styles. Everything else a terminal understands,
 * cursor movement above all, is dropped.
 */

/** `color` and `background` are one of the sixteen names, `#rrggbb`, or '' for the page's own. */
export interface Style {
  color: string;
  background: string;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
}

export interface Span {
  text: string;
  style: Style;
}

export const PLAIN: Style = Object.freeze({
  color: '',
  background: '',
  bold: false,
  dim: false,
  italic: false,
  underline: false,
});

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const ESC = '\u001b';
const BELL = '\u0007';
/** CSI sequences; OSC sequences (titles, links) up to their end; any other escape with one letter. */
const ESCAPES = new RegExp(
  [
    `${ESC}\\[([0-9;:?]*)[ -/]*([@-~])`,
    `${ESC}\\][^${BELL}${ESC}]*(?:${BELL}|${ESC}\\\\)?`,
    `${ESC}[@-Z\\\\^_]?`,
  ].join('|'),
  'g',
);

/** The text without any escape sequence. */
export const stripAnsi = (text: string): string =>
  text.includes(ESC) ? text.replace(ESCAPES, '') : text;

/** The styled pieces of one row, beginning in `style`, and the style the next row begins in. */
export function spansOf(text: string, style: Style = PLAIN): { spans: Span[]; after: Style } {
  const spans: Span[] = [];
  let at = 0;
  let now = style;
  for (const found of text.matchAll(ESCAPES)) {
    if (found.index > at) spans.push({ text: text.slice(at, found.index), style: now });
    if (found[2] === 'm') now = styled(now, found[1] ?? '');
    at = found.index + found[0].length;
  }
  if (at < text.length) spans.push({ text: text.slice(at), style: now });
  return { spans, after: now };
}

/** `style` after one SGR sequence, `1;31` for instance; unknown codes change nothing. */
function styled(style: Style, sequence: string): Style {
  const codes = sequence.split(/[;:]/).map((code) => (code === '' ? 0 : Number(code)));
  let now = style;
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const { color, used } = extended(codes.slice(index + 1));
      index += used;
      if (color) now = { ...now, [code === 38 ? 'color' : 'background']: color };
    } else now = { ...now, ...change(code) };
  }
  return now;
}

function change(code: number): Partial<Style> {
  if (code === 0) return PLAIN;
  if (code === 1) return { bold: true };
  if (code === 2) return { dim: true };
  if (code === 3) return { italic: true };
  if (code === 4) return { underline: true };
  if (code === 22) return { bold: false, dim: false };
  if (code === 23) return { italic: false };
  if (code === 24) return { underline: false };
  if (code === 39) return { color: '' };
  if (code === 49) return { background: '' };
  if (code >= 30 && code <= 37) return { color: NAMES[code - 30] ?? '' };
  if (code >= 40 && code <= 47) return { background: NAMES[code - 40] ?? '' };
  if (code >= 90 && code <= 97) return { color: `bright-${NAMES[code - 90]}` };
  if (code >= 100 && code <= 107) return { background: `bright-${NAMES[code - 100]}` };
  return {};
}

/** `5;n` of the 256 colours or `2;r;g;b`; `used` counts the codes taken. */
function extended([mode, ...rest]: number[]): { color: string; used: number } {
  if (mode === 5) return { color: indexed(rest[0] ?? 0), used: 2 };
  if (mode === 2) return { color: rgb(rest[0] ?? 0, rest[1] ?? 0, rest[2] ?? 0), used: 4 };
  return { color: '', used: 0 };
}

function indexed(n: number): string {
  if (n < 8) return NAMES[n] ?? '';
  if (n < 16) return `bright-${NAMES[n - 8]}`;
  if (n >= 232)
    return rgb(...([1, 1, 1].map(() => 8 + (n - 232) * 10) as [number, number, number]));
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  const cube = n - 16;
  return rgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

const rgb = (...parts: [number, number, number]): string =>
  '#' +
  parts.map((part) => Math.min(255, Math.max(0, part)).toString(16).padStart(2, '0')).join('');
