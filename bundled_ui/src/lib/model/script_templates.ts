/** What a new script may begin as. */

export interface Template {
  id: string;
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

export const templates: readonly [Template, ...Template[]] = [
  {
    id: 'starter',
    label: 'Starter',
    note: 'Typed parameters of every common kind, logs and a result',
    content: STARTER,
  },
  { id: 'blank', label: 'Blank', note: 'An empty main', content: BLANK },
  {
    id: 'http',
    label: 'HTTP request',
    note: 'Fetch a URL with the standard library',
    content: HTTP,
  },
  { id: 'table', label: 'Objects and a table', note: 'A dataclass in, rows out', content: ROWS },
];

export const isTemplate = (content: string): boolean =>
  templates.some((template) => template.content === content);
