/** The editor's colours, read from the page's own tokens, so that both change together. */

import { editor } from 'monaco-editor/editor.js';

const NAME = 'wl';

/** Defines the theme from the tokens as they are now and redefines it whenever the page changes its
 * own; the returned function stops listening. */
export function followTheme(): () => void {
  const apply = (): void => defineTheme();
  apply();
  const observer = new MutationObserver(apply);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', apply);
  return () => {
    observer.disconnect();
    system.removeEventListener('change', apply);
  };
}

function defineTheme(): void {
  const probe = document.createElement('span');
  document.body.append(probe);
  const color = (token: string): string => hex(probe, token);
  const background = color('--bg');
  const dark = luminance(background) < 0.5;
  const soft = (token: string, alpha: string): string => color(token) + alpha;
  editor.defineTheme(NAME, {
    base: dark ? 'vs-dark' : 'vs',
    inherit: true,
    rules: tokenRules(dark, color('--text').slice(1)),
    colors: {
      'editor.background': background,
      'editor.foreground': color('--text'),
      'editorGutter.background': background,
      'editorLineNumber.foreground': color('--text-faint'),
      'editorLineNumber.activeForeground': color('--text'),
      'editor.lineHighlightBackground': soft('--bg-hover', '80'),
      'editor.lineHighlightBorder': '#00000000',
      'editor.selectionBackground': soft('--accent', '40'),
      'editor.inactiveSelectionBackground': soft('--accent', '22'),
      'editor.wordHighlightBackground': soft('--accent', '20'),
      'editorCursor.foreground': color('--accent-text'),
      'editorIndentGuide.background1': color('--border'),
      'editorIndentGuide.activeBackground1': color('--border-strong'),
      'editorBracketMatch.background': soft('--accent', '28'),
      'editorBracketMatch.border': '#00000000',
      'editorWidget.background': color('--bg-raised'),
      'editorWidget.border': color('--border-strong'),
      'editorHoverWidget.background': color('--bg-raised'),
      'editorHoverWidget.border': color('--border-strong'),
      'input.background': color('--bg'),
      'input.border': color('--border-strong'),
      focusBorder: color('--focus'),
      'scrollbar.shadow': '#00000000',
      'scrollbarSlider.background': soft('--neutral-solid', '40'),
      'scrollbarSlider.hoverBackground': soft('--neutral-solid', '70'),
      'editorError.foreground': color('--failure-solid'),
      'editorWarning.foreground': color('--warning-solid'),
      'diffEditor.insertedTextBackground': soft('--success-solid', '30'),
      'diffEditor.removedTextBackground': soft('--failure-solid', '30'),
      'diffEditor.insertedLineBackground': soft('--success-solid', '18'),
      'diffEditor.removedLineBackground': soft('--failure-solid', '18'),
    },
  });
  probe.remove();
  editor.setTheme(NAME);
}

/** Colours of code, at least 4.5:1 against the page in both themes. */
function tokenRules(dark: boolean, text: string): editor.ITokenThemeRule[] {
  const rule = (token: string, light: string, night: string): editor.ITokenThemeRule => ({
    token,
    foreground: dark ? night : light,
  });
  return [
    { token: '', foreground: text },
    rule('comment', '6b6d7a', '8b8d9a'),
    rule('string', '17703a', '8fd6a4'),
    // Python's grammar calls the quotes escapes; they look like their string.
    rule('string.escape', '17703a', '8fd6a4'),
    rule('string.key.json', '4a4ac0', 'b1b1fa'),
    rule('keyword', '8b2fa8', 'd19cf0'),
    rule('number', '0b5cad', '7cbcff'),
    rule('tag', '0b5cad', '7cbcff'),
    rule('type', '0f6a75', '74cfd9'),
    rule('identifier', text, text),
    rule('delimiter', '5b5d69', 'a3a5b1'),
    rule('operator', '5b5d69', 'a3a5b1'),
  ];
}

/** A token as #rrggbb, whatever notation it is written in. */
function hex(probe: HTMLElement, token: string): string {
  probe.style.color = `var(${token})`;
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
  const channel = (index: number): string =>
    Math.round(Number(parts[index] ?? 0))
      .toString(16)
      .padStart(2, '0');
  return `#${channel(0)}${channel(1)}${channel(2)}`;
}

function luminance(color: string): number {
  const at = (start: number): number => parseInt(color.slice(start, start + 2), 16) / 255;
  return 0.2126 * at(1) + 0.7152 * at(3) + 0.0722 * at(5);
}
