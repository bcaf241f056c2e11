/** What a language is called, in two letters and in full. */
const WORDS: Record<string, [short: string, name: string]> = {
  python3: ['Py', 'Python'],
  bun: ['TS', 'TypeScript (Bun)'],
  deno: ['TS', 'TypeScript (Deno)'],
  nativets: ['TS', 'TypeScript'],
  bash: ['Sh', 'Bash'],
  powershell: ['PS', 'PowerShell'],
  go: ['Go', 'Go'],
  postgresql: ['SQL', 'PostgreSQL'],
  mysql: ['SQL', 'MySQL'],
  duckdb: ['SQL', 'DuckDB'],
  sqlite: ['SQL', 'SQLite'],
  graphql: ['GQL', 'GraphQL'],
  php: ['PHP', 'PHP'],
  rust: ['Rs', 'Rust'],
  ruby: ['Rb', 'Ruby'],
};

export function languageWords(language: string): [short: string, name: string] {
  return WORDS[language] ?? [language.slice(0, 3), language];
}
