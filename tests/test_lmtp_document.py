"""The delivery agent of docs/how-to/lmtp.md does what that page says it does."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import trio
import trio.testing

from smtpsession import Config, serve_stream

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "lmtp.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONFIG = Config.for_lmtp(hostname="mail.example.org")


def page(kind: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return [code for word, code in BLOCK.findall(text) if word == kind]


def delivery_agent() -> Any:
    names: dict[str, Any] = {}
    exec(page("python")[0], names)
    return names["Mailboxes"]("pat", "jones")


async def read_lines(client: Any, lines: int) -> str:
    octets = b""
    with trio.fail_after(10):
        while octets.count(b"\r\n") < lines:
            octets += await client.receive_some()
    return octets.decode()


async def test_the_dialogue_of_the_page_is_true() -> None:
    handler = delivery_agent()
    client, server = trio.testing.memory_stream_pair()
    (text,) = page("text")
    greeting, *exchanges = text.split("C: ")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(
            functools.partial(serve_stream, config=CONFIG), handler, server
        )
        assert await read_lines(client, 1) == greeting[3:].replace("\n", "\r\n")
        for exchange in exchanges:
            command, *replies = exchange.splitlines()
            await client.send_all(f"{command}\r\n".encode())
            wanted = "".join(f"{line.removeprefix('S: ')}\r\n" for line in replies)
            assert await read_lines(client, len(replies)) == wanted
        await client.aclose()
    assert handler.boxes == {"pat": [b""], "jones": [b""]}


async def test_a_full_mailbox_is_full_for_its_owner_alone() -> None:
    handler = delivery_agent()
    handler.boxes["jones"].append(b"x" * 999_999)
    client, server = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(
            functools.partial(serve_stream, config=CONFIG), handler, server
        )
        await client.send_all(
            b"LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<jones@d>\r\nRCPT TO:<pat@d>\r\n"
            b"BDAT 9 LAST\r\nSubject: "
        )
        lines = await read_lines(client, 1 + 9 + 5)
        await client.aclose()
    assert lines.splitlines()[-2:] == [
        "452 4.2.2 mailbox full",
        "250 2.0.0 delivered to pat",
    ]
