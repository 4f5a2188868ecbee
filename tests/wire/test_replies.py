"""Replies: none can split, be too long for the wire, or carry two codes."""

import enum
import http
import re
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import DeclaredSizeError, LineOverflowError
from smtpsession.wire import replies
from smtpsession.wire.replies import (
    MAX_REPLY_LINE_OCTETS,
    MAX_REPLY_LINES,
    Reply,
    printable,
)

# RFC 5321 4.2: Reply-line = *( Reply-code "-" [ textstring ] CRLF )
#                            Reply-code [ SP textstring ] CRLF
REPLY = re.compile(
    rb"(?:([2-5][0-5][0-9])-[\t -~]*\r\n)*([2-5][0-5][0-9])(?: [\t -~]*)?\r\n"
)
CATALOGUE = {
    name: value for name, value in vars(replies).items() if isinstance(value, Reply)
}
codes = st.sampled_from([200, 211, 250, 334, 354, 421, 450, 550, 559])
texts = st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.just("\t"))


def wire_lines(reply: Reply, *, enhanced: bool = True) -> list[bytes]:
    """Give the reply's lines after a look at its form."""
    data = reply.to_bytes(enhanced=enhanced)
    assert REPLY.fullmatch(data) is not None
    lines = data.split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) + 2 <= MAX_REPLY_LINE_OCTETS for line in lines)
    assert {line[:3] for line in lines} == {b"%d" % reply.code}
    assert [line[3:4] for line in lines] == [b"-"] * (len(lines) - 1) + [b" "]
    return lines


def test_one_line() -> None:
    assert Reply(250, "OK", "2.1.0").to_bytes() == b"250 2.1.0 OK\r\n"


def test_enhanced_status_code_stands_on_each_line() -> None:
    reply = Reply(550, ["no such user", "", "sorry"], "5.1.1")
    assert reply.to_bytes() == (
        b"550-5.1.1 no such user\r\n550-5.1.1 \r\n550 5.1.1 sorry\r\n"
    )


def test_without_enhanced_status_codes() -> None:
    reply = Reply(250, ("mx.example", "SIZE 1000"), "2.0.0")
    assert reply.to_bytes(enhanced=False) == b"250-mx.example\r\n250 SIZE 1000\r\n"
    assert reply.to_bytes() == b"250-2.0.0 mx.example\r\n250 2.0.0 SIZE 1000\r\n"


@pytest.mark.parametrize(
    ("code", "enhanced"), [(250, "2.0.0"), (400, "4.0.0"), (451, "4.0.0")]
)
def test_enhanced_status_code_by_default(code: int, enhanced: str) -> None:
    assert Reply(code, "x").enhanced == enhanced
    assert Reply(code, "x") == Reply(code, "x", enhanced)


def test_the_lowest_and_the_highest_code() -> None:
    assert Reply(200, "x").to_bytes() == b"200 2.0.0 x\r\n"
    assert Reply(559, "x").to_bytes() == b"559 5.0.0 x\r\n"


def test_3yz_has_no_enhanced_status_code() -> None:
    assert Reply(354, "go").enhanced is None
    assert Reply(354, "go").to_bytes() == b"354 go\r\n"
    assert Reply(300, "go").enhanced is None
    for code in (300, 354):
        with pytest.raises(ValueError, match="no enhanced"):
            Reply(code, "go", "2.0.0")


@pytest.mark.parametrize("code", [99, 100, 150, 199, 600, 650, 260, 599])
def test_code_out_of_range_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match="reply code"):
        Reply(code, "x")


@pytest.mark.parametrize(
    "text",
    [
        "ok\r\n250 injected",
        "ok\nX",
        "ok\n",
        "a\x00b",
        "\x1b[2J",
        "\x7f",
        "\u00e9",
        "a\u2028b",
        "a\x85b",
        ["ok", "a\rb"],
        [],
        (),
    ],
)
def test_text_that_cannot_be_in_a_reply_is_refused(text: str | list[str]) -> None:
    with pytest.raises(ValueError, match="reply text"):
        Reply(250, text)


@pytest.mark.parametrize(
    ("code", "text", "enhanced"),
    [
        ("250", "x", None),
        (True, "x", None),
        (250, b"ok", None),
        (250, 1, None),
        (250, None, None),
        (250, ["ok", b"ok"], None),
        (250, "ok", 2),
    ],
)
def test_wrong_types_are_refused(code: object, text: object, enhanced: object) -> None:
    with pytest.raises(TypeError):
        Reply(code, text, enhanced)  # type: ignore[arg-type]


def test_the_text_has_a_name_and_the_octets_have_none() -> None:
    assert Reply(550, text="no") == Reply(550, "no")
    with pytest.raises(TypeError):
        Reply(550, "no", None, b"550 yes\r\n")  # type: ignore[call-arg]


def test_no_line_is_no_text() -> None:
    with pytest.raises(ValueError, match=r"^reply text must have at least one line$"):
        Reply(250, [])


@pytest.mark.parametrize("enhanced", ["5.0.0", "2.0", "2.0.0\n", "x", ""])
def test_bad_enhanced_status_code_is_refused(enhanced: str) -> None:
    with pytest.raises(ValueError, match="enhanced"):
        Reply(250, "x", enhanced)


def test_empty_text_is_a_whole_reply() -> None:
    assert Reply(250, "").to_bytes() == b"250 2.0.0 \r\n"
    assert wire_lines(Reply(250, ""), enhanced=False) == [b"250 "]


def test_lines_that_look_like_replies_carry_one_code() -> None:
    lines = wire_lines(Reply(550, ("550-a", "451 b")))
    assert lines == [b"550-5.0.0 550-a", b"550 5.0.0 451 b"]


@pytest.mark.parametrize("enhanced", [True, False])
def test_long_text_goes_on_on_the_next_line(enhanced: bool) -> None:
    lines = wire_lines(Reply(250, "a" * 5000), enhanced=enhanced)
    prefix = len("250 2.0.0 ") if enhanced else len("250 ")
    assert b"".join(line[prefix:] for line in lines) == b"a" * 5000
    assert {len(line) + 2 for line in lines[:-1]} == {MAX_REPLY_LINE_OCTETS}


def test_longest_text_of_one_line() -> None:
    room = MAX_REPLY_LINE_OCTETS - len("250 \r\n")
    assert len(wire_lines(Reply(250, "a" * room), enhanced=False)) == 1
    assert len(wire_lines(Reply(250, "a" * (room + 1)), enhanced=False)) == 2


def test_a_reply_has_a_most_of_lines() -> None:
    assert (MAX_REPLY_LINE_OCTETS, MAX_REPLY_LINES) == (512, 50)
    assert len(wire_lines(Reply(250, ["a"] * 1000))) == MAX_REPLY_LINES
    assert len(wire_lines(Reply(250, "a" * 100_000))) == MAX_REPLY_LINES


@given(codes, texts | st.lists(texts, min_size=1, max_size=5), st.booleans())
def test_any_reply_is_well_formed(
    code: int, text: str | list[str], enhanced: bool
) -> None:
    reply = Reply(code, text)
    lines = wire_lines(reply, enhanced=enhanced)
    said = b"".join(line[4:] for line in lines)
    if enhanced and reply.enhanced:
        said = b"".join(line[4 + len("x.y.z ") :] for line in lines)
    assert said == "".join(reply.lines).encode()


@given(st.integers(-10, 700), st.text() | st.lists(st.text()), st.none() | st.text())
def test_anything_is_a_well_formed_reply_or_refused(
    code: int, text: str | list[str], enhanced: str | None
) -> None:
    try:
        reply = Reply(code, text, enhanced)
    except ValueError:
        return
    wire_lines(reply)


@given(st.text())
def test_with_text_takes_any_text(text: str) -> None:
    reply = replies.SENDER_OK.with_text(text)
    assert (reply.code, reply.enhanced) == (250, "2.1.0")
    assert len(reply.lines) == 1
    assert len(reply.text) == len(text)
    wire_lines(reply)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("queued as 17", "queued as 17"),
        (" !~", " !~"),
        ("ok\r\n250 injected", "ok??250 injected"),
        ("caf\u00e9\t\x7f\x00", "caf?\t??"),
    ],
)
def test_printable(text: str, said: str) -> None:
    assert printable(text) == said
    assert replies.OK.with_text(text) == Reply(250, said, "2.0.0")


def test_from_error() -> None:
    assert Reply.from_error(DeclaredSizeError("secret of the client")) == Reply(
        552, "message size exceeds the fixed limit", "5.3.4"
    )
    assert Reply.from_error(LineOverflowError()).code == 500


def test_text_joins_the_lines() -> None:
    assert Reply(250, ["a", "b"]).text == "a b"


@pytest.mark.parametrize(
    ("code", "positive"),
    [(250, True), (354, True), (400, False), (421, False), (550, False)],
)
def test_is_positive(code: int, positive: bool) -> None:
    assert Reply(code, "x").is_positive is positive


def test_replies_are_values() -> None:
    one, same = Reply(250, "OK"), Reply(250, ["OK"])
    one.to_bytes()
    assert one == same
    assert hash(one) == hash(same)
    assert one != Reply(250, "ok")
    assert one != Reply(251, "OK")
    assert one != Reply(250, "OK", "2.1.0")


def test_replies_are_frozen() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        replies.OK.code = 550  # type: ignore[misc]


def test_repr_shows_what_is_said_and_nothing_else() -> None:
    reply = Reply(250, "OK")
    shown = "Reply(code=250, lines=('OK',), enhanced='2.0.0')"
    assert repr(reply) == shown
    reply.to_bytes()
    assert repr(reply) == shown


class Code(int, enum.Enum):
    NO = 550


@pytest.mark.parametrize("code", [http.HTTPStatus.OK, Code.NO])
def test_a_code_out_of_an_enum_is_sent_as_digits(code: int) -> None:
    assert Reply(code, "x").to_bytes()[:3] == b"%d" % int(code)


def test_the_catalogue_is_found() -> None:
    assert {"OK", "BYE", "START_CONTENT", "IDLE_TIMEOUT"} <= set(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize("enhanced", [True, False])
def test_catalogue_is_well_formed(name: str, enhanced: bool) -> None:
    (line,) = wire_lines(CATALOGUE[name], enhanced=enhanced)
    assert line[4:].strip() or name == "HELLO"


@pytest.mark.parametrize("name", CATALOGUE)
def test_catalogue_states_its_enhanced_status_codes(name: str) -> None:
    reply = CATALOGUE[name]
    assert (reply.enhanced is None) == (reply.code // 100 == 3)
    if not reply.is_positive:
        assert reply.enhanced != f"{reply.code // 100}.0.0"


# Codes are the standard's; texts are free to change, but not by accident.
SAID = {
    "OK": "250 2.0.0 OK",
    "HELLO": "250 2.0.0 ",
    "SENDER_OK": "250 2.1.0 sender OK",
    "RECIPIENT_OK": "250 2.1.5 recipient OK",
    "MESSAGE_ACCEPTED": "250 2.0.0 message accepted",
    "START_CONTENT": "354 end content with <CRLF>.<CRLF>",
    "AUTHENTICATED": "235 2.7.0 authentication successful",
    "START_TLS": "220 2.0.0 ready to start TLS",
    "BYE": "221 2.0.0 bye",
    "HELP": "214 2.0.0 see RFC 5321",
    "CANNOT_VERIFY": "252 2.0.0 cannot verify, but will take the message",
    "UNKNOWN_COMMAND": "500 5.5.2 command not recognized",
    "NOT_IMPLEMENTED": "502 5.5.1 command not implemented",
    "BAD_SEQUENCE": "503 5.5.1 bad sequence of commands",
    "NO_VALID_RECIPIENTS": "554 5.5.1 no valid recipients",
    "LMTP_NO_VALID_RECIPIENTS": "503 5.5.1 no valid recipients",
    "NEEDS_BDAT": "503 5.5.1 binary content needs BDAT",
    "ALREADY_AUTHENTICATED": "503 5.5.1 already authenticated",
    "AUTH_FAILED": "535 5.7.8 authentication credentials invalid",
    "AUTH_FAILED_FOR_NOW": "454 4.7.0 temporary authentication failure",
    "AUTH_REQUIRED": "530 5.7.0 authentication required",
    "NOT_TRUSTED": "550 5.7.0 not allowed from here",
    "TLS_REQUIRED": "530 5.7.0 must issue a STARTTLS command first",
    "TLS_ACTIVE": "503 5.5.1 TLS is already active",
    "TLS_NOT_AVAILABLE": "454 4.7.0 TLS is not available now",
    "TOO_LARGE": "552 5.3.4 message exceeds the size limit",
    "BARE_NEWLINE": "550 5.5.2 content has a bare CR or LF",
    "NUL_OCTET": "554 5.6.0 content has a NUL octet",
    "SYNCHRONIZATION": "554 5.5.0 protocol synchronization",
    "HOOK_FAILED": "451 4.3.0 local error, try again later",
    "IDLE_TIMEOUT": "421 4.4.2 timeout, closing connection",
    "SHUTTING_DOWN": "421 4.3.2 service shutting down",
    "TOO_MANY_ERRORS": "421 4.7.0 too many errors",
    "TOO_MANY_AUTH_FAILURES": "421 4.7.0 too many authentication failures",
    "TOO_MANY_UNAUTHENTICATED": "421 4.7.0 too many commands, none of them AUTH",
    "TOO_MANY_SESSIONS": "421 4.7.0 too many connections",
}


def test_what_the_catalogue_says() -> None:
    said = {name: reply.to_bytes().decode() for name, reply in CATALOGUE.items()}
    assert said == {name: f"{line}\r\n" for name, line in SAID.items()}


@pytest.mark.parametrize("text", [None, 5, b"no"])
def test_text_that_is_no_text_is_named(text: Any) -> None:
    match = f"reply text must be a str or several str, got {text!r}"
    with pytest.raises(TypeError, match=match):
        Reply(550, text)
