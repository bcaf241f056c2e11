"""The packages a Python script asks for, as its author wrote them down or as its imports say.

Written down, any of these may stand in the script, and take the place of what its imports say:

    #requirements:          a line of a comment for each package, to the first line that is none
    #httpx==0.27
    # /// script            inline metadata of the Python Packaging Authority (PEP 723)
    # requires-python = ">=3.11"
    # dependencies = ["httpx"]
    # ///

`#extra_requirements:` opens a block that is added to the imports. At an import, `# pin: x==1` names
what it comes from; `# repin: x==2` does so for every import of that package, also those of
workspace scripts that are imported. `#py: >=3.12` says which Pythons will do.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from windmill_lite.base.errors import Invalid
from windmill_lite.core.dependencies import python
from windmill_lite.core.dependencies.names import packages_of

_BLOCK: Final = re.compile(r"#[ \t]*(?P<extra>extra_)?requirements:[ \t]*")
_METADATA: Final = re.compile(r"# /// script[ \t]*")
_PIN: Final = re.compile(r"#[ \t]*(?P<again>re)?pin:[ \t]*(?P<what>\S[^#]*)")
_PY: Final = re.compile(r"#[ \t]*py:[ \t]*(?P<spec>[<>=!~ \d.*,]+)")
_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
#: A name, extras, versions and a marker: what a registry can answer. No option, path or address.
_REQUIREMENT: Final = re.compile(
    rf"(?!.*\s-)(?P<name>{_NAME})[ ]*(?:\[[\w ,.-]*\])?[ ]*"
    r"(?:\(?[ ]*(?:===|[<>=!~]=|[<>])[\w .*+!<>=~,-]+\)?)?"
    r"[ ]*(?:;[\w \"'.<>=!~()+*-]+)?"
)
REQUIREMENTS_MAX: Final = 500  # of one script with all it imports


@dataclass(frozen=True, slots=True)
class Wanted:
    """`packages` are requirement lines by normalized name, in order; `pythons` version specifiers,
    all of which must hold.
    """

    packages: tuple[str, ...]
    pythons: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    """Of one text; by normalized name of the package, what stands there."""

    lines: dict[str, list[str]]
    again: dict[str, list[str]]
    pythons: list[str]


def wanted(sources: Sequence[str], standard: frozenset[str]) -> Wanted:
    """What a script (the first of the sources) and the workspace scripts it imports need.

    `standard` names the modules that Python brings. A text that does not parse needs what is
    written down in it. Fails: `Invalid`, naming the line that is no requirement of a registry.
    """
    lines: dict[str, list[str]] = {}
    again: dict[str, list[str]] = {}
    pythons: list[str] = []
    for source in sources:
        found = _of(source, standard)
        for name, each in found.lines.items():
            lines.setdefault(name, []).extend(each)
        for name, each in found.again.items():
            again.setdefault(name, each)
        pythons += found.pythons
    chosen = [line for name in sorted(lines | again) for line in _chosen(name, lines, again)]
    if len(chosen) > REQUIREMENTS_MAX:
        raise Invalid(f"the script needs more than {REQUIREMENTS_MAX} packages", field="content")
    return Wanted(tuple(chosen), tuple(dict.fromkeys(pythons)))


def normalized(name: str) -> str:
    """The one form of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _chosen(name: str, lines: dict[str, list[str]], again: dict[str, list[str]]) -> list[str]:
    """All that is said of a package; its bare name only where nothing else is."""
    said = list(dict.fromkeys(again.get(name) or lines[name]))
    return [line for line in said if normalized(line) != name] or said[:1]


def _of(source: str, standard: frozenset[str]) -> _Found:
    found = _Found({}, {}, [])
    rows = source.splitlines()
    written, instead = _written_down(rows, found.pythons)
    for line in written:
        found.lines.setdefault(_name_of(line), []).append(line)
    if not instead:
        _add_imports(source, rows, standard, found)
    return found


def _add_imports(source: str, rows: list[str], standard: frozenset[str], found: _Found) -> None:
    for each in python.imports(source):
        if each.level or each.top in standard or python.of_workspace(each):
            continue
        pin = _pin(rows, each.line, each.last_line)
        if pin is None:
            for package in packages_of(each.module, each.names):
                found.lines.setdefault(_name_of(package), []).append(package)
            continue
        line = _checked(pin["what"].strip())
        kind = found.again if pin["again"] else found.lines
        kind.setdefault(_name_of(line), []).append(line)


def _pin(rows: list[str], first: int, last: int) -> re.Match[str] | None:
    for row in rows[first - 1 : last]:
        if "pin:" in row and (pin := _PIN.search(row)) is not None:
            return pin
    return None


def _written_down(rows: list[str], pythons: list[str]) -> tuple[list[str], bool]:
    """The lines of all blocks, and whether they take the place of the imports."""
    lines: list[str] = []
    instead = False
    for number, row in enumerate(rows):
        if not row.startswith("#"):
            continue
        if (block := _BLOCK.fullmatch(row.rstrip())) is not None:
            lines += map(_checked, _block(rows[number + 1 :]))
            instead = instead or not block["extra"]
        elif _METADATA.fullmatch(row) is not None:
            told = _metadata(rows[number + 1 :], number + 1)
            lines += map(_checked, told.get("dependencies", []))
            instead = instead or "dependencies" in told
            pythons += [told["requires-python"]] if "requires-python" in told else []
        elif (spec := _PY.fullmatch(row.rstrip())) is not None:
            pythons.append(_specifier(spec["spec"].strip()))
    return lines, instead


def _block(rows: Sequence[str]) -> Iterator[str]:
    for row in rows:
        if not row.startswith("#"):
            return
        text = row.lstrip("# \t").partition(" #")[0].strip()
        if text:
            yield text


def _metadata(rows: Sequence[str], line: int) -> dict[str, Any]:
    """The table between the marks. A block that is never closed is none, as the standard says."""
    text: list[str] = []
    for row in rows:
        if row.rstrip() == "# ///":
            break
        if row.rstrip() != "#" and not row.startswith("# "):
            return {}
        text.append(row[2:])
    else:
        return {}
    try:
        told = tomllib.loads("\n".join(text))
    except tomllib.TOMLDecodeError as error:
        raise Invalid(
            f"line {line}: the script metadata is no TOML: {error}", field="content"
        ) from error
    needs, requires = told.get("dependencies", []), told.get("requires-python", "")
    if not isinstance(needs, list) or not all(isinstance(each, str) for each in needs):
        raise Invalid(f"line {line}: dependencies is not a list of strings", field="content")
    if not isinstance(requires, str) or _PY.fullmatch(f"# py: {requires or '>=3'}") is None:
        raise Invalid(f"line {line}: requires-python is no version", field="content")
    return told


def _specifier(text: str) -> str:
    """`3.12` means that one."""
    return f"=={text}.*" if re.fullmatch(r"\d+\.\d+", text) else text


def _checked(line: str) -> str:
    if len(line) > 500 or _REQUIREMENT.fullmatch(line) is None:
        raise Invalid(
            f"{line[:100]!r} is no package of a registry: a name, with its version as in x==1.2",
            field="content",
        )
    return line


def _name_of(line: str) -> str:
    found = re.match(_NAME, line)
    assert found is not None, "every line was checked"
    return normalized(found[0])
