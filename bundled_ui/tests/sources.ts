/** The source files, as the tests of the house read them. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../src');

export interface Source {
  path: string; // From src/, with slashes: lib/ui/Button.svelte
  text: string;
}

export function sources(): Source[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(svelte|ts|css)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** Our own files that `source` imports, as paths from src/, without their endings where they have none. */
export function importsOf({ path, text }: Source): string[] {
  const specifiers = [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)];
  return specifiers
    .map(([, specifier]) => specifier!)
    .filter((specifier) => /^(\.|\$lib\/)/.test(specifier))
    .map((specifier) =>
      specifier.startsWith('$lib/')
        ? specifier.replace('$lib/', 'lib/')
        : relative(root, resolve(root, dirname(path), specifier)),
    );
}
