"""A client for tests: speaks to a session over a stream in memory."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import trio
import trio.testing

from smtpsession import Config, Handler, serve_stream


class SMTPClient:
    """Sends octets and reads replies, one whole reply at a time."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self._buffer = b""

    async def send(self, data: bytes) -> None:
        await self.stream.send_all(data)

    async def reply(self) -> str:
        """Read one reply; "" when the server has closed."""
        lines: list[str] = []
        while True:
            line = await self._line()
            if not line:
                return ""
            lines.append(line)
            if line[3:4] != "-":
                return "\n".join(lines)

    async def _line(self) -> str:
        while b"\r\n" not in self._buffer:
            try:
                data = await self.stream.receive_some()
            except trio.BrokenResourceError:
                data = b""
            if not data:
                assert not self._buffer, self._buffer
                return ""
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line.decode("ascii")

    async def ask(self, command: str) -> str:
        await self.send(command.encode() + b"\r\n")
        return await self.reply()

    async def codes(self, *commands: str) -> list[str]:
        """Give the code of the reply to each command."""
        return [(await self.ask(command))[:3] for command in commands]

    async def open_transaction(self) -> None:
        codes = await self.codes("EHLO c", "MAIL FROM:<a@c>", "RCPT TO:<b@d>")
        assert codes == ["250", "250", "250"]

    async def open_content(self) -> None:
        await self.open_transaction()
        assert (await self.ask("DATA"))[:3] == "354"

    async def deliver(self, content: bytes) -> str:
        await self.open_content()
        await self.send(content + b".\r\n")
        return await self.reply()

    async def start_tls(self, context: ssl.SSLContext, name: str = "mx.test") -> None:
        assert not self._buffer
        tls = trio.SSLStream(self.stream, context, server_hostname=name)
        await tls.do_handshake()
        self.stream = tls


@asynccontextmanager
async def open_session(
    handler: Handler[Any], config: Config | None = None, *, greeting: bool = True
) -> AsyncIterator[SMTPClient]:
    """Serve *handler* over a stream in memory; the session has ended at the end."""
    ours, theirs = trio.testing.memory_stream_pair()
    if config is None:
        config = Config(hostname="mx.test")
    async with trio.open_nursery() as nursery:

        async def run() -> None:
            await serve_stream(handler, theirs, config=config)

        nursery.start_soon(run)
        client = SMTPClient(ours)
        if greeting:
            assert (await client.reply()).startswith("220 mx.test ESMTP")
        yield client
        await trio.aclose_forcefully(client.stream)
