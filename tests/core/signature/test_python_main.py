"""Which function is the entry point, which of its parameters are in the form, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from windmill_lite.core.signature import Signature, infer
from windmill_lite.core.signature.schema import DIALECT


def signature(code: str, entrypoint: str | None = None) -> Signature:
    return infer("python3", code, entrypoint).signature


def names(code: str, entrypoint: str | None = None) -> list[str]:
    return [arg.name for arg in signature(code, entrypoint).args]


@pytest.mark.parametrize(
    "code",
    [
        "def main(a): pass",
        "async def main(a): pass",
        "@task\n@retry(3)\ndef main(a): pass",
        "def main(a): return",
        "\ufeffdef main(a): pass",
        "def main(a):\r\n\tpass\r\n",
        "if True:\n    def main(a): pass",
        "try:\n    import x\nfinally:\n    def main(a): pass",
        "def main(z): pass\ndef main(a): pass",
        "main = lambda a: a",
        "def other(a): pass\nmain = other",
        "def main(a: undefined.thing = also.undefined): raise SystemExit",
    ],
)
def test_main_is_found_however_it_is_written(code: str) -> None:
    assert names(code) == ["a"]
    assert not signature(code).no_main_func


@pytest.mark.parametrize(
    "code",
    [
        "",
        "   \n# nothing",
        "x = 1",
        "def helper(a): pass",
        "class A:\n    def main(self): pass",
        "def outer():\n    def main(a): pass",
        "main = 3",
        "main = main",
        "from elsewhere import main",
    ],
)
def test_a_script_without_main_has_an_empty_schema(code: str) -> None:
    inferred = infer("python3", code, None)
    assert inferred.signature.no_main_func
    assert inferred.schema == {
        "$schema": DIALECT,
        "type": "object",
        "properties": {},
        "required": [],
        "order": [],
    }


def test_main_without_parameters_is_still_a_main() -> None:
    assert signature("def main(): pass") == Signature()


def test_another_entry_point_can_be_named() -> None:
    code = "def main(a): pass\ndef options(b, c): pass"
    assert names(code, "options") == ["b", "c"]
    assert signature(code, "missing").no_main_func


def test_a_preprocessor_is_noticed() -> None:
    assert signature("def preprocessor(event): ...\ndef main(a): ...").has_preprocessor
    assert signature("async def preprocessor(event): ...").has_preprocessor
    assert not signature("def main(a): ...").has_preprocessor


def test_every_kind_of_parameter_but_the_stars_is_in_the_form() -> None:
    code = "def main(p, /, n, d=1, *rest, k, o=2, **more): pass"
    found = signature(code)
    assert [(arg.name, arg.kind) for arg in found.args] == [
        ("p", "positional_only"),
        ("n", "normal"),
        ("d", "normal"),
        ("k", "keyword_only"),
        ("o", "keyword_only"),
    ]
    assert found.star_args
    assert found.star_kwargs
    assert infer("python3", code, None).schema["required"] == ["p", "n", "k"]


def test_the_order_is_the_order_of_the_parameters() -> None:
    assert infer("python3", "def main(z, a, m=1): pass", None).schema["order"] == ["z", "a", "m"]


def test_names_may_be_in_any_script() -> None:
    found = infer("python3", "def main(straße: str, 名前: int = 3): pass", None).schema
    assert found["order"] == ["straße", "名前"]


GOOGLE = """
    Sends a letter.

    It takes a day.

    Args:
        who: the person
        count (int, optional): how many,
            at most ten
        *rest: ignored
        mode (Optional[Dict[str, int]]): how: fast or slow

    Returns:
        unrelated: not a parameter
    """
NUMPY = """
    Sends a letter.

    It takes a day.

    Parameters
    ----------
    who : str
        the person
    count : int, optional
        how many,
        at most ten
    mode
        how: fast or slow

    Returns
    -------
    unrelated
        not a parameter
    """
REST = """
    Sends a letter.

    It takes a day.

    :param who: the person
    :param int count: how many,
        at most ten
    :type count: int
    :param mode: how: fast or slow
    :returns: unrelated
    """


@pytest.mark.parametrize("docstring", [GOOGLE, NUMPY, REST], ids=["google", "numpy", "rest"])
def test_a_docstring_describes_the_script_and_its_parameters(docstring: str) -> None:
    code = f"def main(who: str, count: int = 1, mode=None):\n    '''{docstring}'''"
    found = infer("python3", code, None)
    assert found.signature.summary == "Sends a letter."
    assert found.signature.description == "It takes a day."
    assert {name: one["description"] for name, one in found.schema["properties"].items()} == {
        "who": "the person",
        "count": "how many, at most ten",
        "mode": "how: fast or slow",
    }


def test_a_module_docstring_speaks_for_a_main_without_one() -> None:
    found = signature("'''Clean up.\n\nEvery night.'''\ndef main(): pass")
    assert (found.summary, found.description) == ("Clean up.", "Every night.")


@pytest.mark.parametrize(
    "docstring",
    [
        "Args:",
        "Args:\n\n  :\n",
        ":param",
        "Parameters\n---",
        "x\n" * 5000,
        "Args:\nback to prose",
        "\\ud800\\0",
    ],
)
def test_an_odd_docstring_does_no_harm(docstring: str) -> None:
    found = infer("python3", f'def main(a):\n    """{docstring}"""', None)
    description: Any = found.schema["properties"]["a"]["description"]
    assert isinstance(description, str)
    f"{found.signature.summary}{found.signature.description}".encode()
