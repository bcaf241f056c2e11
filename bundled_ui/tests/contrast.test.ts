/** Text must be readable in both themes: the tokens are measured as WCAG 2 measures contrast. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('../src/styles/tokens.css', import.meta.url), 'utf8');
type Theme = 'light' | 'dark';

function token(name: string, theme: Theme): string {
  const pair = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css);
  const single = new RegExp(`--${name}: (#\\w{6});`).exec(css);
  const value = pair ? pair[theme === 'light' ? 1 : 2] : single?.[1];
  if (!value) throw new Error(`tokens.css has no plain colour --${name}`);
  return value;
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

const surfaces = ['bg', 'bg-sunken', 'bg-raised', 'bg-hover', 'bg-code'];
const texts = ['text', 'text-muted', 'text-faint', 'accent-text'];
const tones = ['success', 'failure', 'running', 'warning'];
const pairs: [text: string, ground: string][] = [
  ...texts.flatMap((text) => surfaces.map((ground): [string, string] => [text, ground])),
  ...tones.flatMap((tone): [string, string][] => [
    [`${tone}-text`, `${tone}-soft`],
    [`${tone}-text`, 'bg-raised'],
    [`${tone}-text`, 'bg-hover'],
  ]),
  ['text', 'bg-active'],
  ['text-muted', 'neutral-soft'],
  ['accent-text', 'accent-soft'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-accent', 'danger'],
  ['on-accent', 'danger-hover'],
  ['text-inverse', 'bg-inverse'],
];

describe.each<Theme>(['light', 'dark'])('in the %s theme', (theme) => {
  test.each(pairs)('%s is readable on %s', (text, ground) => {
    expect(contrast(token(text, theme), token(ground, theme))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['accent', 'focus', 'border-control'])('%s can be told from the page', (name) => {
    expect(contrast(token(name, theme), token('bg', theme))).toBeGreaterThanOrEqual(3);
  });
});
