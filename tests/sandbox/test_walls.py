"""What a cell cannot reach."""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import Mount
from sandbox.cell import Network
from sandbox.kernel.syscalls import landlock_abi
from tests.sandbox.conftest import (
    ATTEMPT,
    EVERY_LEVEL,
    NAMESPACES,
    WALLED_LEVELS,
    Cells,
    attempt,
    cell,
    started,
    until,
)


@pytest.fixture
def secret(open_place: Path) -> Path:
    """A file that anybody on the machine may read."""
    file = open_place / "secret.txt"
    file.write_text("hunter2")
    file.chmod(0o644)
    return file


@WALLED_LEVELS
async def test_a_file_of_the_machine_cannot_be_read(cells: Cells, secret: Path) -> None:
    assert (await attempt(cells, f"open({str(secret)!r}).read()")).startswith("no:")


@EVERY_LEVEL
async def test_the_environment_of_the_worker_cannot_be_read(cells: Cells) -> None:
    if os.geteuid() != 0 and cells.server.level == "process":
        pytest.skip("a cell is the worker's own user here")
    assert (await attempt(cells, f"open('/proc/{os.getpid()}/environ').read()")).startswith("no:")


@EVERY_LEVEL
async def test_the_memory_of_its_parent_cannot_be_opened(cells: Cells) -> None:
    if os.geteuid() != 0 and cells.server.level == "process":
        pytest.skip("a cell is the worker's own user here")
    text = await attempt(cells, "open(f'/proc/{os.getppid()}/mem', 'rb')")
    assert text.startswith("no:")


@NAMESPACES
async def test_a_cell_sees_its_own_processes_only(cells: Cells) -> None:
    code = "import os; answer([name for name in os.listdir('/proc') if name.isdigit()])"
    assert await cells.answer(code) == "['1']"


@EVERY_LEVEL
async def test_the_worker_cannot_be_signaled(cells: Cells) -> None:
    if os.geteuid() != 0 and cells.server.level == "process":
        pytest.skip("a cell is the worker's own user here")
    assert (await attempt(cells, f"os.kill({os.getpid()}, 0)")).startswith("no:")


@EVERY_LEVEL
@pytest.mark.parametrize("place", ["/usr/lib/planted", "/etc/planted", "/planted", "{stdlib}/x.py"])
async def test_the_system_and_python_cannot_be_written(cells: Cells, place: str) -> None:
    code = f"open({place!r}.format(stdlib=os.path.dirname(os.__file__)), 'w')"
    if os.geteuid() != 0 and cells.server.level == "process":
        pytest.skip("a cell is the worker's own user here")
    assert (await attempt(cells, code)).startswith("no:")


@WALLED_LEVELS
async def test_cells_do_not_see_each_others_files(cells: Cells) -> None:
    writer = cell(
        """
        import os, time
        path = os.path.join(os.environ["TMPDIR"], "mine")
        open(path, "w").write("private")
        os.chmod(path, 0o666)
        print(path, flush=True)
        time.sleep(600)
        """
    )
    run = asyncio.create_task(cells.run_cell(writer))
    await until(lambda: cells.text.endswith("\n"))
    assert (await attempt(cells, f"open({cells.text.strip()!r}).read()")).startswith("no:")
    cells.server.cancel(writer.id)
    await run


@NAMESPACES
async def test_nothing_of_an_earlier_cell_is_left(cells: Cells) -> None:
    code = (
        "import os; answer(sorted(os.listdir('/tmp')) + os.listdir('.') + os.listdir('/dev/shm'))"
    )
    await cells.run("open('left', 'w'); open('/tmp/left', 'w'); open('/dev/shm/left', 'w')")
    assert await cells.answer(code) == "['job']"


@EVERY_LEVEL
async def test_a_cell_has_no_capability_and_gains_none(cells: Cells) -> None:
    status = await cells.answer("answer(open('/proc/self/status').read())")
    fields = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(fields[name], 16) == 0, name
    assert fields["NoNewPrivs"] == "1"


@EVERY_LEVEL
async def test_a_cell_is_not_root(cells: Cells) -> None:
    assert int(await cells.answer("import os; answer(os.getuid())")) >= 1000


@WALLED_LEVELS
@pytest.mark.parametrize(
    "call",
    [
        "libc.unshare(0x10000000)",
        "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "libc.ptrace(0, 0, 0, 0)",
        "libc.syscall(248, b'user', b'key', b'x', 1, -3)",
        "libc.syscall(321, 0, 0, 0)",
        "libc.syscall(425, 1, 0)",
        "libc.chroot(b'/tmp')",
        "libc.syscall(56, 0x10000011, 0, 0, 0, 0)",
    ],
)
async def test_a_call_that_no_job_needs_is_refused(cells: Cells, call: str) -> None:
    if os.uname().machine != "x86_64":
        pytest.skip("the numbers are those of x86_64")
    code = f"""
    import ctypes, errno
    libc = ctypes.CDLL(None, use_errno=True)
    answer(({call}, errno.errorcode.get(ctypes.get_errno())))
    """
    assert await cells.answer(code) == "(-1, 'EPERM')"


@EVERY_LEVEL
async def test_a_cell_has_the_descriptors_of_its_protocol_only(cells: Cells) -> None:
    code = "import os; answer(sorted(os.listdir('/proc/self/fd'), key=int))"
    found = (await cells.run(code)).result
    assert found == b"['0', '1', '2', '3', '4']"  # 3 is the listing itself


@EVERY_LEVEL
async def test_a_command_gets_no_further_descriptors(cells: Cells) -> None:
    shell = replace(cell(""), argv=("ls", "-1", "/proc/self/fd"))
    await cells.run_cell(shell)
    assert cells.text.split() == ["0", "1", "2", "3", "4"]  # 3 again


@EVERY_LEVEL
async def test_modules_of_ours_cannot_be_imported(cells: Cells) -> None:
    code = """
    import sys
    found = []
    for name in ("sandbox", "windmill_lite", "pytest", "aiohttp", "pydantic", "entry"):
        try:
            __import__(name)
            found.append(name)
        except ImportError:
            pass
    answer((found, [n for n in sys.modules if "sandbox" in n or n.startswith("entry")]))
    """
    assert await cells.answer(code) == "([], [])"


@NAMESPACES
async def test_a_cell_may_use_the_network_of_the_machine(cells: Cells) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        code = f"socket.create_connection(('127.0.0.1', {port})).getpeername()[1]"
        assert await attempt(cells, code, imports="socket") == f"got: {port}"


@WALLED_LEVELS
@pytest.mark.parametrize("network", ["none", "unneeded"])
async def test_a_cell_without_network_reaches_nobody(cells: Cells, network: Network) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        code = f"socket.create_connection(('127.0.0.1', {port}), timeout=5)"
        text = f"{ATTEMPT}\nimport socket\nanswer(attempt(lambda: {code}))"
        end = await cells.run_cell(replace(cell(text), network=network))
    assert (end.result or b"").startswith(b"no:"), cells.text


async def test_a_level_that_cannot_take_the_network_away_says_so() -> None:
    async with started("process") as server:
        end = await server.run(replace(cell("answer('ran')"), network="none"), lambda _: None)
    assert end.reason == "broken"
    assert "network" in end.detail


async def test_a_level_that_cannot_take_the_network_away_runs_what_needs_none() -> None:
    async with started("process") as server:
        end = await server.run(replace(cell("answer('ran')"), network="unneeded"), lambda _: None)
    assert end.result == b"ran", end.detail


@WALLED_LEVELS
@pytest.mark.skipif(landlock_abi() < 6, reason="Landlock closes abstract sockets since Linux 6.12")
async def test_an_abstract_socket_of_the_machine_cannot_be_reached(cells: Cells) -> None:
    name = f"\0sandbox-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(name)
        listening.listen()
        code = f"socket.socket(socket.AF_UNIX).connect({name!r})"
        assert (await attempt(cells, code, imports="socket")).startswith("no:")


@EVERY_LEVEL
async def test_a_shared_directory_is_seen_where_it_is_mounted(level: str, secret: Path) -> None:
    mounts = (Mount(str(secret.parent), "given"),)
    look = cell("answer(open('given/secret.txt').read())")
    async with started(level, shared=(str(secret.parent),)) as server:
        end = await server.run(replace(look, mounts=mounts), lambda _: None)
    assert end.result == b"hunter2"


@WALLED_LEVELS
async def test_a_shared_directory_cannot_be_written(level: str, secret: Path) -> None:
    secret.parent.chmod(0o777)
    mounts = (Mount(str(secret.parent), "given"),)
    write = cell(f"{ATTEMPT}\nanswer(attempt(lambda: open('given/x', 'w')))")
    async with started(level, shared=(str(secret.parent),)) as server:
        end = await server.run(replace(write, mounts=mounts), lambda _: None)
    assert (end.result or b"").startswith(b"no:")


@NAMESPACES
async def test_a_shared_directory_may_be_given_to_write(level: str, secret: Path) -> None:
    secret.parent.chmod(0o777)
    mounts = (Mount(str(secret.parent), "given", read_only=False),)
    async with started(level, shared=(str(secret.parent),)) as server:
        end = await server.run(
            replace(cell("open('given/new', 'w').write('x')"), mounts=mounts), lambda _: None
        )
    assert end.code == 0
    assert "new" in [path.name for path in secret.parent.iterdir()]


@NAMESPACES
async def test_the_folder_of_a_flow_is_where_windmills_clients_look(
    level: str, secret: Path
) -> None:
    mounts = (Mount(str(secret.parent), "shared"),)
    look = cell("answer(open('/shared/secret.txt').read())")
    async with started(level, shared=(str(secret.parent),)) as server:
        end = await server.run(replace(look, mounts=mounts), lambda _: None)
    assert end.result == b"hunter2"


@NAMESPACES
async def test_a_shared_directory_is_not_seen_by_other_cells(level: str, secret: Path) -> None:
    async with started(level, shared=(str(secret.parent),)) as server:
        assert (await attempt(Cells(server), "os.listdir('/.shared')")) == "got: []"


@NAMESPACES
async def test_a_directory_that_is_not_shared_cannot_be_mounted(level: str, secret: Path) -> None:
    async with started(level) as server:
        mounts = (Mount(str(secret.parent), "given"),)
        end = await server.run(replace(cell("answer(1)"), mounts=mounts), lambda _: None)
    assert end.reason == "broken"
    assert "not inside a directory shared" in end.detail
