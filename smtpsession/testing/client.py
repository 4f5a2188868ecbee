"""A client in memory: one session without a socket, also under a mock clock."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

import trio
import trio.testing

from smtpsession import Config, Handler, serve_stream
from smtpsession.testing.delivery import Delivery, dot_stuffed, to_octets
from smtpsession.testing.plain_errors import plain_errors
from smtpsession.testing.received_reply import ReceivedReply, ReplyReader


class MemoryClient:
    """Sends octets and reads replies; ``open_client`` makes it.

    Every method that reads raises ``EOFError`` if the connection is closed instead, and
    ``ValueError`` if what the server sent is no reply.
    """

    def __init__(self, transport: trio.abc.HalfCloseableStream, config: Config) -> None:
        #: What octets go through: the transport, or the TLS layer over it.
        self.stream: Any = transport
        #: The greeting; None if it was not read yet.
        self.greeting: ReceivedReply | None = None
        self._transport = transport
        self._config = config
        self._reader = ReplyReader()
        self._said_hello = False
        self._served = trio.Event()

    async def send(self, data: bytes) -> None:
        """Send octets as they are.

        Raises:
            trio.BrokenResourceError: the server has closed.
        """
        await self.stream.send_all(data)

    async def reply(self) -> ReceivedReply:
        """Read the next reply."""
        while True:
            reply = self._reader.next_reply()
            if reply is not None:
                return reply
            data = await self._receive()
            if not data:
                raise EOFError("the connection is closed")
            self._reader.receive_data(data)

    async def replies(self, count: int) -> list[ReceivedReply]:
        """Read *count* replies."""
        return [await self.reply() for _ in range(count)]

    async def rest(self) -> list[ReceivedReply]:
        """Read all replies until the server closes."""
        replies: list[ReceivedReply] = []
        while True:
            try:
                replies.append(await self.reply())
            except EOFError:
                return replies

    async def ask(self, command: str) -> ReceivedReply:
        """Send one line, without its CRLF, in UTF-8, and read the reply."""
        await self.send(command.encode() + b"\r\n")
        reply = await self.reply()
        if command[:4].upper() in ("HELO", "EHLO", "LHLO") and reply.is_positive:
            self._said_hello = True
        return reply

    async def hello(self, name: str = "client.test") -> ReceivedReply:
        """Say EHLO, or LHLO to a server of LMTP."""
        return await self.ask(f"{'LHLO' if self._config.lmtp else 'EHLO'} {name}")

    async def start_tls(
        self, context: ssl.SSLContext, server_hostname: str | None = None
    ) -> ReceivedReply:
        """Say STARTTLS and shake hands if the server agrees.

        Args:
            context: one for clients.
            server_hostname: the name to ask for; None takes ``Config.hostname``.

        Returns:
            The reply to STARTTLS.

        Raises:
            trio.BrokenResourceError: the handshake failed; the connection is closed.
            ValueError: the server sent something behind its reply.
        """
        reply = await self.ask("STARTTLS")
        if reply.is_positive:
            await self.shake_hands(context, server_hostname)
        return reply

    async def shake_hands(
        self, context: ssl.SSLContext, server_hostname: str | None = None
    ) -> None:
        """Begin TLS; the arguments are those of ``start_tls``, as are the errors."""
        if self._reader.has_octets:
            raise ValueError("the server sent something before the handshake")
        name = self._config.hostname if server_hostname is None else server_hostname
        tls = trio.SSLStream(self._transport, context, server_hostname=name)
        try:
            await tls.do_handshake()
        except trio.BrokenResourceError:
            # The server would wait for more until its deadline for TLS.
            await trio.aclose_forcefully(tls)
            raise
        self.stream = tls
        self._said_hello = False

    async def deliver(
        self,
        sender: str,
        recipients: str | Iterable[str],
        content: bytes | str | EmailMessage,
        *,
        lmtp: bool | None = None,
        parameters: str = "",
    ) -> Delivery:
        """Send one message, after a hello if there was none.

        It stops at what leaves nothing to send: a refused MAIL, no accepted recipient,
        a refused DATA; RSET then ends the mail transaction.

        Args:
            sender: an address; "" is the null sender.
            recipients: one address, or several.
            content: octets as they are; a str or a message gets CRLF in its lines.
            lmtp: read one reply for each accepted recipient; None does as
                ``Config.lmtp`` says.
            parameters: what follows the sender in MAIL, such as ``SMTPUTF8``.
        """
        if not self._said_hello:
            await self.hello()
        command = f"MAIL FROM:<{sender}> {parameters}"
        mail = await self.ask(command.rstrip())
        if not mail.is_positive:
            return Delivery(mail=mail)
        paths = [recipients] if isinstance(recipients, str) else recipients
        rcpt = [await self.ask(f"RCPT TO:<{path}>") for path in paths]
        accepted = sum(reply.is_positive for reply in rcpt)
        data = await self.ask("DATA") if accepted else None
        if data is None or not data.is_positive:
            await self.ask("RSET")
            return Delivery(mail=mail, rcpt=tuple(rcpt), data=data)
        await self.send(dot_stuffed(to_octets(content)))
        lmtp = self._config.lmtp if lmtp is None else lmtp
        said = await self.replies(accepted if lmtp else 1)
        return Delivery(mail=mail, rcpt=tuple(rcpt), data=data, message=tuple(said))

    async def end_sending(self) -> None:
        """Send no more, as a client that vanishes; ``rest`` reads what still comes."""
        await self._transport.send_eof()

    async def hang_up(self) -> None:
        """Close the connection, and wait until the session is over."""
        await trio.aclose_forcefully(self.stream)
        await self._served.wait()

    async def _receive(self) -> bytes:
        try:
            return bytes(await self.stream.receive_some())
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return b""

    async def _serve(self, handler: Handler[Any], stream: trio.abc.Stream) -> None:
        try:
            await serve_stream(handler, stream, config=self._config)
        finally:
            self._served.set()


@asynccontextmanager
async def open_client(
    handler: Handler[Any],
    config: Config | None = None,
    *,
    greeting: bool = True,
    tls: ssl.SSLContext | None = None,
) -> AsyncGenerator[MemoryClient, None]:
    """Serve one session in memory, and give its client; it has ended at the end.

    Args:
        handler: receives the events of the session.
        config: the options; None takes the defaults and the name ``mx.test``.
        greeting: read the greeting into ``MemoryClient.greeting`` first.
        tls: begin with TLS, as ``Config.implicit_tls`` needs; one for clients.

    Raises:
        EOFError: there was no greeting.
        TypeError: an argument is of the wrong type.
    """
    ours, theirs = trio.testing.memory_stream_pair()
    config = Config(hostname="mx.test") if config is None else config
    with plain_errors():
        async with trio.open_nursery() as nursery:
            client = MemoryClient(ours, config)
            nursery.start_soon(client._serve, handler, theirs)  # pyright: ignore[reportPrivateUsage]
            if tls is not None:
                await client.shake_hands(tls)
            if greeting:
                client.greeting = await client.reply()
            yield client
            await trio.aclose_forcefully(client.stream)
