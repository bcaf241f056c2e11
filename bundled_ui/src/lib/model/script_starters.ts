/** The code that templates begin a script with. */

export const STARTER = `from __future__ import annotations

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

export const BLANK = `def main():
    return None
`;

export const HTTP = `from __future__ import annotations

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

export const ROWS = `from __future__ import annotations

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

export const TYPESCRIPT = `type Greeting = "Hello" | "Welcome" | "Good morning";

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

export const BASH = `# Arguments come at the places that these lines give them.
name="\${1:-world}"
times="\${2:-3}"

for count in $(seq "$times"); do
  echo "$count. Hello, $name!"
  sleep 0.5
done

# The last line is the result; a file result.json would be one with a structure.
echo "greeted $name $times times"
`;

export const PHP = `<?php

/**
 * Greets somebody.
 * @param string $name whom to greet
 * @param string[] $languages what they speak
 */
function main(string $name = 'world', int $times = 1, array $languages = ['en']): array
{
    echo "hello $name\\n";

    return [
        'greetings' => array_fill(0, $times, "hello $name"),
        'languages' => $languages,
        'server' => getenv('WM_BASE_URL'),
    ];
}
`;

export const GO = `package inner

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

export const POSTGRESQL = `\
-- $1 part (text) = a -- what names must hold
-- $2 most (int) = 10
-- result_collection=last_statement_all_rows
select table_schema, table_name
from information_schema.tables
where table_name like '%' || $1 || '%'
order by 1, 2
limit $2;
`;

export const DUCKDB = `\
-- $most (int) = 5
select n, n * n as square
from range(100) as numbers(n)
order by square desc
limit $most;
`;

export const MYSQL = `\
-- ? part (varchar(64)) = a
-- ? most (int) = 10
select table_schema, table_name
from information_schema.tables
where table_name like concat('%', ?, '%')
order by 1, 2
limit ?;
`;

export const SQLITE = `\
-- :people (json) = [{"name": "Ada", "age": 36}, {"name": "Grace", "age": 45}]
-- :above (int) = 40
select value ->> 'name' as name, value ->> 'age' as age
from json_each(:people)
where value ->> 'age' > :above;
`;
