import pytest

from smtpsession.testing.model_excess import (
    CHUNK,
    CONTENT,
    LINE_END,
    LONG_LINE,
    PLAIN_TEXT,
    looks_like_end,
    suspicion_of,
)
from smtpsession.testing.model_state import ModelState
from smtpsession.testing.model_units import take_unit


def suspected(state: ModelState, octets: bytes, dropped: bytes = b"") -> object:
    unit = take_unit(bytearray(octets), state)
    assert unit is not None
    return suspicion_of(unit, dropped)


@pytest.mark.parametrize(
    ("content", "is_suspect"),
    [
        (b"", False),
        (b"x\r\n..\r\ny\r\n", False),
        (b"a.b\r\n.c\r\n", False),
        (b"x\n.\ny\r\n", True),
        (b"x\n.\r\ny\r\n", True),
        (b"x\r.\ry\r\n", True),
        (b"x\r\n.\ny\r\n", True),
        (b"x\r\n.\ry\r\n", True),
        (b"x\r\n.\0\r\ny\r\n", True),
        (b"x\r\n\0.\r\ny\r\n", True),
        (b".\nx\r\n", True),
        (b"x\n.\r\n", True),
    ],
)
def test_what_looks_like_the_end_of_content(content: bytes, is_suspect: bool) -> None:
    assert looks_like_end(content) is is_suspect
    found = suspected(ModelState(mode="content"), content + b".\r\n")
    assert found == (CONTENT if is_suspect else None)


@pytest.mark.parametrize(
    ("octets", "suspicion"),
    [
        (b"BDAT 6\r\nQUIT\r\n", CHUNK),
        (b"BDAT 4\r\nQUIT", None),
        (b"NOOP\r\n", None),
        (b"NOOP\nQUIT\r\n", LINE_END),
        (b"NOOP " + b"x" * 505 + b"\r\n", None),
        (b"NOOP " + b"x" * 506 + b"\r\n", LONG_LINE),
    ],
)
def test_what_commands_may_hide(octets: bytes, suspicion: object) -> None:
    assert suspected(ModelState(mode="command"), octets) == suspicion


def test_what_was_dropped_before_tls() -> None:
    found = suspected(ModelState(mode="command"), b"STARTTLS\r\n", b"NOOP\r\n")
    assert found == PLAIN_TEXT
