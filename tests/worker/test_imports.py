"""Scripts that import others of their workspace run with what these are by then."""

from __future__ import annotations

from typing import Any

import pytest

from tests._toolchains import needs
from tests.worker._shop import Ended, Shop
from tests.worker.conftest import ADA
from windmill_lite.engine import deploy, push
from windmill_lite.model.job import RunOptions
from windmill_lite.model.script import NewScript

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


async def put(shop: Shop, path: str, code: str, language: str = "python3") -> None:
    new = NewScript(path, code, language, schema={}, lock="", auto_parent=True)
    await deploy.create_script(shop.office.world, ADA, new)


async def run(shop: Shop, path: str, **args: Any) -> Ended:
    job_id = await push.run_path(shop.office.world, ADA, path, args=args, options=RunOptions())
    return await shop.end(job_id)


async def test_python_imports_scripts_by_path_and_from_beside(shop: Shop) -> None:
    await put(
        shop, "f/lib/numbers", "from .deep.more import two\n\ndef three(): return two() + 1\n"
    )
    await put(
        shop, "f/lib/deep/more", "import u.ada.ones\n\ndef two(): return u.ada.ones.one * 2\n"
    )
    await put(shop, "u/ada/ones", "one = 1\n\ndef main(): return one\n")
    main = "from f.lib.numbers import three\nfrom . import numbers\n\n"
    main += "def main():\n    return [three(), numbers.three()]\n"
    await put(shop, "f/lib/main", main)
    assert (await run(shop, "f/lib/main")).result == [3, 3]
    await put(shop, "u/ada/ones", "one = 10\n")
    assert (await run(shop, "f/lib/main")).result == [21, 21]


async def test_an_error_in_an_imported_script_shows_its_line(shop: Shop) -> None:
    await put(shop, "f/lib/broken", "def fail():\n    raise ValueError('no')\n")
    await put(shop, "f/lib/calls", "from .broken import fail\n\ndef main():\n    fail()\n")
    error = (await run(shop, "f/lib/calls")).error
    assert (error["name"], error["message"]) == ("ValueError", "no")
    assert "f/lib/calls.py" in error["stack"]
    assert 'f/lib/broken.py", line 2' in error["stack"]


async def test_an_import_of_nothing_is_told(shop: Shop) -> None:
    await put(shop, "f/lib/lost", "from f.lib.nowhere import x\n\ndef main(): ...\n")
    error = (await run(shop, "f/lib/lost")).error
    assert error["name"] == "BuildError"
    assert "f/lib/lost imports f/lib/nowhere" in error["message"]


async def test_a_circle_is_pythons_own_error(shop: Shop) -> None:
    await put(shop, "f/lib/chicken", "from f.lib.egg import egg\nchicken = 1\n")
    await put(shop, "f/lib/egg", "from f.lib.chicken import chicken\negg = 1\n")
    await put(shop, "f/lib/farm", "from f.lib.egg import egg\n\ndef main(): ...\n")
    error = (await run(shop, "f/lib/farm")).error
    assert error["name"] == "ImportError"
    assert "circular import" in error["message"]


async def test_code_that_is_not_deployed_imports_scripts_too(shop: Shop) -> None:
    await put(shop, "u/ada/ones", "one = 1\n")
    ended = await shop.run("from u.ada.ones import one\n\ndef main(): return one\n")
    assert ended.result == 1


@needs("bun")
async def test_typescript_imports_scripts_by_path_and_from_beside(shop: Shop) -> None:
    await put(shop, "f/lib/words", 'export { two } from "../lib/deep/words";', "bun")
    await put(shop, "f/lib/deep/words", "export const two = (x: string) => x + x;", "bun")
    main = 'import { two } from "./words.ts"; import * as w from "/f/lib/words";\n'
    main += "export const main = (x: string) => [two(x), w.two(x)];\n"
    await put(shop, "f/lib/says", main, "bun")
    assert (await run(shop, "f/lib/says", x="a")).result == ["aa", "aa"]
