"""NUL and control octets in commands and content.

The escapes of them in the log: tests/server.
"""

import pytest

from tests.standards.run_dialogue import MAIL, P0, P1, P3, converse, make_settings


@pytest.mark.parametrize(
    ("after", "octets", "replies"),
    [
        (P0, b"NO\x00OP\r\n", {"500 5.5.2"}),
        (P0, b"NOOP\x00\r\n", {"500 5.5.2"}),
        (P1, b"MAIL FROM:<a\x00@c.example>\r\n", {"501 5.1.7"}),
        (P1 + MAIL, b"RCPT TO:<a@s.example\x00>\r\n", {"501 5.1.3"}),
        (P1, b"MAIL FROM:<a@c.example>\x00\r\n", {"501 5.1.7", "501 5.5.4"}),
        (P1, b"MAIL FROM:<a@c.example> SIZE=1\x00\r\n", {"501 5.5.4"}),
    ],
)
def test_nul_in_a_command(after: bytes, octets: bytes, replies: set[str]) -> None:
    outcome = converse(octets, after=after)
    assert len(outcome.codes) == 1
    assert outcome.codes[0] in replies
    assert outcome.session.envelope.rcpt_to == []


def test_nul_in_content_is_refused() -> None:
    outcome = converse(b"a\x00b\r\n.\r\n" + MAIL, after=P3)
    assert outcome.codes == ["554 5.6.0", "250 2.1.0"]
    assert outcome.messages == []


def test_nul_in_content_is_passed_unchanged_where_accepted() -> None:
    settings = make_settings(nul="accept")
    outcome = converse(b"a\x00b\r\n.\r\n", after=P3, settings=settings)
    assert outcome.codes == ["250 2.0.0"]
    assert outcome.messages == [b"a\x00b\r\n"]


def test_controls_in_a_hello() -> None:
    outcome = converse(b"EHLO \x1b[2J\x07\r\n", after=P0)
    assert outcome.codes == ["501"]
    assert outcome.session.host_name_appears_as is None
    assert converse(b"EHLO c.example\x7f\r\n", after=P0).codes == ["501"]


def test_telnet_is_a_foreign_protocol() -> None:
    outcome = converse(b"\xff\xf4\xff\xfdNOOP\r\n", after=P0)
    assert outcome.codes == ["421 4.7.0"]
    assert outcome.is_over
