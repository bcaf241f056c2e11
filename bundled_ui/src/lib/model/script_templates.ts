/** What a new script may begin as. */

export interface Template {
  id: string;
  language: string;
  label: string;
  note: string;
  content: string;
}

const STARTER = `from __future__ import annotations

import time
from datetime import date
from typing import Literal


def main(
    name: str = "world",
    greeting: Literal["Hello", "Welcome", "Good morning"] = "Hello",
    times: int = 3,
    shout: bool = False,
    tags: list[str] | None = None,
    since: date | None = None,
) -> dict[str, object]:
    """Greets somebody, line by line.

    Args:
        name: Who is greeted.
        times: How many lines are printed, one every half second.
        shout: In capitals.
    """
    line = f"{greeting}, {name}!"
    if shout:
        line = line.upper()
    for count in range(times):
        print(f"{count + 1}. {line}")
        time.sleep(0.5)
    return {"greeting": line, "lines": times, "tags": tags or [], "since": str(since or "")}
`;

const BLANK = `def main():
    return None
`;

const HTTP = `from __future__ import annotations

import json
from urllib.request import Request, urlopen


def main(url: str, headers: dict | None = None, timeout_s: float = 10) -> object:
    """Fetches a URL and returns its JSON, or its text.

    Args:
        headers: Sent along, as {"Name": "value"}.
    """
    with urlopen(Request(url, headers=headers or {}), timeout=timeout_s) as answer:
        text = answer.read().decode()
        print(f"{answer.status} {answer.headers.get_content_type()}, {len(text)} characters")
    try:
        return json.loads(text)
    except ValueError:
        return text
`;

const ROWS = `from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Line:
    product: str
    price: float
    amount: int = 1


def main(lines: list[Line], tax_percent: float = 20) -> list[dict[str, object]]:
    """Prices an order: a list of objects in, a table out."""
    priced = []
    for line in lines:
        fields = line if isinstance(line, dict) else vars(line)
        net = float(fields["price"]) * int(fields.get("amount") or 1)
        total = round(net * (1 + tax_percent / 100), 2)
        priced.append({"product": fields["product"], "net": net, "total": total})
    return priced
`;

const TYPESCRIPT = `type Greeting = "Hello" | "Welcome" | "Good morning";

export async function main(
  name: string = "world",
  greeting: Greeting = "Hello",
  times: number = 3,
  tags: string[] = [],
) {
  const line = \`\${greeting}, \${name}!\`;
  for (let count = 1; count <= times; count++) {
    console.log(\`\${count}. \${line}\`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return { greeting: line, lines: times, tags };
}
`;

const BASH = `# Arguments come at the places that these lines give them.
name="\${1:-world}"
times="\${2:-3}"

for count in $(seq "$times"); do
  echo "$count. Hello, $name!"
  sleep 0.5
done

# The last line is the result; a file result.json would be one with a structure.
echo "greeted $name $times times"
`;

const GO = `package inner

import (
\t"fmt"
\t"strings"
)

type Person struct {
\tName string \`json:"name"\`
\tAge  int    \`json:"age"\`
}

func main(person Person, times int, greeting *string) (any, error) {
\tif times < 0 {
\t\treturn nil, fmt.Errorf("%d times is not possible", times)
\t}
\tword := "Hello"
\tif greeting != nil {
\t\tword = *greeting
\t}
\tfmt.Println("greeting", person.Name)
\treturn map[string]any{"text": strings.Repeat(word+" "+person.Name+" ", times)}, nil
}
`;

const POSTGRESQL = `\
-- $1 part (text) = a -- what names must hold
-- $2 most (int) = 10
-- result_collection=last_statement_all_rows
select table_schema, table_name
from information_schema.tables
where table_name like '%' || $1 || '%'
order by 1, 2
limit $2;
`;

const DUCKDB = `\
-- $most (int) = 5
select n, n * n as square
from range(100) as numbers(n)
order by square desc
limit $most;
`;

const MYSQL = `\
-- ? part (varchar(64)) = a
-- ? most (int) = 10
select table_schema, table_name
from information_schema.tables
where table_name like concat('%', ?, '%')
order by 1, 2
limit ?;
`;

const SQLITE = `\
-- :people (json) = [{"name": "Ada", "age": 36}, {"name": "Grace", "age": 45}]
-- :above (int) = 40
select value ->> 'name' as name, value ->> 'age' as age
from json_each(:people)
where value ->> 'age' > :above;
`;

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
