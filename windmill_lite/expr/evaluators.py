"""An expression becomes a value: by its path alone, or by an engine that asks for what it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Unavailable
from windmill_lite.expr import paths
from windmill_lite.expr.given import Given, TooMuch
from windmill_lite.expr.link import Died, TooSlow
from windmill_lite.expr.names import MEMBERED, Failed, Names
from windmill_lite.expr.pool import Pool
from windmill_lite.expr.reads import asked, guess
from windmill_lite.model import limits


@dataclass(frozen=True, slots=True)
class Ask:
    source: str
    truth: bool = False  # only whether the value is truthy


class Evaluators:
    """A Service; children start when they are needed."""

    name = "expr.evaluators"

    def __init__(self) -> None:
        self._pool = Pool()

    async def start(self) -> None:
        self._pool.stopped = False

    async def stop(self) -> None:
        """Ends every child; what is being evaluated fails with `Unavailable`."""
        await self._pool.stop()

    async def evaluate(self, workspace: str, ask: Ask, names: Names) -> Json | Failed:
        """The value as JSON, or how the expression failed.

        Fails: `Unavailable` when no child can be had, and whatever `names` fails with: neither is
        the expression's fault.
        """
        value = await _plainly(ask.source, names)
        if value is not paths.UNSURE:
            return paths.truth(value) if ask.truth else paths.leaving(value)
        given = Given(names)
        try:
            return await self._in_rounds(workspace, ask, given, names.scope)
        except TooMuch:
            most = limits.EXPRESSION_REQUEST_BYTES_MAX
            return Failed("TooLarge", f"it reads more than {most} bytes")

    async def check(self, workspace: str, sources: Sequence[str]) -> list[Failed | None]:
        """For each source, why it does not parse. Fails: `Unavailable`."""
        found: list[Failed | None] = [None] * len(sources)
        unsure = [i for i, source in enumerate(sources) if paths.parse(source) is None]
        step = limits.EXPRESSION_CHECK_BATCH
        for batch in (unsure[at : at + step] for at in range(0, len(unsure), step)):
            request = {"mode": "check", "sources": [sources[i] for i in batch]}
            answer = await self._ask(workspace, request)
            if isinstance(answer, Failed):
                raise Unavailable(f"expressions cannot be parsed: {answer.message}")
            for i, told in zip(batch, answer.get("value", []), strict=True):
                found[i] = _failed(told.get("error")) if told else None
        return found

    async def _in_rounds(
        self, workspace: str, ask: Ask, given: Given, scope: frozenset[str]
    ) -> Json | Failed:
        reads = guess(ask.source, scope)
        for _ in range(limits.EXPRESSION_ROUNDS_MAX):
            await given.add(reads)
            answer = await self._ask(workspace, _request(ask, given))
            if isinstance(answer, Failed):
                return answer
            if "value" in answer:
                return answer["value"]
            if "needs" not in answer:
                return _failed(answer.get("error"))
            reads = asked(answer["needs"], scope)
        return Failed("TooMuch", f"it reads on after {limits.EXPRESSION_ROUNDS_MAX} rounds")

    async def _ask(self, workspace: str, request: Json) -> Json | Failed:
        """A child may be killed by chance: so one that ends is followed by another, once."""
        for _ in range(2):
            async with self._pool.borrow(workspace) as link:
                try:
                    return await link.ask(request)
                except TooSlow:
                    return Failed("TimeoutError", f"ran longer than {limits.EXPRESSION_WALL_S:g} s")
                except Died as error:
                    if self._pool.stopped:
                        raise Unavailable("expressions are evaluated no more: stopping") from error
        return Failed("EvaluatorDied", "its process ended; it may need more memory than there is")


async def _plainly(source: str, names: Names) -> Json | paths.Special:
    """Without the engine; UNSURE when it takes one."""
    plain = paths.parse(source)
    if plain is None:
        return paths.UNSURE
    if isinstance(plain, paths.Literal):
        return plain.value
    if plain.root not in names.scope:
        return paths.UNSURE
    if plain.root not in MEMBERED:
        return paths.follow(paths.loaded(await names.whole(plain.root)), plain.steps)
    if not plain.steps:
        return paths.UNSURE
    first, *rest = plain.steps
    return paths.follow(await _member(names, plain.root, str(first.key)), tuple(rest))


async def _member(names: Names, root: str, key: str) -> Json | paths.Special:
    text = await names.member(root, key)
    if text is not None:
        return paths.loaded(text)
    if root == "results":
        return None
    return paths.UNSURE if key in paths.INHERITED else paths.UNDEFINED


def _request(ask: Ask, given: Given) -> Json:
    return {
        "source": ask.source,
        "mode": "truth" if ask.truth else "value",
        "chars_max": limits.RESULT_BYTES_MAX,
        **given.fields(),
    }


def _failed(told: Json) -> Failed:
    """The evaluator has run a stranger's code: its words are taken as far as they are words."""
    match told:
        case {"name": str(name), "message": str(message), "line": line, "column": column}:
            placed = isinstance(line, int) and isinstance(column, int)
            return Failed(name, message, *((line, column) if placed else ()))
    return Failed("Error", "the expression failed and did not say how")
