import { describe, expect, it } from 'vitest';
import { blankText, draftKey, parseDraft, sameText, textOf } from './local_draft';
import type { Json } from './schema';
import { isHash, joinPath, nameFrom, pathProblem, splitPath } from './script_path';
import { beginnings, isTemplate, templates, templatesOf } from './script_templates';
import { sourceProblem } from './source_problem';
import { decodeArgs, encodeArgs, quoted, webhook } from './share';

it.each([
  ['line 3, column 5: invalid syntax', { message: 'invalid syntax', line: 3, column: 5 }],
  ['line 2: odd', { message: 'odd', line: 2, column: 1 }],
  ['too large', { message: 'too large', line: 0, column: 0 }],
  [
    { message: 'm', line: 4, column: 2 },
    { message: 'm', line: 4, column: 2 },
  ],
  [{ message: 'm' }, { message: 'm', line: 0, column: 1 }],
])('finds the place in %j', (error, expected) => {
  expect(sourceProblem(error)).toEqual(expected);
});

describe('a path', () => {
  it.each(['u/me/x', 'f/ops/nightly', 'u/me/a/b/c', 'u/me.x/size-2'])('may be %s', (path) => {
    expect(pathProblem(path)).toBeNull();
    expect(joinPath(splitPath(path))).toBe(path);
  });
  it.each<[string, RegExp]>([
    ['', /Begin with/],
    ['me/x', /Begin with/],
    ['g/all/x', /Begin with/],
    ['u/me/größe', /letters/],
    ['u/me/', /name/],
    ['u/me/a//b', /empty/],
    ['u/me/a b', /“a b”/],
    ['u/me/../x', /“..”/],
    ['u/me/a\u0000', /letters/],
  ])('may not be %j', (path, reason) => expect(pathProblem(path)).toMatch(reason));

  it('is suggested by the summary', () => {
    expect(nameFrom('  Send the daily Réport! ')).toBe('send_the_daily_report');
    expect(nameFrom('日本')).toBe('');
  });
  it('is told from a hash', () => {
    expect([isHash('0123456789abcdef'), isHash('u/me/x')]).toEqual([true, false]);
  });
});

describe('arguments in a link', () => {
  it.each<Record<string, Json>>([
    {},
    { a: 'é ✓ 日本', b: [1, null], c: { d: true } },
    { long: 'x'.repeat(5000) },
  ])('come back as %j', (args) => expect(decodeArgs(encodeArgs(args))).toEqual(args));
  it.each([null, '', '%%%', 'WzFd', 'bm90IGpzb24'])('are none in %j', (text) =>
    expect(decodeArgs(text)).toBeNull(),
  );
});

it('writes a webhook call that a shell reads as it stands', () => {
  const at = { origin: 'https://x.test', workspace: 'main', path: 'u/me/a b' };
  const call = webhook(at, { wait: true, args: { q: "it's" } });
  expect(call.url).toBe('https://x.test/api/w/main/jobs/run_wait_result/p/u/me/a%20b');
  expect(call.curl).toContain(quoted('{"q":"it\'s"}'));
  expect(quoted("it's")).toBe("'it'\\''s'");
});

describe('the copy in the browser', () => {
  const text = blankText('def main(): ...', 'u/me');
  it('is read back', () => {
    const draft = { text, parentHash: 'abc', savedAt: '2026-01-01T00:00:00Z' };
    expect(parseDraft(JSON.stringify(draft))).toEqual(draft);
  });
  it.each([null, '', '{', '[]', '{"text": {}}', '{"text": null}'])('is not %j', (stored) =>
    expect(parseDraft(stored)).toBeNull(),
  );
  it('has a place per workspace and path', () => {
    expect(draftKey('a', null)).not.toBe(draftKey('b', null));
    expect(draftKey('a', 'u/me/x')).toBe('wl.draft.a.u/me/x');
  });
  it('is compared with what is deployed', () => {
    const deployed = { path: 'u/me/x', content: 'x', language: 'python3', timeout: null };
    expect(sameText(textOf(deployed), textOf({ ...deployed, tag: null }))).toBe(true);
    expect(sameText(textOf(deployed), textOf({ ...deployed, timeout: 5 }))).toBe(false);
    const minute = textOf({ ...deployed, cache_ttl: 60 });
    expect(sameText(minute, { ...minute, cache_ttl: '1m' })).toBe(true);
  });
  it('is read back when it was written before an option came', () => {
    const { cache_ttl: _, ...older } = text;
    const draft = { text: older, parentHash: '', savedAt: '2026-01-01T00:00:00Z' };
    expect(parseDraft(JSON.stringify(draft))?.text).toEqual(text);
  });
});

it('has templates with a main and different names', () => {
  expect(new Set(templates.map((template) => template.id)).size).toBe(templates.length);
  const begins: Record<string, RegExp> = {
    python3: /^def main\(/m,
    bun: /^export async function main\(/m,
    bash: /^name="\$\{1:-world\}"$/m,
    go: /^func main\(/m,
    php: /^function main\(/m,
    postgresql: /^-- \$1 part \(text\)/m,
    mysql: /^-- \? part/m,
    sqlite: /^-- :people \(json\)/m,
    duckdb: /^-- \$most \(int\)/m,
  };
  expect(beginnings).toEqual(Object.keys(begins));
  for (const { language, content } of templates) expect(content).toMatch(begins[language] ?? /$^/);
  expect(templatesOf('bash').map((template) => template.id)).toEqual(['starter-bash']);
  expect(isTemplate(templates[0].content)).toBe(true);
});
