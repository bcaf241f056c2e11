import { describe, expect, it } from 'vitest';
import type { Json } from './json_view';
import { bytesOf, richOf } from './rich';

describe('a result that asks to be shown', () => {
  it.each<[Json, unknown]>([
    [{ png: 'aGk=' }, { kind: 'image', source: 'data:image/png;base64,aGk=', name: 'image.png' }],
    [
      { jpeg: { content: 'aGk=' } },
      { kind: 'image', source: 'data:image/jpeg;base64,aGk=', name: 'image.jpeg' },
    ],
    [
      { gif: 'data:image/gif;base64,aGk=' },
      { kind: 'image', source: 'data:image/gif;base64,aGk=', name: 'image.gif' },
    ],
    [{ html: '<b>x</b>' }, { kind: 'html', html: '<b>x</b>' }],
    [{ markdown: '# x' }, { kind: 'markdown', text: '# x' }],
    [{ md: 'x' }, { kind: 'markdown', text: 'x' }],
    [
      { file: 'aGk=', filename: 'a/b.txt' },
      { kind: 'file', name: 'b.txt', base64: 'aGk=' },
    ],
    [{ file: 'aGk=' }, { kind: 'file', name: 'file', base64: 'aGk=' }],
    [
      { file: { content: 'aGk=', filename: 'x.pdf' } },
      { kind: 'file', name: 'x.pdf', base64: 'aGk=' },
    ],
    [{ render_all: [1, { md: 'x' }] }, { kind: 'all', parts: [1, { md: 'x' }] }],
  ])('%j', (value, rich) => expect(richOf(value)).toEqual(rich));

  it('puts a drawing into an image, where its scripts sleep', () => {
    const rich = richOf({ svg: '<svg onload="x()"/>' });
    expect(rich).toMatchObject({ kind: 'image' });
    expect(JSON.stringify(rich)).not.toContain('<svg');
  });

  it.each<Json>([
    null,
    'png',
    [{ png: 'aGk=' }],
    { png: 'no base64!' },
    { png: 7 },
    { png: 'aGk=', more: 1 },
    { file: 'aGk=', other: 1 },
    { file: '' },
    { html: 7 },
    { render_all: 'x' },
    {},
  ])('and one that does not: %j', (value) => expect(richOf(value)).toBeNull());

  it('gives the bytes of a file, or says that there are none', () => {
    expect(bytesOf('aG\nk=')).toEqual(new Uint8Array([104, 105]));
    expect(bytesOf('a')).toBeNull();
  });
});
