"""What a ``SessionMachine`` speaks to: a handler's server, or a dialogue alone."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import attrs
import trio
import trio.testing

from smtpsession.auth.mechanism import Challenge
from smtpsession.dialogue.content_dialogue import Said
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.events import ContentTooLarge, Flush, SlowDown
from smtpsession.dialogue.settings import Settings
from smtpsession.errors import (
    AuthenticationFailedError,
    ClientGone,
    Reject,
)
from smtpsession.handler import Handler
from smtpsession.message import Message
from smtpsession.server.config import Config
from smtpsession.server.serve import serve_stream
from smtpsession.session.session import Session
from smtpsession.session.tls_options import TLSOptions
from smtpsession.testing.outer_handler import OuterHandler
from smtpsession.testing.session_machine_pump import TrioPump, settle
from smtpsession.wire import replies
from smtpsession.wire.commands import (
    Auth,
    Bdat,
    Data,
    Hello,
    Mail,
    Rcpt,
    StartTLS,
    Xclient,
)
from smtpsession.wire.events import (
    AuthResponse,
    ConnectionLost,
    Content,
    ContentFault,
    EndOfMessage,
    Event,
)
from smtpsession.wire.replies import Reply

#: For how long a reply may be held back, in seconds of virtual time.
_REPLY_SECONDS = 60


@attrs.frozen
class Received:
    """A message as it arrived inside the server."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


class Peer(Protocol):
    """The server's side of one connection."""

    session: Session

    @property
    def received(self) -> dict[int, Received]:
        """Messages by the ordinal of their mail transaction, refused ones included."""
        ...

    @property
    def is_closed(self) -> bool:
        """The server has closed the connection."""
        ...

    def send(self, octets: bytes) -> bytes:
        """Send octets that are not cut, and give those that came back."""
        ...

    def wait(self) -> bytes:
        """Wait for what is held back, and give it."""
        ...

    def start_tls(self) -> None:
        """Begin TLS, as 220 to STARTTLS asks."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


def _received(session: Session, content: bytes) -> Received:
    envelope = session.envelope
    assert envelope.mail_from is not None
    recipients = tuple(recipient.address for recipient in envelope.rcpt_to)
    return Received(envelope.mail_from.address, recipients, content)


# A handler, in memory.


class _Watch(OuterHandler):
    """Passes everything on to another handler, and sees what goes by."""

    def __init__(self, inner: Handler[Any]) -> None:
        super().__init__(inner)
        # The server asks no more than it would without a watch.
        self.overridden_hooks = inner.overridden_hooks | {"on_connect", "on_data"}
        self.session: Session | None = None
        self.received: dict[int, Received] = {}

    async def on_connect(self, session: Any) -> Any:
        self.session = session
        return await super().on_connect(session)

    async def on_data(self, session: Any, message: Message) -> Any:
        content = bytearray()

        async def receive() -> bytes:
            octets = await message.read(65_536)
            content.extend(octets)
            return octets

        said: Any = await super().on_data(session, Message(receive))
        if not isinstance(said, Reply) or said.is_positive:
            with suppress(ClientGone, Reject):
                while await receive():
                    pass
        self.received[session.transaction] = _received(session, bytes(content))
        return said


@functools.cache
def _client_context() -> ssl.SSLContext:
    # No authority is loaded, which would take longer than all else.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class HandlerPeer:
    """A session of a handler, served over a stream in memory and in virtual time.

    Args:
        handler: receives the session's events.
        config: the server's options.
    """

    def __init__(self, handler: Handler[Any], config: Config) -> None:
        self._pump = TrioPump()
        self._watch = _Watch(handler)
        ours, theirs = trio.testing.memory_stream_pair()
        self._stream: trio.abc.Stream = ours
        self._octets = bytearray()
        self._reading = trio.CancelScope()
        self.is_closed = False
        self._pump.start_soon(lambda: serve_stream(self._watch, theirs, config=config))
        self._pump.start_soon(self._read)
        try:
            self.session: Session = self._begin(config)
        except BaseException:
            # No other Trio could run in this thread.
            self._pump.close()
            raise

    def _begin(self, config: Config) -> Session:
        if config.implicit_tls:
            self.start_tls()
        self._pump.call(settle)
        if self._watch.session is None:
            raise ValueError(f"the session ended before on_connect; config is {config}")
        return self._watch.session

    @property
    def received(self) -> dict[int, Received]:
        """Messages by the ordinal of their mail transaction."""
        return self._watch.received

    def send(self, octets: bytes) -> bytes:
        """Send octets in one segment, and give those that came back."""

        async def send() -> None:
            with suppress(trio.BrokenResourceError):
                await self._stream.send_all(octets)
            await settle()

        self._pump.call(send)
        return self._take()

    def wait(self) -> bytes:
        """Wait for replies that are held back."""

        async def wait() -> None:
            for _ in range(_REPLY_SECONDS):
                if self._octets or self.is_closed:
                    return
                await trio.sleep(1)
                await settle()

        self._pump.call(wait)
        return self._take()

    def start_tls(self) -> None:
        """Shake hands; the certificate is not looked at."""

        async def start_tls() -> None:
            self._reading.cancel()
            await settle()
            stream = trio.SSLStream(self._stream, _client_context())
            await stream.do_handshake()
            self._stream = stream
            self._reading = trio.CancelScope()
            self._pump.start_soon(self._read)
            await settle()

        self._pump.call(start_tls)

    def close(self) -> None:
        """End the session as a client does that is gone."""
        self._pump.close()

    async def _read(self) -> None:
        with self._reading, suppress(trio.BrokenResourceError):
            async for octets in self._stream:
                self._octets += octets
        self.is_closed = not self._reading.cancelled_caught

    def _take(self) -> bytes:
        octets = bytes(self._octets)
        self._octets.clear()
        return octets


# A dialogue, without a server around it.

_TLS = TLSOptions("TLS_AES_256_GCM_SHA384", "TLSv1.3")
_NOT_NOW = Reply(451, "not now", "4.3.0")
_SILENT = (Content, ContentFault, ContentTooLarge, Flush, SlowDown, ConnectionLost)

#: What is answered to an event, as ``Dialogue.answer`` takes it.
Decide = Callable[[Event, Session, bytes], Said]


def decide_by_name(event: Event, session: Session, content: bytes) -> Said:
    """Refuse what calls itself bad, content from ``early``, and nothing else.

    Args:
        event: what is to be answered.
        session: whose event it is.
        content: the content of the message so far.
    """
    sender = session.envelope.mail_from
    match event:
        case Mail() | Rcpt() if event.address.local_part == "bad":
            return _NOT_NOW
        case Hello() if event.name.startswith("bad"):
            return Reply(550, "no")
        case Bdat() | Data() if sender and sender.local_part == "early":
            return _NOT_NOW
        case EndOfMessage() if b"bad" in content:
            return _NOT_NOW
        case _:
            return None


class DialoguePeer:
    """A dialogue, driven as a server drives it.

    Args:
        settings: as for the dialogue.
        dialogue_class: what is driven.
        decide: answers its events.
        password: with which any user may log in.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        dialogue_class: type[Dialogue] = Dialogue,
        decide: Decide = decide_by_name,
        password: str = "secret",
    ) -> None:
        self.session = Session("0123456789abcdef", lmtp=settings.lmtp)
        self.received: dict[int, Received] = {}
        self._dialogue = dialogue_class(self.session, settings)
        self._decide = decide
        self._password = password
        self._content = bytearray()
        self._mechanism: Any = None
        self._dialogue.greet()

    @property
    def is_closed(self) -> bool:
        """The dialogue is over."""
        return self._dialogue.is_over

    def send(self, octets: bytes) -> bytes:
        """Hand octets over in one piece, and give the replies."""
        if octets and not self.is_closed:
            self._dialogue.receive_data(octets)
        sent = bytearray()
        while not self.is_closed and (event := self._dialogue.next_event()):
            self._handle(event)
            sent += self._dialogue.data_to_send()
        return bytes(sent + self._dialogue.data_to_send())

    def wait(self) -> bytes:
        """Give nothing, because nothing is held back."""
        return b""

    def start_tls(self) -> None:
        """Do nothing: the dialogue was told when it said 220."""

    def close(self) -> None:
        """Do nothing: there is nothing to be freed."""

    def _handle(self, event: Event) -> None:
        if isinstance(event, Content):
            self._content += event.data
        elif isinstance(event, (Auth, AuthResponse)):
            self._authenticate(event)
        elif not isinstance(event, _SILENT):
            self._answer(event)

    def _answer(self, event: Event) -> None:
        content = bytes(self._content)
        if isinstance(event, EndOfMessage):
            self.received[self.session.transaction] = _received(self.session, content)
        if isinstance(event, (Bdat, Data, EndOfMessage)):
            self._content.clear()
        if isinstance(event, Xclient) and event.attributes.get("LOGIN"):
            self.session.user = event.attributes["LOGIN"]
        self._dialogue.answer(self._decide(event, self.session, content))
        if isinstance(event, StartTLS) and not self.is_closed:
            self._dialogue.tls_established(_TLS)

    def _authenticate(self, event: Auth | AuthResponse) -> None:
        if isinstance(event, Auth):
            self._mechanism = self._dialogue.begin_exchange()
        response = event.initial if isinstance(event, Auth) else event.data
        try:
            step = self._mechanism.step(response)
        except AuthenticationFailedError:
            self._dialogue.answer(replies.AUTH_FAILED)
            return
        if isinstance(step, Challenge):
            self._dialogue.challenge(step.data)
        elif self._mechanism.verify(self._password, iterations=1) is True:
            self._dialogue.accept_user(step.username)
        else:
            self._dialogue.answer(replies.AUTH_FAILED)
