"""A script in the grammar of a newer Python, as the Python that reads it here can.

It runs on the one that it asks for (`#py: >=3.12`), and its parameters and imports are read before
that. Written anew is what 3.12 to 3.14 brought: `type X = ...` becomes `X = ...`, parameters of
types after a name go, f-strings and t-strings lose what is in them, `except A, B:` gets its
parentheses. No line moves; columns behind what was written anew may.
"""

from __future__ import annotations

import ast
import re
from typing import Final

_ASKED: Final = re.compile(r"^#[ \t]*(?:py:|requires-python\b)[^\n]*", re.MULTILINE)
_OLDEST: Final = 11  # of 3: all that reads scripts knows its grammar
_MINOR: Final = re.compile(r"(?<![\d.])3\.(\d{1,3})")
#: What scanning stops at. Each expression takes time in proportion to the text.
_NEXT: Final = re.compile(
    r"#[^\n]*|(?:(?<!\w)(?P<prefix>[a-zA-Z]{1,2}))?(?P<quote>\"\"\"|'''|\"|')"
    r"|(?P<word>\w+)|(?P<sign>\\\n|[()\[\]{}:;\n])"
)
_NAMED: Final = re.compile(r"[ \t]+(?P<name>\w+)[ \t]*\[")
_ALIAS: Final = re.compile(r"[ \t]+(?P<name>\w+)[ \t]*(?P<open>\[)?")
_IS: Final = re.compile(r"[ \t]*=(?!=)")
_EXCEPTIONS: Final = re.compile(r"[ \t]+(?P<all>[\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)[ \t]*:")


def asks_for_newer(text: str) -> bool:
    """Whether the script says that it runs on a newer Python than ours may be."""
    asked = (minor for line in _ASKED.findall(text) for minor in _MINOR.findall(line))
    return any(int(minor) > _OLDEST for minor in asked)


def older(text: str) -> str:
    """The text in older words; what is no Python at all stays none."""
    return _Rewriting(text).done()


class _Rewriting:
    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces: list[str] = []
        self._until = 0  # of the text, all before is in the pieces
        self._parameters: dict[str, None] = {}  # names of types that are nothing any more

    def done(self) -> str:
        at, depth, fresh = 0, 0, True
        while (found := _NEXT.search(self._text, at)) is not None:
            at, sign = found.end(), found["sign"]
            if found["quote"]:
                at = self._literal(found)
            elif found["word"]:
                at = self._word(found, fresh=fresh)
            elif sign:
                depth += (sign in "([{") - (sign in ")]}")
            fresh = not depth and (sign in ("\n", ";") or (fresh and found[0][0] in "#\\"))
        # Like any other name that could be anything.
        unknown = "".join(f"\n{name} = object" for name in self._parameters)
        return "".join([*self._pieces, self._text[self._until :], unknown])

    def _put(self, start: int, end: int, words: str) -> int:
        self._pieces += (self._text[self._until : start], words)
        self._until = end
        return end

    def _word(self, found: re.Match[str], *, fresh: bool) -> int:
        text, end = self._text, found.end()
        match found["word"]:
            case "def" | "class" if named := _NAMED.match(text, end):
                return self._forget(named.end() - 1)
            case "type" if fresh and (alias := _ALIAS.match(text, end)):
                past = _after_group(text, alias.end()) if alias["open"] else alias.end()
                if _IS.match(text, past):
                    self._remember(alias.end(), past - 1)
                    lines = "\\\n" * text.count("\n", end, past)
                    return self._put(found.start(), past, alias["name"] + " " + lines)
            case "except" if fresh and (several := _EXCEPTIONS.match(text, end)):
                return self._put(several.start("all"), several.end("all"), f"({several['all']})")
        return end

    def _forget(self, start: int) -> int:
        """The parameters of types that open here; a line that ends in them is joined."""
        end = _after_group(self._text, start + 1)
        if end > len(self._text):
            return end
        self._remember(start + 1, end - 1)
        return self._put(start, end, "\\\n" * self._text.count("\n", start, end))

    def _remember(self, start: int, end: int) -> None:
        try:  # they are written like parameters of functions
            found = ast.parse(f"def _({self._text[start:end]}\n): 0").body[0]
        except (SyntaxError, SystemError):
            return
        assert isinstance(found, ast.FunctionDef), "it begins with def"
        names = found.args
        every = (*names.args, *names.kwonlyargs, names.vararg, names.kwarg)
        self._parameters |= dict.fromkeys(each.arg for each in every if each is not None)

    def _literal(self, found: re.Match[str]) -> int:
        end = _after_literal(self._text, found)
        if not _holds_code(found) or end > len(self._text):
            return end
        start, quote = found.start(), found["quote"]
        lines = self._text.count("\n", start, end)
        holds = "{0}" if "{" in self._text[start:end] else ""
        quote = '"""' if lines else quote
        return self._put(start, end, f"f{quote}{holds}" + "\n" * lines + quote)


def _holds_code(found: re.Match[str]) -> bool:
    return any(letter in "fFtT" for letter in found["prefix"] or "")


def _after_literal(text: str, found: re.Match[str]) -> int:
    """The place after the string that begins there; after the text, if it does not end."""
    quote, code = found["quote"], _holds_code(found)
    raw = any(letter in "rR" for letter in found["prefix"] or "")
    at = found.end()
    while at < len(text):
        if text.startswith(quote, at):
            return at + len(quote)
        if text[at] == "\\":
            if not raw and text.startswith("\\N{", at):
                at = text.find("}", at) + 1 or len(text)
            else:
                at += 1 if code and text[at + 1 : at + 2] in ("{", "}") else 2
        elif code and text[at] == "{":
            at = at + 2 if text.startswith("{{", at) else _after_field(text, at + 1)
        else:
            at += 1
    return len(text) + 1


def _after_field(text: str, at: int) -> int:
    """The place after what braces of a string hold: an expression, and how it is written."""
    end = _after_group(text, at, until=":")
    if text[end - 1 : end] != ":":
        return end
    while end < len(text) and text[end] != "}":
        end = _after_field(text, end + 1) if text[end] == "{" else end + 1
    return end + 1


def _after_group(text: str, at: int, *, until: str = "") -> int:
    """The place after the bracket that closes what is open, or after `until` before it; after the
    text, if there is none.
    """
    depth = 1
    while depth and (found := _NEXT.search(text, at)) is not None:
        at, sign = found.end(), found["sign"]
        if found["quote"]:
            at = _after_literal(text, found)
        elif sign and sign == until and depth == 1:
            return at
        elif sign:
            depth += (sign in "([{") - (sign in ")]}")
    return len(text) + 1 if depth else at
