import pytest

from smtpsession.testing.model_lines import Line
from smtpsession.testing.model_moves import (
    move_by_auth_line,
    move_by_command,
    move_by_refused_chunk,
)
from smtpsession.testing.model_replies import SeenReply
from smtpsession.testing.model_state import ModelState

OK = SeenReply(250, ("mx", "SIZE 5"))


def moved(state: ModelState, line: bytes, reply: SeenReply = OK) -> ModelState:
    move_by_command(state, Line(line), reply)
    return state


def test_hello_begins_anew_and_learns_what_is_offered() -> None:
    state = moved(ModelState(sender=b"a@c"), b"EHLO c")
    assert state == ModelState(hello="EHLO", offered={"SIZE": "5"}, transaction=2)
    assert moved(state, b"HELO c").offered == {}


def test_a_mail_transaction_fills() -> None:
    state = moved(ModelState(hello="EHLO"), b"MAIL FROM:<a@c> body=binarymime smtputf8")
    moved(state, b"RCPT TO:<b@s>")
    moved(state, b"RCPT TO:<c@s>", SeenReply(550, ("no",)))
    assert (state.sender, state.recipients) == (b"a@c", [b"b@s"])
    assert (state.body, state.smtputf8) == ("BINARYMIME", True)
    assert moved(state, b"DATA", SeenReply(354, ("",))).mode == "content"
    assert moved(state, b"RSET").recipients == []


@pytest.mark.parametrize(
    "line", [b"EHLO c", b"MAIL FROM:<a@c>", b"RCPT TO:<b@s>", b"RSET", b"DATA"]
)
def test_what_is_refused_changes_nothing(line: bytes) -> None:
    state = ModelState(hello="EHLO", sender=b"x", mode="command")
    moved(state, line, SeenReply(550, ("no",)))
    assert state == ModelState(hello="EHLO", sender=b"x", mode="command")


def test_commands_without_consequences() -> None:
    assert moved(ModelState(), b"NOOP") == ModelState()


def test_tls_forgets_what_was_said_before() -> None:
    state = ModelState(hello="EHLO", authenticated=True, sender=b"")
    moved(state, b"STARTTLS", SeenReply(220, ("go",)))
    assert state == ModelState(secure=True, transaction=2)


def test_auth_with_and_without_a_challenge() -> None:
    state = moved(ModelState(), b"AUTH LOGIN", SeenReply(334, ("",)))
    assert state.mode == "auth"
    move_by_auth_line(state, Line(b"AA=="), SeenReply(334, ("",)))
    assert state.mode == "auth"
    move_by_auth_line(state, Line(b"AA=="), SeenReply(235, ("in",)))
    assert (state.mode, state.authenticated) == ("command", True)
    other = moved(ModelState(), b"AUTH PLAIN AA==", SeenReply(235, ("in",)))
    assert other.authenticated
    assert not moved(ModelState(), b"AUTH PLAIN", SeenReply(535, ("",))).authenticated


@pytest.mark.parametrize(
    ("attributes", "authenticated"),
    [(b"NAME=x", False), (b"login=user", True), (b"LOGIN=[UNAVAILABLE]", False)],
)
def test_xclient_brings_another_client(attributes: bytes, authenticated: bool) -> None:
    state = ModelState(hello="EHLO", authenticated=True, secure=True)
    moved(state, b"XCLIENT " + attributes, SeenReply(220, ("mx",)))
    assert state == ModelState(secure=True, authenticated=authenticated)


def test_quit_is_the_end() -> None:
    assert moved(ModelState(), b"QUIT", SeenReply(221, ("",))).mode == "over"


def test_a_refused_chunk_fails_its_message() -> None:
    state = ModelState(sender=b"", recipients=[b"b", b"c"], chunks="open")
    move_by_refused_chunk(state, last=False)
    assert state == ModelState(
        chunks="failed", failed_recipients=2, transaction=2, needs_rset=True
    )
    move_by_refused_chunk(state, last=False)
    assert state.chunks == "failed"
    move_by_refused_chunk(state, last=True)
    assert state == ModelState(transaction=2, needs_rset=True)


def test_a_refused_last_chunk_ends_its_message() -> None:
    state = ModelState(sender=b"", recipients=[b"b"])
    move_by_refused_chunk(state, last=True)
    assert state == ModelState(transaction=2, needs_rset=True)


def test_a_chunk_for_nobody_is_refused_and_leaves_doubt() -> None:
    for last in (False, True):
        state = ModelState(sender=b"")
        move_by_refused_chunk(state, last=last)
        assert state == ModelState(sender=b"", chunks="doubt", needs_rset=True)
    state = ModelState()
    move_by_refused_chunk(state, last=True)
    assert state == ModelState(needs_rset=True)
    move_by_refused_chunk(state, last=False)
    assert state == ModelState(chunks="doubt", needs_rset=True)
    assert moved(state, b"MAIL FROM:<a@c>").chunks == "none"


def test_the_last_chunk_for_nobody_in_lmtp_ends_the_transaction() -> None:
    state = ModelState(sender=b"", lmtp=True)
    move_by_refused_chunk(state, last=True)
    assert state == ModelState(lmtp=True, transaction=2, needs_rset=True)
