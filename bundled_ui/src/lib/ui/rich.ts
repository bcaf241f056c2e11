/** Results that ask to be shown as what they are, in Windmill's words: `{"png": base64}`, `{"html": …}`,
 * `{"file": base64, "filename": …}`, `{"render_all": […]}`. Whatever a script returns is a stranger's: html is
 * shown in a frame that can do nothing, a drawing as an image, and nothing of it is put into the page. */
import type { Json } from './json_view';

export type Rich =
  | { kind: 'image'; source: string; name: string }
  | { kind: 'html'; html: string }
  | { kind: 'markdown'; text: string }
  | { kind: 'file'; name: string; base64: string }
  | { kind: 'all'; parts: Json[] };

/** Parts of a `render_all` that are shown; the others stay in the tree. */
export const PARTS_SHOWN = 50;

const IMAGES: Record<string, string> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

/** How a value asks to be shown; null when it is JSON like any other. */
export function richOf(value: Json | undefined): Rich | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const keys = Object.keys(value);
  if (typeof value.file === 'string' && keys.every((key) => key === 'file' || key === 'filename')) {
    return fileOf(value.file, value.filename);
  }
  const key = keys[0];
  if (keys.length !== 1 || key === undefined) return null;
  const content = value[key];
  if (key === 'render_all' && Array.isArray(content)) return { kind: 'all', parts: content };
  if (key === 'file') return fileIn(content);
  const text = textIn(content);
  return text === null ? null : shown(key, text);
}

function shown(key: string, text: string): Rich | null {
  if (key === 'html') return { kind: 'html', html: text };
  if (key === 'markdown' || key === 'md') return { kind: 'markdown', text };
  if (key === 'svg') {
    const source = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    return { kind: 'image', source, name: 'drawing.svg' };
  }
  const type = IMAGES[key];
  const bare = text.replace(/^data:[\w/+.-]+;base64,/, '');
  if (!type || !isBase64(bare)) return null;
  return { kind: 'image', source: `data:${type};base64,${bare}`, name: `image.${key}` };
}

/** A file as an object of its own: `{"file": {"content": base64, "filename": …}}`. */
function fileIn(content: Json | undefined): Rich | null {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return null;
  return typeof content.content === 'string' ? fileOf(content.content, content.filename) : null;
}

function fileOf(base64: string, name: Json | undefined): Rich | null {
  if (!isBase64(base64)) return null;
  const plain = typeof name === 'string' ? (name.split(/[/\\]/).pop() ?? '') : '';
  return { kind: 'file', name: plain || 'file', base64 };
}

/** A text, or one that comes as `{"content": text}`. */
function textIn(content: Json | undefined): string | null {
  if (typeof content === 'string') return content;
  const inner =
    typeof content === 'object' && content !== null && !Array.isArray(content)
      ? content.content
      : null;
  return typeof inner === 'string' ? inner : null;
}

const isBase64 = (text: string): boolean => text !== '' && /^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text);

/** The bytes of a file; null when they are none. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    const text = atob(base64.replace(/\s/g, ''));
    return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
  } catch {
    return null;
  }
}
