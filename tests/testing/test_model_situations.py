"""Questions about a session and a line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smtpsession.testing import model_situations as when
from smtpsession.testing.model_lines import Line
from smtpsession.testing.model_state import ModelState

NEW = ModelState()
HELO = ModelState(hello="HELO")
EHLO = ModelState(hello="EHLO", offered={"SIZE": "", "AUTH": "PLAIN"})
MAIL = ModelState(hello="EHLO", sender=b"", recipients=[b"a@b"])
LMTP = ModelState(lmtp=True, hello="LHLO", sender=b"")
Situation = Callable[[ModelState, Line], bool]


@pytest.mark.parametrize(
    ("situation", "line", "where", "elsewhere"),
    [
        (when.before_hello, b"NOOP", NEW, HELO),
        (when.in_transaction, b"NOOP", MAIL, EHLO),
        (when.outside, b"NOOP", EHLO, MAIL),
        (when.has_nobody, b"DATA", LMTP, MAIL),
        (when.has_nobody_in_lmtp, b"DATA", LMTP, EHLO),
        (when.is_basic, b"NOOP", HELO, EHLO),
        (when.is_offered, b"AUTH PLAIN", EHLO, HELO),
        (when.is_not_offered, b"STARTTLS", EHLO, HELO),
        (when.has_foreign_mechanism, b"AUTH LOGIN", EHLO, HELO),
        (when.has_foreign_parameter, b"MAIL FROM:<> RET=HDRS", EHLO, HELO),
        (when.is_of_other_protocol, b"EHLO a", LMTP, EHLO),
        (when.is_turn, b"ETRN a", HELO, EHLO),
        (when.is_refused, b"NOOP", ModelState(refused=True), NEW),
        (when.is_secure, b"NOOP", ModelState(secure=True), NEW),
        (when.is_authenticated, b"NOOP", ModelState(authenticated=True), NEW),
        (when.is_binary, b"DATA", ModelState(body="BINARYMIME"), NEW),
        (when.behind_chunk, b"DATA", ModelState(chunks="open"), NEW),
        (when.behind_refused_chunk, b"DATA", ModelState(chunks="doubt"), NEW),
        (when.has_failed, b"DATA", ModelState(chunks="failed"), NEW),
        (when.has_no_chunking, b"DATA", NEW, ModelState(offered={"CHUNKING": ""})),
        (when.is_first_chunk_for_nobody, b"BDAT 1", NEW, MAIL),
    ],
)
def test_it_depends_on_the_session(
    situation: Situation, line: bytes, where: ModelState, elsewhere: ModelState
) -> None:
    assert situation(where, Line(line))
    assert not situation(elsewhere, Line(line))


@pytest.mark.parametrize(
    ("situation", "line", "other"),
    [
        (when.is_bad, b"MAIL FROM:", b"MAIL FROM:<>"),
        (when.has_argument, b"RSET a", b"RSET"),
        (when.has_plain_argument, b"NOOP a1", b"NOOP \xff"),
        (when.has_trailing_blanks, b"NOOP ", b"NOOP"),
        (when.has_bare_newline, b"NO\nOP", b"NOOP"),
        (when.is_private, b"XCLIENT", b"NOOP"),
        (when.is_cancel, b"*", b"=*"),
        (when.is_no_base64, b"*", b"AA=="),
    ],
)
def test_it_depends_on_the_line(
    situation: Situation, line: bytes, other: bytes
) -> None:
    assert situation(NEW, Line(line))
    assert not situation(NEW, Line(other))


def test_there_is_always_a_last_situation() -> None:
    assert when.always(NEW, Line(b""))
