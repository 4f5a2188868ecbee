"""XCLIENT and XFORWARD, by which a trusted client speaks for another one."""

from collections.abc import Callable, Iterable

import attrs
import pytest

from smtpsession import Session
from smtpsession.wire.commands import Xclient
from smtpsession.wire.replies import Reply
from smtpsession.wire.trusted_networks import TrustedNetworks
from tests.standards.run_dialogue import P1, SETTINGS, Conversation, Received, refuse

PROXY = "192.0.2.1"
TRUSTED = attrs.evolve(
    SETTINGS,
    xclient=TrustedNetworks.of(["192.0.2.1"], option="xclient"),
    xforward=TrustedNetworks.of(["192.0.2.1"], option="xforward"),
)
NOTHING_IS_SAID = b"XFORWARD NAME=[UNAVAILABLE] ADDR=[UNAVAILABLE]\r\n"


def talk(
    *segments: bytes, address: str = PROXY, before: bytes = P1
) -> tuple[list[str], Session]:
    conversation = begin(address=address, before=before)
    for segment in segments:
        conversation.send(segment)
    return [str(reply) for reply in conversation.take_replies()], conversation.session


def begin(*, address: str = PROXY, before: bytes = P1) -> Conversation:
    session = Session(
        "0123456789abcdef",
        remote_address=address,
        remote_port=25,
        client_hostname="proxy.example",
        transport_peer=(address, 25),
    )
    conversation = Conversation(TRUSTED, session=session)
    for line in before.splitlines(keepends=True):
        conversation.send(line)
    conversation.take_replies()
    return conversation


def bytewise(octets: bytes) -> list[bytes]:
    return [octets[i : i + 1] for i in range(len(octets))]


Cut = Callable[[bytes], Iterable[bytes]]
ways = pytest.mark.parametrize(
    "cut", [lambda octets: [octets], bytewise], ids=["whole", "bytewise"]
)


# T-X-1


@pytest.mark.parametrize("before", [b"", P1])
def test_an_untrusted_client_is_refused_and_changes_nothing(before: bytes) -> None:
    codes, session = talk(
        b"XCLIENT ADDR=127.0.0.1 LOGIN=root\r\n",
        b"XFORWARD ADDR=127.0.0.1\r\n",
        address="198.51.100.1",
        before=before,
    )
    assert codes == ["550 5.7.0"] * 2
    assert (session.remote_address, session.user) == ("198.51.100.1", None)
    assert session.xclient == session.xforward == {}


def test_by_default_nobody_is_trusted() -> None:
    conversation = Conversation(SETTINGS)
    conversation.send(b"XCLIENT NAME=a.example\r\n")
    conversation.send(b"XFORWARD NAME=a.example\r\n")
    assert [str(reply) for reply in conversation.take_replies()] == ["550 5.7.0"] * 2


# T-X-2


@ways
def test_xclient_makes_it_the_session_of_another_client(cut: Cut) -> None:
    command = (
        b"XCLIENT NAME=a.example ADDR=192.0.2.9 PORT=1 PROTO=ESMTP HELO=h.example"
        b" DESTADDR=IPV6:2001:DB8::1 DESTPORT=587 REVERSE_NAME=r.example\r\n"
    )
    codes, session = talk(*cut(command), b"MAIL FROM:<a@c.example>\r\n")
    # The greeting comes again, and a hello is asked for again.
    assert codes == ["220", "503 5.5.1"]
    assert (session.remote_address, session.remote_port) == ("192.0.2.9", 1)
    assert (session.local_address, session.local_port) == ("2001:db8::1", 587)
    assert session.client_hostname == "a.example"
    assert session.host_name_appears_as == "h.example"
    assert session.opening_command is None
    assert session.transport_peer == (PROXY, 25)
    assert session.xclient == {
        "ADDR:DEFAULT": PROXY,
        "NAME:DEFAULT": "proxy.example",
        "PORT:DEFAULT": 25,
        "NAME": "a.example",
        "ADDR": "192.0.2.9",
        "PORT": 1,
        "PROTO": "ESMTP",
        "HELO": "h.example",
        "DESTADDR": "2001:db8::1",
        "DESTPORT": 587,
        "REVERSE_NAME": "r.example",
    }


def test_what_the_proxy_does_not_know_is_nothing() -> None:
    unknown = b"XCLIENT NAME=[unavailable] ADDR=192.0.2.9 PORT=[TEMPUNAVAIL]\r\n"
    codes, session = talk(unknown)
    assert codes == ["220"]
    assert session.remote_port == 0
    assert session.client_hostname == "[192.0.2.9]"
    assert session.xclient["NAME"] is session.xclient["PORT"] is None


def test_a_name_alone_leaves_the_address_and_an_address_alone_has_no_name() -> None:
    _, session = talk(b"XCLIENT NAME=a.example\r\n")
    assert (session.client_hostname, session.remote_address) == ("a.example", PROXY)
    _, session = talk(b"XCLIENT ADDR=192.0.2.9\r\n")
    # It is looked up by whoever has a resolver.
    assert (session.client_hostname, session.remote_address) == ("", "192.0.2.9")
    _, session = talk(b"XCLIENT PORT=7\r\n")
    assert (session.client_hostname, session.remote_port) == ("proxy.example", 7)


def test_hello_and_user_are_the_clients_before_and_are_forgotten() -> None:
    conversation = begin()
    conversation.session.user = "somebody"
    conversation.session.secure = True
    conversation.send(b"XCLIENT PORT=7\r\n")
    session = conversation.session
    assert session.user is session.host_name_appears_as is None
    assert session.secure


# T-X-3


@pytest.mark.parametrize(
    "attributes",
    [
        b"ADDR=999.1.1.1",
        b"PORT=65536",
        b"PORT=+1",
        b"ADDR=IPV6:fe80::1%eth0",
        b"NAME=a+0D+0Ab",
        b"LOGIN=",
        b"FOO=1",
        b"ADDR=1.2.3.4 FOO=1",
    ],
)
@ways
def test_one_bad_attribute_and_none_is_applied(cut: Cut, attributes: bytes) -> None:
    codes, session = talk(*cut(b"XCLIENT " + attributes + b"\r\nNOOP\r\n"))
    assert codes == ["501 5.5.4", "250 2.0.0"]
    assert (session.remote_address, session.client_hostname) == (PROXY, "proxy.example")
    assert session.opening_command == "EHLO"
    assert session.xclient == {}


# T-X-4


def test_the_new_address_decides_whether_xclient_goes_on() -> None:
    again = b"XCLIENT ADDR=192.0.2.7\r\n"
    codes, session = talk(b"XCLIENT ADDR=198.51.100.9\r\n", again)
    assert codes == ["220", "550 5.7.0"]
    assert session.remote_address == "198.51.100.9"


def test_xclient_may_tell_one_thing_after_the_other() -> None:
    codes, session = talk(b"XCLIENT PORT=1\r\n", b"XCLIENT NAME=a.example\r\n")
    assert codes == ["220", "220"]
    assert (session.xclient["PORT"], session.xclient["NAME"]) == (1, "a.example")
    assert session.xclient["NAME:DEFAULT"] == "proxy.example"


# T-X-5


@pytest.mark.parametrize("command", [b"XCLIENT PORT=1\r\n", NOTHING_IS_SAID])
@pytest.mark.parametrize("rcpt", [b"", b"RCPT TO:<b@s.example>\r\n"])
def test_not_in_a_mail_transaction(command: bytes, rcpt: bytes) -> None:
    codes, session = talk(b"MAIL FROM:<a@c.example>\r\n" + rcpt, command)
    assert codes[-1] == "503 5.5.1"
    assert session.in_transaction


# T-X-6


def test_xforward_lives_for_one_mail_transaction() -> None:
    conversation = begin()
    conversation.send(
        b"XFORWARD NAME=a.example ADDR=198.51.100.7 PORT=99 PROTO=ESMTP\r\n"
        b"XFORWARD HELO=h.example IDENT=4711 SOURCE=REMOTE\r\n"
    )
    session = conversation.session
    said = {
        "NAME": "a.example",
        "ADDR": "198.51.100.7",
        "PORT": 99,
        "PROTO": "ESMTP",
        "HELO": "h.example",
        "IDENT": "4711",
        "SOURCE": "REMOTE",
    }
    assert session.xforward == said
    conversation.send(b"MAIL FROM:<a@c.example>\r\nRCPT TO:<b@s.example>\r\nDATA\r\n")
    assert session.xforward == said
    # It is about the message, never about who the client is.
    assert (session.remote_address, session.client_hostname) == (PROXY, "proxy.example")
    conversation.send(b".\r\nMAIL FROM:<a@c.example>\r\n")
    assert session.xforward == {}
    codes = [str(reply) for reply in conversation.take_replies()]
    assert codes == [
        *["250 2.0.0"] * 2,
        *["250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "250 2.1.0"],
    ]


def test_what_the_first_xforward_leaves_out_is_not_known() -> None:
    _, session = talk(b"XFORWARD NAME=a.example\r\n")
    assert session.xforward == {
        **dict.fromkeys(["ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE"]),
        "NAME": "a.example",
    }


def test_a_refused_xclient_leaves_no_trace() -> None:
    session = Session(
        "0123456789abcdef", remote_address=PROXY, client_hostname="proxy.example"
    )
    reply = Reply(535, "no", "5.7.8")
    conversation = Conversation(TRUSTED, refuse(Xclient, reply), session=session)
    conversation.send(b"EHLO c.example\r\n")
    conversation.send(b"XCLIENT ADDR=192.0.2.9 LOGIN=bob HELO=h.example\r\n")
    conversation.send(b"MAIL FROM:<a@c.example>\r\n")
    refused: list[Received] = conversation.take_replies()[1:]
    assert [str(reply) for reply in refused] == ["535 5.7.8", "250 2.1.0"]
    assert session.remote_address == PROXY
    assert session.client_hostname == "proxy.example"
    assert session.host_name_appears_as == "c.example"
    assert session.xclient == {}
