/** Narrowing the list of scripts on the home page: what is asked for and how it stands in the address. */
import { search } from './fuzzy';

export interface ScriptFilter {
  text: string;
  owner: string; // `f/ops` or `u/ada`; '' for all
  kind: string; // '' for all
  archived: boolean;
}

export interface ScriptItem {
  path: string;
  summary: string;
  kind: string;
}

export function scriptFilterOf(query: URLSearchParams): ScriptFilter {
  return {
    text: query.get('q') ?? '',
    owner: query.get('owner') ?? '',
    kind: query.get('kind') ?? '',
    archived: query.get('archived') === 'true',
  };
}

export function scriptQueryOf(filter: ScriptFilter): URLSearchParams {
  const query = new URLSearchParams();
  if (filter.text.trim()) query.set('q', filter.text);
  if (filter.owner) query.set('owner', filter.owner);
  if (filter.kind) query.set('kind', filter.kind);
  if (filter.archived) query.set('archived', 'true');
  return query;
}

/** The items that pass; in their order, or best first where text was typed. */
export function filterScripts<S extends ScriptItem>(
  items: readonly S[],
  filter: ScriptFilter,
): S[] {
  const kept = items.filter(
    ({ path, kind }) =>
      (!filter.owner || ownerOf(path) === filter.owner) && (!filter.kind || kind === filter.kind),
  );
  return search(filter.text, kept, ({ path, summary }) => `${path} ${summary}`);
}

/** The owners that occur, folders first, each once and sorted. */
export function ownersOf(items: readonly ScriptItem[]): string[] {
  return [...new Set(items.map(({ path }) => ownerOf(path)))].sort();
}

/** `f/ops` of `f/ops/clean/old`. */
export function ownerOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}
