"""The extension of docs/how-to/extensions.md does what that page says it does."""

import functools
import re
from pathlib import Path
from typing import Any

import trio
import trio.testing

from smtpsession import serve_stream

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "extensions.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(kind: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return [code for word, code in BLOCK.findall(text) if word == kind]


def names_of_the_page() -> dict[str, Any]:
    names: dict[str, Any] = {}
    *definitions, program = page("python")
    for code in definitions:
        exec(code, names)
    # All but the line that would run for ever.
    exec(program.rpartition("trio.run(")[0], names)
    return names


async def test_the_dialogue_of_the_page_is_true() -> None:
    names = names_of_the_page()
    client, server = trio.testing.memory_stream_pair()
    (text,) = page("text")
    async with trio.open_nursery() as nursery:
        serve_one = functools.partial(serve_stream, config=names["config"])
        nursery.start_soon(serve_one, names["Reception"](), server)
        assert (await read_reply(client)).startswith("220 ")
        for exchange in text.split("C: ")[1:]:
            command, *replies = exchange.splitlines()
            await client.send_all(f"{command}\r\n".encode())
            wanted = "".join(f"{line.removeprefix('S: ')}\r\n" for line in replies)
            assert await read_reply(client) == wanted
        await client.aclose()


async def read_reply(client: Any) -> str:
    octets = b""
    with trio.fail_after(10):
        while not re.search(rb"(?:^|\n)[0-9]{3} [^\n]*\n\Z", octets):
            octets += await client.receive_some()
    return octets.decode()


def test_an_extension_takes_less_than_forty_lines() -> None:
    (code,) = (code for code in page("python") if "(Extension)" in code)
    assert len(code.splitlines()) < 40
