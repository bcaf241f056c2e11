import { describe, expect, it } from 'vitest';
import { blocksOf, spansOf } from './markdown';

describe('markdown', () => {
  it('has headings, paragraphs, lists, quotes, code and rules', () => {
    const text = '# A\nb\nc\n\n- x\n- y\n1. z\n> q\n> r\n\n---\n```js\n# no\n```\nend';
    expect(blocksOf(text)).toEqual([
      { kind: 'heading', level: 1, spans: [{ kind: 'text', text: 'A' }] },
      { kind: 'paragraph', spans: [{ kind: 'text', text: 'b c' }] },
      {
        kind: 'list',
        ordered: false,
        items: [[{ kind: 'text', text: 'x' }], [{ kind: 'text', text: 'y' }]],
      },
      { kind: 'list', ordered: true, items: [[{ kind: 'text', text: 'z' }]] },
      { kind: 'quote', spans: [{ kind: 'text', text: 'q r' }] },
      { kind: 'rule' },
      { kind: 'code', text: '# no' },
      { kind: 'paragraph', spans: [{ kind: 'text', text: 'end' }] },
    ]);
  });

  it('has tables, whose rows are as wide as their head', () => {
    const text = (...texts: string[]) => texts.map((one) => [{ kind: 'text', text: one }]);
    expect(blocksOf('see\n| a | b |\n|---|:-:|\n| 1 | x \\| y | z |\n| 2 |\nend')).toEqual([
      { kind: 'paragraph', spans: [{ kind: 'text', text: 'see' }] },
      { kind: 'table', head: text('a', 'b'), rows: [text('1', 'x | y'), [text('2')[0], []]] },
      { kind: 'paragraph', spans: [{ kind: 'text', text: 'end' }] },
    ]);
  });

  it('has words that stand out, and links to the web', () => {
    expect(spansOf('a **b** *c* `d` [e](https://f.example)')).toEqual([
      { kind: 'text', text: 'a ' },
      { kind: 'strong', text: 'b' },
      { kind: 'text', text: ' ' },
      { kind: 'em', text: 'c' },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: 'd' },
      { kind: 'text', text: ' ' },
      { kind: 'link', text: 'e', href: 'https://f.example' },
    ]);
  });

  it.each(['[x](javascript:alert(1))', '[x](data:text/html,y)', '<script>alert(1)</script>'])(
    'shows %s as the text that it is',
    (text) => {
      const spans = spansOf(text);
      expect(spans.every(({ kind }) => kind === 'text')).toBe(true);
      expect(spans.map((span) => span.text).join('')).toBe(text);
    },
  );

  it('comes to an end whatever the text', () => {
    for (const text of ['```', '- ', '>', '#', '*'.repeat(5000), '['.repeat(5000), '\n\n']) {
      expect(blocksOf(text)).toBeInstanceOf(Array);
    }
  });
});
