"""Exceptions: what they say to a peer, and what a handler may make of them."""

import re

import pytest

from smtpsession import errors
from smtpsession.errors import (
    AuthLineOverflowError,
    AuthLineTooLongError,
    ClientGone,
    ContentRefused,
    LineOverflowError,
    LineTooLongError,
    LocalProtocolError,
    MessageAborted,
    MessageTooLarge,
    Reject,
    RemoteProtocolError,
    SMTPSessionError,
    require_enhanced,
    require_reply_code,
    require_reply_text,
)

CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, Exception)
]
REMOTE = [kind for kind in CLASSES if issubclass(kind, RemoteProtocolError)]
every_remote_error = pytest.mark.parametrize("kind", REMOTE)

NO_REPLY_TEXT = [
    "ok\r\n250 injected",
    "ok\nX",
    "ok\n",
    "\rok",
    "a\x00b",
    "a\x0bb",
    "\x1b[2J",
    "\x7f",
    "\u00e9",
    "a\u2028b",
]


@pytest.mark.parametrize("kind", CLASSES)
def test_one_except_clause_catches_all_of_them(kind: type[Exception]) -> None:
    assert issubclass(kind, SMTPSessionError)


@every_remote_error
def test_error_knows_a_well_formed_reply(kind: type[RemoteProtocolError]) -> None:
    require_reply_code(kind.code, 400, 599)
    require_reply_text(kind.text)
    require_enhanced(kind.enhanced, kind.code)
    assert kind.text


@every_remote_error
def test_421_closes_the_connection(kind: type[RemoteProtocolError]) -> None:
    assert kind.closes or kind.code != 421


@every_remote_error
def test_tree_in_the_docstring_is_true(kind: type[RemoteProtocolError]) -> None:
    if kind in (RemoteProtocolError, LineOverflowError, AuthLineOverflowError):
        return
    line = re.search(rf"─ {kind.__name__} +(.*)", errors.__doc__ or "")
    assert line is not None
    closes = ", closes" if kind.closes else ""
    assert line[1] == f"{kind.code} {kind.enhanced}{closes}"


@pytest.mark.parametrize(
    ("overflow", "too_long"),
    [
        (LineOverflowError, LineTooLongError),
        (AuthLineOverflowError, AuthLineTooLongError),
    ],
)
def test_line_overflow_is_a_long_line_that_closes(
    overflow: type[RemoteProtocolError], too_long: type[RemoteProtocolError]
) -> None:
    assert issubclass(overflow, too_long)
    assert overflow.code == too_long.code == 500
    assert overflow.enhanced == too_long.enhanced
    assert overflow.closes
    assert not too_long.closes


def test_a_message_that_was_given_up_is_a_client_that_is_gone() -> None:
    """So that a handler needs one except clause to clean up."""
    assert issubclass(MessageAborted, ClientGone)


@pytest.mark.parametrize("kind", [LocalProtocolError, ClientGone])
def test_our_own_errors_are_no_answer_to_a_peer(kind: type[Exception]) -> None:
    assert not issubclass(kind, (RemoteProtocolError, Reject))


@pytest.mark.parametrize("code", [200, 250, 354, 359, 555, 559])
def test_reply_code_in_range(code: int) -> None:
    require_reply_code(code, 200, 599)


@pytest.mark.parametrize("code", [99, 100, 199, 600, 650, 0, -250, 260, 569, 599])
def test_reply_code_out_of_range_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match=f"got {code}"):
        require_reply_code(code, 200, 599)


@pytest.mark.parametrize("code", ["250", 250.0, None, True, b"250"])
def test_reply_code_is_an_int(code: object) -> None:
    with pytest.raises(TypeError, match="must be an int"):
        require_reply_code(code, 200, 599)


@pytest.mark.parametrize("text", ["", "OK", "a\tb", " ~", "<CRLF>.<CRLF>"])
def test_reply_text(text: str) -> None:
    require_reply_text(text)


@pytest.mark.parametrize("text", NO_REPLY_TEXT)
def test_reply_text_is_printable_ascii_on_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII on one line"):
        require_reply_text(text)


@pytest.mark.parametrize("text", [b"OK", None, 250])
def test_reply_text_is_a_str(text: object) -> None:
    with pytest.raises(TypeError, match="must be a str"):
        require_reply_text(text)


@pytest.mark.parametrize(
    ("enhanced", "code"),
    [(None, 250), (None, 354), ("2.0.0", 250), ("4.7.0", 421), ("5.999.999", 550)],
)
def test_enhanced_status_code(enhanced: str | None, code: int) -> None:
    require_enhanced(enhanced, code)


@pytest.mark.parametrize(
    ("enhanced", "code"),
    [
        ("4.0.0", 550),  # another class
        ("3.0.0", 354),  # RFC 3463 2 has no class 3
        ("2.0", 250),
        ("2.0.0.0", 250),
        ("2.00.0", 250),
        ("2.0.1000", 250),
        ("2.0.0\n", 250),
        ("2.0.\u0661", 250),
        (" 2.0.0", 250),
        ("", 250),
    ],
)
def test_bad_enhanced_status_code_is_refused(enhanced: str, code: int) -> None:
    with pytest.raises(ValueError, match=f"look like {code // 100}.y.z"):
        require_enhanced(enhanced, code)


@pytest.mark.parametrize("enhanced", [500, b"5.0.0", (5, 0, 0)])
def test_enhanced_status_code_is_a_str(enhanced: object) -> None:
    with pytest.raises(TypeError, match="str or None"):
        require_enhanced(enhanced, 550)


def test_reject_carries_its_reply() -> None:
    reject = Reject(550, "no such user", enhanced="5.1.1")
    assert (reject.code, reject.text, reject.enhanced) == (550, "no such user", "5.1.1")
    assert str(reject) == "550 5.1.1 no such user"


def test_reject_without_enhanced_status_code() -> None:
    reject = Reject(450, "later")
    assert reject.enhanced is None
    assert str(reject) == "450 later"


@pytest.mark.parametrize("code", [200, 250, 354, 399, 600])
def test_reject_is_a_refusal(code: int) -> None:
    with pytest.raises(ValueError, match="400 to 599"):
        Reject(code, "x")


@pytest.mark.parametrize("text", NO_REPLY_TEXT)
def test_reject_cannot_split_a_reply(text: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        Reject(550, text)


def test_reject_with_another_class_is_refused() -> None:
    with pytest.raises(ValueError, match=r"5\.y\.z"):
        Reject(550, "x", enhanced="4.1.1")


def test_message_too_large_is_552() -> None:
    error = MessageTooLarge()
    assert isinstance(error, Reject)
    assert (error.code, error.enhanced) == (552, "5.3.4")


def test_content_refused_is_a_reject() -> None:
    error = ContentRefused(554, "content has a NUL octet", enhanced="5.6.0")
    assert isinstance(error, Reject)
    assert str(error) == "554 5.6.0 content has a NUL octet"
