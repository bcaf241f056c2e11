/** Matching of URL paths, without a browser. A pattern is literal segments, `:name` for one segment and
 * a final `*name` for the rest, slashes included: `/scripts/get/*path`. */

export type Params = Record<string, string>;

/** The parameters of `path` under `pattern`, percent-decoded, or null when it does not match. */
export function match(pattern: string, path: string): Params | null {
  const wanted = segments(pattern);
  const given = segments(path);
  const params: Params = {};
  for (const [index, want] of wanted.entries()) {
    const have = given[index];
    if (have === undefined) return null;
    if (want.startsWith('*')) {
      params[want.slice(1)] = given.slice(index).map(decode).join('/');
      return params;
    }
    if (want.startsWith(':')) params[want.slice(1)] = decode(have);
    else if (want !== have) return null;
  }
  return given.length === wanted.length ? params : null;
}

/** The first entry of `table` whose pattern matches: order is priority. */
export function find<R extends { pattern: string }>(
  table: readonly R[],
  path: string,
): { route: R; params: Params } | null {
  for (const route of table) {
    const params = match(route.pattern, path);
    if (params) return { route, params };
  }
  return null;
}

/** Percent-encodes a Windmill path segment by segment: its slashes stay slashes. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function segments(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // A stray % typed by a person: show what was typed.
  }
}
