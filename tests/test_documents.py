"""Every code block of README.md and docs/ is one that works.

How a block is checked depends on the word after its fence:

- `python`: the blocks of one document run from top to bottom in one namespace, as if
  pasted into one file, in an empty folder that holds `cert.pem` and `key.pem`, another
  pair `shop-cert.pem` and `shop-key.pem`, and an authority `clients.pem`.
  `trio.run` lets the program run until each of its tasks waits, then cancels it.
  Port 2525 stands for a free port; where a block names it, a client then connects
  there and must be greeted with 220.
- `python compile`: compiled only, for a part of a program or what needs another host.
- `console`: shell commands after `$ `, and their output.
- `json`, `toml`: parsed.
- `text`, `ini`, `mermaid`: anything.

A block without such a word is an error, so that none is left out by mistake.
"""

import functools
import json
import re
import textwrap
import tomllib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
import trio.testing
import trustme

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<info>[^`\n]*)\n(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
FREE_FORM = {"text", "ini", "mermaid", "console"}

INSTALL = (
    "python3 -m venv --without-pip .venv"
    " && python3 -m pip --python .venv/bin/python install -q "
)
TEST_COMMAND = INSTALL + "-e '.[test]' && .venv/bin/pytest -n auto"
RUN_COMMAND = INSTALL + ". && .venv/bin/smtpsession"


@attrs.frozen(kw_only=True)
class Block:
    """One fenced code block of a document."""

    path: Path
    line: int
    info: str
    code: str

    def compiled(self) -> Any:
        """Compile the block so that tracebacks show the document's own lines."""
        return compile("\n" * self.line + self.code, str(self.path), "exec")


def blocks_of(path: Path) -> Iterator[Block]:
    text = path.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        yield Block(
            path=path,
            line=text.count("\n", 0, match.start("code")),
            info=match["info"].strip(),
            code=textwrap.dedent(match["code"]),
        )


def every_document() -> pytest.MarkDecorator:
    ids = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]
    return pytest.mark.parametrize("path", DOCUMENTS, ids=ids)


async def run_until_waiting(
    program: Callable[[], Awaitable[object]], greeted_port: int | None
) -> None:
    """Run *program* until it ends or only waits; then ask its server for a greeting."""
    async with trio.open_nursery() as nursery:

        async def visit() -> None:
            await trio.testing.wait_all_tasks_blocked(cushion=0.05)
            if greeted_port is not None:
                assert (await greeting(greeted_port)).startswith(b"220 ")
            nursery.cancel_scope.cancel()

        nursery.start_soon(visit)
        await program()
        if greeted_port is None:
            nursery.cancel_scope.cancel()


async def greeting(port: int) -> bytes:
    with trio.fail_after(10):
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            return bytes(await stream.receive_some())


async def find_free_port() -> int:
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listener:
        return int(listener.socket.getsockname()[1])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter an empty folder with certificates and their keys."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "clients.pem")
    for prefix, name in (("", "localhost"), ("shop-", "shop.example.net")):
        certificate = authority.issue_cert(name, "127.0.0.1")
        certificate.private_key_pem.write_to_path(tmp_path / f"{prefix}key.pem")
        for pem in certificate.cert_chain_pems:
            pem.write_to_path(tmp_path / f"{prefix}cert.pem", append=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_block(
    block: Block, namespace: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    free_port = trio.run(find_free_port)
    code = re.sub(r"\b2525\b", str(free_port), block.code)
    runs: list[object] = []
    with monkeypatch.context() as patch:
        run_for_ever = trio.run

        def run(
            function: Callable[..., Awaitable[object]],
            *args: object,
            clock: trio.abc.Clock | None = None,
        ) -> None:
            runs.append(function)
            program = functools.partial(function, *args)
            port = free_port if code != block.code else None
            run_for_ever(run_until_waiting, program, port, clock=clock)

        patch.setattr(trio, "run", run)
        exec(attrs.evolve(block, code=code).compiled(), namespace)
    if code != block.code:
        assert runs, f"{block.path}:{block.line} names port 2525 but runs no program"


@every_document()
def test_python_blocks_run(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks_of(path):
        if block.info == "python":
            run_block(block, namespace, monkeypatch)
        elif block.info == "python compile":
            block.compiled()


@every_document()
def test_every_block_says_what_it_is(path: Path) -> None:
    for block in blocks_of(path):
        where = f"{path}:{block.line}"
        if block.info == "json":
            json.loads(block.code)
        elif block.info == "toml":
            tomllib.loads(block.code)
        else:
            known = FREE_FORM | {"python", "python compile"}
            assert block.info in known, f"{where}: no check for {block.info!r}"


@every_document()
def test_fences_are_closed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "```" not in BLOCK.sub("", text)


@pytest.mark.parametrize("command", [TEST_COMMAND, RUN_COMMAND], ids=["test", "run"])
def test_readme_shows_the_command(command: str) -> None:
    shown = [
        line.removeprefix("$ ")
        for block in blocks_of(ROOT / "README.md")
        if block.info == "console"
        for line in block.code.splitlines()
    ]
    assert shown.count(command) == 1


@every_document()
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8")):
        if not target.startswith("https://"):
            assert (path.parent / target).exists(), target
