/** Where in its code a script failed, as its stack says; the stack names the script's own files only. */

export interface CodeLine {
  number: number; // From 1.
  text: string;
  failed: boolean;
}

const AROUND = 3; // Lines of code that are shown before and after.
// Python tells the innermost frame last; TypeScript, Bash and PHP tell it first.
const PYTHON = /File "([^"\n]+)", line (\d+)/g;
const OTHERS = [
  /\(?([\w./-]+\.(?:ts|js|tsx)):(\d+):\d+\)?/,
  /^([\w./-]+\.(?:sh|php|go)), line (\d+)/m,
];

/** The line, from 1; 0 when the stack does not say, or it is in a script that was imported. */
export function failedLine(stack: string, path: string | null | undefined): number {
  const own = (file: string): boolean => !path || file.replace(/\.\w+$/, '') === path;
  const frames = [...stack.matchAll(PYTHON)].filter(([, file]) => own(file ?? ''));
  const last = frames.at(-1);
  if (last) return Number(last[2]);
  for (const pattern of OTHERS) {
    const found = pattern.exec(stack);
    if (found && own(found[1] ?? '')) return Number(found[2]);
  }
  return 0;
}

/** The lines about that one; none when the code has no such line. */
export function linesAround(code: string, line: number): CodeLine[] {
  const lines = code.split('\n');
  if (line < 1 || line > lines.length) return [];
  const first = Math.max(1, line - AROUND);
  return lines.slice(first - 1, line + AROUND).map((text, index) => ({
    number: first + index,
    text,
    failed: first + index === line,
  }));
}
