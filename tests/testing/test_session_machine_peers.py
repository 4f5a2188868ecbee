from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trustme

from smtpsession import Config, Handler, Message, Reject, Reply, Session
from smtpsession.testing.session_machine_peers import (
    DialoguePeer,
    HandlerPeer,
    Peer,
    Received,
)

CONTEXT = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
trustme.CA().issue_cert("mx.test").configure_cert(CONTEXT)
OPTIONS: dict[str, Any] = {
    "hostname": "mx.test",
    "tls": CONTEXT,
    "allow_insecure_auth": True,
    "auth_methods": ["PLAIN", "LOGIN"],
}
CONFIG = Config(**OPTIONS)
BEGIN = b"EHLO c\r\nMAIL FROM:<a@c>\r\nRCPT TO:<b@s>\r\n"
RIGHT, WRONG = b"AHVzZXIAc2VjcmV0", b"AHVzZXIAd3Jvbmc="


class Inbox(Handler):
    """Has one user, and reads content as its test says."""

    def __init__(self, read: int | None = None, said: Any = None) -> None:
        self.lives: list[str] = []
        self._read, self._said = read, said

    @asynccontextmanager
    async def around_session(self, session: Session) -> AsyncIterator[None]:
        self.lives.append("begins")
        yield
        self.lives.append("ends")

    async def on_auth(self, session: Session, auth: Any) -> Any:
        return auth.username if await auth.verify("secret") else None

    async def on_data(self, session: Session, message: Message) -> Any:
        if self._read != 0:
            await message.read(self._read)
        if isinstance(self._said, Reject):
            raise self._said
        return self._said


def dialogue() -> Peer:
    return DialoguePeer(CONFIG.dialogue_settings(authenticates=True))


def handler() -> Peer:
    return HandlerPeer(Inbox(), CONFIG)


def heard(peer: Peer, octets: bytes) -> list[str]:
    """Give the first line of each reply."""
    data = peer.send(octets) or peer.wait()
    lines = data.decode().splitlines()
    return [line[:3] for line in lines if line[3:4] == " "]


@pytest.mark.parametrize("make", [dialogue, handler])
class TestBoth:
    def test_a_message_arrives(self, make: Callable[[], Peer]) -> None:
        peer = make()
        assert heard(peer, b"") == ["220"]
        assert heard(peer, BEGIN) == ["250"] * 3
        assert heard(peer, b"DATA\r\n") == ["354"]
        assert heard(peer, b"..x\r\n.\r\n") == ["250"]
        assert peer.received == {1: Received("a@c", ("b@s",), b".x\r\n")}
        assert peer.session.transaction == 2
        assert heard(peer, b"QUIT\r\n") == ["221"]
        assert peer.is_closed
        assert peer.send(b"NOOP\r\n") == peer.wait() == b""
        peer.close()

    def test_authentication(self, make: Callable[[], Peer]) -> None:
        peer = make()
        heard(peer, b"EHLO c\r\n")
        assert heard(peer, b"AUTH PLAIN " + WRONG + b"\r\n") == ["535"]
        assert heard(peer, b"AUTH PLAIN AA==\r\n") == ["535"]
        assert heard(peer, b"AUTH PLAIN\r\n") == ["334"]
        assert heard(peer, RIGHT + b"\r\n") == ["235"]
        assert peer.session.user == "user"
        peer.close()

    def test_tls(self, make: Callable[[], Peer]) -> None:
        peer = make()
        assert heard(peer, b"")[:1] == ["220"]
        assert heard(peer, b"STARTTLS\r\n") == ["220"]
        peer.start_tls()
        assert heard(peer, b"EHLO c\r\n") == ["250"]
        assert peer.session.secure
        peer.close()

    def test_octets_behind_starttls_close(self, make: Callable[[], Peer]) -> None:
        peer = make()
        peer.send(b"")
        assert heard(peer, b"STARTTLS\r\nNOOP\r\n") == ["554"]
        peer.close()


def test_a_dialogue_refuses_what_calls_itself_bad() -> None:
    peer = DialoguePeer(CONFIG.dialogue_settings(authenticates=True))
    peer.send(b"")
    assert heard(peer, b"EHLO bad\r\nEHLO c\r\n") == ["550", "250"]
    assert heard(peer, b"MAIL FROM:<bad@c>\r\n") == ["451"]
    assert heard(peer, b"MAIL FROM:<early@c>\r\nRCPT TO:<bad@s>\r\n") == ["250", "451"]
    assert heard(peer, b"RCPT TO:<b@s>\r\nDATA\r\nRSET\r\n") == ["250", "451", "250"]
    assert heard(peer, BEGIN + b"DATA\r\n") == ["250"] * 3 + ["354"]
    assert heard(peer, b"bad\r\n.\r\n") == ["451"]


def test_a_dialogue_takes_the_user_that_a_proxy_names() -> None:
    config = Config(**OPTIONS, xclient=["unix"])
    peer = DialoguePeer(config.dialogue_settings(authenticates=True))
    peer.send(b"")
    assert heard(peer, b"XCLIENT LOGIN=user\r\n") == ["220"]
    assert peer.session.user == "user"
    assert heard(peer, b"XCLIENT NAME=h.example\r\n") == ["220"]
    assert peer.session.user is None


@pytest.mark.parametrize("read", [0, 1, None])
def test_content_is_seen_whole_however_much_the_handler_reads(read: int | None) -> None:
    peer = HandlerPeer(Inbox(read, Reply(250, "kept")), CONFIG)
    heard(peer, BEGIN + b"DATA\r\n")
    assert heard(peer, b"hello\r\n.\r\n") == ["250"]
    assert peer.received[1].content == b"hello\r\n"
    peer.close()


def test_content_that_a_handler_refuses_is_not_waited_for() -> None:
    peer = HandlerPeer(Inbox(0, Reply(550, "no")), CONFIG)
    assert heard(peer, BEGIN + b"DATA\r\n")[-1] == "550"
    assert peer.received[1].content == b""
    peer.close()
    peer = HandlerPeer(Inbox(0, Reject(550, "no")), CONFIG)
    assert heard(peer, BEGIN + b"DATA\r\n")[-1] == "550"
    assert peer.received == {}
    peer.close()


def test_content_with_a_fault_ends_what_is_seen() -> None:
    peer = HandlerPeer(Inbox(0), CONFIG)
    heard(peer, BEGIN + b"DATA\r\n")
    assert heard(peer, b"a\nb\r\n.\r\n") == ["550"]
    peer.close()


def test_a_handler_has_its_own_session_context() -> None:
    handler = Inbox()
    peer = HandlerPeer(handler, CONFIG)
    assert handler.lives == ["begins"]
    heard(peer, b"QUIT\r\n")
    assert handler.lives == ["begins", "ends"]
    peer.close()


def test_tls_from_the_start() -> None:
    peer = HandlerPeer(Inbox(), Config(**OPTIONS, implicit_tls=True))
    assert heard(peer, b"") == ["220"]
    assert peer.session.secure
    peer.close()


def test_silence_is_no_reply() -> None:
    peer = HandlerPeer(Inbox(), CONFIG)
    assert heard(peer, b"") == ["220"]
    assert heard(peer, b"NOO") == []
    peer.close()


def test_a_session_that_nobody_sees_is_an_error() -> None:
    """A server that waits for a proxy's header has no session yet."""
    config = Config(**OPTIONS, proxy_protocol=["unix"])
    with pytest.raises(ValueError, match="before on_connect"):
        HandlerPeer(Inbox(), config)
