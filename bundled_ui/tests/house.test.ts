/** The rules that the whole of src/ keeps. They are told in README.md. */
import { describe, expect, test } from 'vitest';
import { importsOf, sources, type Source } from './sources';

const all = sources();
const code = all.filter(({ path }) => /\.(svelte|ts)$/.test(path) && !/\.test\.ts$/.test(path));

/** The room of a path: `lib/ui`, `features/runs`, or '' for what stands above all rooms. */
function roomOf(path: string): string {
  const [top, room] = path.split('/');
  return room && (top === 'lib' || top === 'features') && path.split('/').length > 2
    ? `${top}/${room}`
    : '';
}

/** What each room may look down on, besides itself. */
const below: Record<string, string[]> = {
  'lib/model': [],
  'lib/ui': [],
  'lib/api': ['lib/model'],
  'lib/state': ['lib/api', 'lib/model', 'lib/ui'],
  'lib/code': ['lib/model', 'lib/ui', 'lib/state'],
  'lib/form': ['lib/model', 'lib/ui', 'lib/code', 'lib/state'],
  'lib/run': ['lib/api', 'lib/model', 'lib/ui', 'lib/state', 'lib/code', 'lib/form'],
};
const anyLib = Object.keys(below);

/** The shell draws the navigation and the pages from the table; pages take from it only a type. */
function mayImportTable(source: Source): boolean {
  return (
    source.path.startsWith('features/shell/') ||
    /import type \{[^}]*\} from '[./]*routes'/.test(source.text)
  );
}

function offences(source: Source): string[] {
  const room = roomOf(source.path);
  if (room === '') return [];
  const allowed = [room, ...(below[room] ?? anyLib)];
  return importsOf(source)
    .filter((path) => {
      if (/^routes(\.ts)?$/.test(path)) return !mayImportTable(source);
      return !allowed.includes(roomOf(path));
    })
    .map((path) => `${source.path} imports ${path}`);
}

describe('floors', () => {
  test('code looks down and never at its neighbour', () => {
    expect(code.flatMap(offences)).toEqual([]);
  });

  test('an offence would be seen', () => {
    const bad = { path: 'features/runs/X.svelte', text: "import A from '../home/A.svelte'" };
    expect(offences(bad)).toEqual(['features/runs/X.svelte imports features/home/A.svelte']);
    expect(offences({ path: 'lib/ui/X.ts', text: "import '$lib/model/job'" })).toHaveLength(1);
  });

  test('the model knows neither Svelte nor the browser', () => {
    const loud = /from 'svelte|\b(document|window|localStorage|fetch)\b\s*[.(]/;
    const model = code.filter(({ path }) => path.startsWith('lib/model/'));
    const found = model.filter(({ text }) =>
      loud.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')),
    );
    expect(found.map(({ path }) => path)).toEqual([]);
  });
});

describe('sizes', () => {
  const limit = (path: string) =>
    path.endsWith('.svelte.ts')
      ? 300
      : path.endsWith('.svelte') || path.startsWith('lib/model/')
        ? 200
        : 300;

  test('no file outgrows its kind', () => {
    const long = code
      .filter(({ path }) => !path.endsWith('schema.d.ts'))
      .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
      .filter(({ path, lines }) => lines > limit(path));
    expect(long).toEqual([]);
  });
});

describe('the Content-Security-Policy', () => {
  test('no markup carries a style of its own', () => {
    const inline = code.filter(
      ({ path, text }) => path.endsWith('.svelte') && /\sstyle="/.test(text),
    );
    expect(inline.map(({ path }) => path)).toEqual([]);
  });

  test('nothing comes from elsewhere', () => {
    const remote = all.filter(({ text }) =>
      /(src|href)="https?:|url\(['"]?https?:|@import/.test(text),
    );
    expect(remote.map(({ path }) => path)).toEqual([]);
  });
});

test('colours are written in tokens.css only', () => {
  const literal = /#[0-9a-f]{3,8}\b(?![^{}]*\{)|\brgba?\(|\bhsla?\(/i;
  const styled = all
    .filter(({ path }) => path !== 'styles/tokens.css' && /\.(svelte|css)$/.test(path))
    .map(({ path, text }) => ({
      path,
      style: path.endsWith('.css') ? text : (/<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? ''),
    }));
  expect(styled.filter(({ style }) => literal.test(style)).map(({ path }) => path)).toEqual([]);
});
