import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.model_lines import Line
from smtpsession.testing.model_replies import SeenReply
from smtpsession.testing.model_state import Mode, ModelState
from smtpsession.testing.model_units import Unit, take_unit

MODES: list[Mode] = ["command", "auth", "content"]
CHUNKING = {"CHUNKING": ""}


def taken(octets: bytes, state: ModelState) -> tuple[Unit, bytes]:
    rest = bytearray(octets)
    unit = take_unit(rest, state)
    assert unit is not None
    return unit, bytes(rest)


@pytest.mark.parametrize(
    ("mode", "octets", "whole", "content"),
    [
        ("command", b"NOOP\r\nQUIT\r\n", b"NOOP\r\n", None),
        ("auth", b"AA==\r\nQUIT\r\n", b"AA==\r\n", None),
        ("auth", b"BDAT 5\r\nQUIT\r\n", b"BDAT 5\r\n", None),
        ("command", b"BDAT 2\r\n\r\nQUIT\r\n", b"BDAT 2\r\n\r\n", b"\r\n"),
        ("content", b"..x\r\n.\r\nQUIT\r\n", b"..x\r\n.\r\n", b".x\r\n"),
        ("content", b".\r\nQUIT\r\n", b".\r\n", b""),
    ],
)
def test_units_are_taken_from_the_front(
    mode: Mode, octets: bytes, whole: bytes, content: bytes | None
) -> None:
    state = ModelState(mode=mode, offered=CHUNKING)
    unit, rest = taken(octets, state)
    assert (unit.octets, unit.content) == (whole, content)
    assert whole + rest == octets


@pytest.mark.parametrize(
    ("mode", "octets"),
    [
        ("command", b""),
        ("command", b"NOOP\r"),
        ("command", b"BDAT 5\r\nabcd"),
        ("content", b"x\r\n.\r"),
        ("content", b"x\n.\n"),
    ],
)
def test_half_a_unit_stays(mode: Mode, octets: bytes) -> None:
    state = ModelState(mode=mode)
    rest = bytearray(octets)
    assert take_unit(rest, state) is None
    assert rest == octets


@pytest.mark.parametrize(
    ("octets", "line", "codes"),
    [
        (b" NOOP\r\n", b"NOOP", ("250", "554", "4yz", "5yz")),
        (b"RSET\0x\r\n", b"RSET", ("250", "530", "4yz", "5yz")),
        (b"FROB\tx\r\n", b"FROB\tx", ("221", "4yz", "5yz")),
        (b" NOOP\nQUIT\r\n", b" NOOP\nQUIT", ("4yz", "5yz")),
    ],
)
def test_a_sloppy_line_may_be_read_or_refused(
    octets: bytes, line: bytes, codes: tuple[str, ...]
) -> None:
    unit, _ = taken(octets, ModelState(mode="command", hello="EHLO"))
    assert unit.line == Line(line)
    assert sorted({*unit.rule.codes}) == sorted({*codes} - {"554", "530"})


@pytest.mark.parametrize(
    ("octets", "offered", "code", "is_ambiguous"),
    [
        (b"BDAT 1\r\nx", {}, 500, True),
        (b"BDAT 1\r\nx", {}, 250, False),
        (b"BDAT 0\r\n", {}, 500, False),
        (b"BDAT 1\r\nx", CHUNKING, 500, False),
        (b"NOOP\r\n", {}, 500, False),
    ],
)
def test_a_chunk_may_be_none_to_a_server(
    octets: bytes, offered: dict[str, str], code: int, is_ambiguous: bool
) -> None:
    unit, _ = taken(octets, ModelState(mode="command", offered=offered))
    unit.replies.append(SeenReply(code, ("",)))
    assert unit.is_ambiguous is is_ambiguous


@pytest.mark.parametrize(
    ("state", "due"),
    [
        (ModelState(mode="command"), 1),
        (ModelState(mode="command", sender=b"", recipients=[b"a", b"b"]), 1),
        (ModelState(mode="command", lmtp=True), 1),
        (ModelState(mode="command", lmtp=True, sender=b"", recipients=[b"a"] * 2), 2),
        (ModelState(mode="command", lmtp=True, sender=b""), 0),
        (
            ModelState(mode="command", lmtp=True, chunks="failed", failed_recipients=3),
            3,
        ),
    ],
)
def test_replies_that_are_due(state: ModelState, due: int) -> None:
    unit, _ = taken(b"BDAT 1 LAST\r\nx", state)
    assert unit.due == due
    unit, _ = taken(b"BDAT 1\r\nx", state)
    assert unit.due == 1


@pytest.mark.parametrize(
    ("mode", "octets", "command"),
    [
        ("command", b" NOOP\r\n", b" NOOP"),
        ("command", b"BDAT 3\r\na\r\n", b"BDAT 3"),
        ("content", b"a\r\n.\r\n", b"."),
    ],
)
def test_the_line_as_it_was_sent(mode: Mode, octets: bytes, command: bytes) -> None:
    unit, _ = taken(octets, ModelState(mode=mode))
    assert unit.command == command


def test_what_a_server_may_repeat() -> None:
    state = ModelState(mode="command")
    unit, _ = taken(b"AUTH PLAIN AGEAYg==\r\n", state)
    assert b"\0a\0b" in unit.spoken
    unit, _ = taken(b"BDAT 8\r\nAGEAYg==", state)
    assert b"\0a\0b" not in unit.spoken


@given(st.binary(), st.sampled_from(MODES))
def test_no_octet_is_lost(octets: bytes, mode: Mode) -> None:
    state = ModelState(mode=mode)
    rest, taken_octets = bytearray(octets), b""
    while (unit := take_unit(rest, state)) is not None:
        taken_octets += unit.octets
    assert taken_octets + bytes(rest) == octets
