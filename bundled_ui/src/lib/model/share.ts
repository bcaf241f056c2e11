/** Arguments inside a link, and the calls of a script's webhook. */

import { isObject, type Json } from './schema';

type Args = Record<string, Json>;

/** Arguments as base64url JSON, fit for a query; Unicode survives. */
export function encodeArgs(args: Args): string {
  const bytes = new TextEncoder().encode(JSON.stringify(args));
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** The arguments of a link, or null when the text is damaged. */
export function decodeArgs(text: string | null): Args | null {
  if (!text) return null;
  try {
    const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/').replace(/ /g, '+'));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export interface Webhook {
  url: string;
  curl: string;
}

/** The webhook of a script; `wait` answers with the result, else with the id of the run at once. */
export function webhook(
  { origin, workspace, path }: { origin: string; workspace: string; path: string },
  { wait, args }: { wait: boolean; args: Args },
): Webhook {
  const verb = wait ? 'run_wait_result' : 'run';
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const url = `${origin}/api/w/${encodeURIComponent(workspace)}/jobs/${verb}/p/${encoded}`;
  const curl = [
    `curl -X POST ${quoted(url)}`,
    `  -H "Authorization: Bearer $TOKEN"`,
    `  -H 'Content-Type: application/json'`,
    `  -d ${quoted(JSON.stringify(args))}`,
  ].join(' \\\n');
  return { url, curl };
}

/** One word of a shell, whatever is in it. */
export const quoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`;
