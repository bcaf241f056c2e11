/** Why the code of a script could not be read, and where. */

export interface SourceProblem {
  message: string;
  line: number; // from 1; 0 when nobody knows
  column: number;
}

/** What the server answered: its sentence opens with the place, unless the place stands beside it. */
export function sourceProblem(
  error: string | { message: string; line?: number | null; column?: number | null },
): SourceProblem {
  if (typeof error !== 'string') {
    return { message: error.message, line: error.line ?? 0, column: error.column ?? 1 };
  }
  const found = /^line (\d+)(?:, column (\d+))?: (.*)$/s.exec(error);
  if (!found) return { message: error, line: 0, column: 0 };
  return { message: found[3] ?? '', line: Number(found[1]), column: Number(found[2] ?? 1) };
}
