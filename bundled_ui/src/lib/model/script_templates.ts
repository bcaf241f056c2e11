/** What a new script may begin as. */

import {
  BASH,
  BLANK,
  DUCKDB,
  GO,
  PHP,
  HTTP,
  MYSQL,
  POSTGRESQL,
  ROWS,
  SQLITE,
  STARTER,
  TYPESCRIPT,
} from './script_starters';

export interface Template {
  id: string;
  language: string;
  label: string;
  note: string;
  content: string;
}

export const templates: readonly [Template, ...Template[]] = [
  {
    id: 'starter',
    language: 'python3',
    label: 'Starter',
    note: 'Typed parameters of every common kind, logs and a result',
    content: STARTER,
  },
  { id: 'blank', language: 'python3', label: 'Blank', note: 'An empty main', content: BLANK },
  {
    id: 'http',
    language: 'python3',
    label: 'HTTP request',
    note: 'Fetch a URL with the standard library',
    content: HTTP,
  },
  {
    id: 'table',
    language: 'python3',
    label: 'Objects and a table',
    note: 'A dataclass in, rows out',
    content: ROWS,
  },
  {
    id: 'starter-ts',
    language: 'bun',
    label: 'Starter',
    note: 'Typed parameters, logs and a result',
    content: TYPESCRIPT,
  },
  {
    id: 'starter-bash',
    language: 'bash',
    label: 'Starter',
    note: 'Arguments by place, the last line as the result',
    content: BASH,
  },
  {
    id: 'starter-go',
    language: 'go',
    label: 'Starter',
    note: 'Typed parameters, an error and a result',
    content: GO,
  },
  {
    id: 'starter-php',
    language: 'php',
    label: 'Starter',
    note: 'Typed parameters, their comments and a result',
    content: PHP,
  },
  {
    id: 'starter-postgresql',
    language: 'postgresql',
    label: 'Starter',
    note: 'A resource to connect to, typed values, rows',
    content: POSTGRESQL,
  },
  {
    id: 'starter-mysql',
    language: 'mysql',
    label: 'Starter',
    note: 'A resource to connect to, typed values, rows',
    content: MYSQL,
  },
  {
    id: 'starter-sqlite',
    language: 'sqlite',
    label: 'Starter',
    note: 'A database in memory: ask JSON in SQL',
    content: SQLITE,
  },
  {
    id: 'starter-duckdb',
    language: 'duckdb',
    label: 'Starter',
    note: 'A database in memory that reads files and addresses',
    content: DUCKDB,
  },
];

/** What a script may be begun in: every language that has a template, in the order of those. */
export const beginnings: readonly string[] = [...new Set(templates.map((one) => one.language))];

export const templatesOf = (language: string): readonly Template[] =>
  templates.filter((template) => template.language === language);

export const isTemplate = (content: string): boolean =>
  templates.some((template) => template.content === content);
