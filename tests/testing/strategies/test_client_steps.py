"""A client's dialogue as a value."""

import pytest

from smtpsession.testing.strategies import ClientDialogue, HangUp, Send, StartTLS

HELLO, QUIT = Send(b"EHLO a.example\r\n"), Send(b"QUIT\r\n")


def test_what_is_sent() -> None:
    dialogue = ClientDialogue((HELLO, QUIT, HangUp()))
    assert dialogue.to_bytes() == b"EHLO a.example\r\nQUIT\r\n"
    assert list(dialogue) == [HELLO, QUIT, HangUp()]
    assert len(dialogue) == 3
    assert not dialogue.has_tls


def test_octets_cannot_say_that_tls_begins() -> None:
    dialogue = ClientDialogue((HELLO, Send(b"STARTTLS\r\n"), StartTLS(), HELLO))
    assert dialogue.has_tls
    with pytest.raises(ValueError, match="begins TLS"):
        dialogue.to_bytes()


def test_steps_are_compared_and_do_not_change() -> None:
    assert StartTLS() == StartTLS()
    assert len({StartTLS(), HangUp(), HangUp()}) == 2
    assert len({HELLO, Send(b"EHLO a.example\r\n")}) == 1
    with pytest.raises(AttributeError):
        HELLO.octets = b""  # type: ignore[misc]
