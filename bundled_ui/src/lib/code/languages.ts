/** Which languages the editor colours. Each grammar is a chunk of its own, fetched when first shown. */

import { languages } from 'monaco-editor/editor.js';
import 'monaco-editor/languages/definitions/go/register.js';
import 'monaco-editor/languages/definitions/pgsql/register.js';
import 'monaco-editor/languages/definitions/php/register.js';
import 'monaco-editor/languages/definitions/python/register.js';
import 'monaco-editor/languages/definitions/shell/register.js';
import 'monaco-editor/languages/definitions/sql/register.js';
import 'monaco-editor/languages/definitions/typescript/register.js';

/** Windmill's language names to the editor's; what is not here is shown as plain text. */
const NAMES: Record<string, string> = {
  python3: 'python',
  python: 'python',
  deno: 'typescript',
  bun: 'typescript',
  nativets: 'typescript',
  bunnative: 'typescript',
  typescript: 'typescript',
  go: 'go',
  php: 'php',
  bash: 'shell',
  shell: 'shell',
  json: 'json',
  postgresql: 'pgsql',
  mysql: 'sql',
  mssql: 'sql',
  bigquery: 'sql',
  snowflake: 'sql',
  duckdb: 'sql',
  sqlite: 'sql',
  oracledb: 'sql',
  sql: 'sql',
};

export const editorLanguage = (language: string): string => NAMES[language] ?? 'plaintext';

/** Indentation by the custom of each language. */
export const tabSize = (language: string): number =>
  ['python', 'go', 'php', 'shell'].includes(editorLanguage(language)) ? 4 : 2;

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;

/** JSON needs colours only, not the language service with a worker of its own. */
export function registerJson(): void {
  languages.register({ id: 'json' });
  languages.setLanguageConfiguration('json', {
    brackets: [
      ['{', '}'],
      ['[', ']'],
    ],
    autoClosingPairs: [
      { open: '{', close: '}', notIn: ['string'] },
      { open: '[', close: ']', notIn: ['string'] },
      { open: '"', close: '"', notIn: ['string'] },
    ],
  });
  languages.setMonarchTokensProvider('json', {
    tokenizer: {
      root: [
        [/"(?:[^"\\]|\\.)*"(?=\s*:)/, 'string.key.json'],
        [/"/, 'string', '@string'],
        [/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/, 'number'],
        [/\b(?:true|false|null)\b/, 'keyword'],
        [/[{}[\]]/, '@brackets'],
        [/[,:]/, 'delimiter'],
      ],
      string: [
        [/[^"\\]+/, 'string'],
        [ESCAPE, 'string.escape'],
        [/\\./, 'invalid'],
        [/"/, 'string', '@pop'],
      ],
    },
  });
}
