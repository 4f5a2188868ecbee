"""PIPELINING (RFC 2920): T-PIPE-1 to T-PIPE-6.

T-PIPE-3 with a socket, where the server stops reading: tests/server.
"""

from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.events import Flush
from smtpsession.session.session import Session
from smtpsession.wire.commands import Rcpt
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import (
    HELO,
    MAIL,
    P2,
    P3,
    RCPT,
    SETTINGS,
    STRICT,
    converse,
    in_one_segment,
    in_segments,
    refuse,
)

NO_BAD = refuse(Rcpt, Reply(550, "no such user", "5.1.1"), "bad")
BAD = b"RCPT TO:<bad@s.example>\r\n"


def test_t_pipe_1() -> None:
    octets = MAIL + RCPT + BAD + RCPT + b"DATA\r\n"
    outcome = converse(octets, decide=NO_BAD)
    assert outcome.codes == [
        "250 2.1.0",
        "250 2.1.5",
        "550 5.1.1",
        "250 2.1.5",
        "354",
    ]


def test_t_pipe_2() -> None:
    outcome = converse(MAIL + BAD + b"DATA\r\nRSET\r\n", decide=NO_BAD)
    assert outcome.codes == ["250 2.1.0", "550 5.1.1", "554 5.5.1", "250 2.0.0"]


def test_t_pipe_3() -> None:
    dialogue = Dialogue(Session("1"), SETTINGS, asks=())
    dialogue.greet()
    dialogue.data_to_send()
    dialogue.receive_data(b"RSET\r\n" * 100_000)
    limit = SETTINGS.limits.unread_reply_octets
    octets = 0
    while isinstance(dialogue.next_event(), Flush):
        # Nothing more is read before this is taken.
        assert isinstance(dialogue.next_event(), Flush)
        unread = dialogue.data_to_send()
        assert limit <= len(unread) < limit + 512
        octets += len(unread)
    octets += len(dialogue.data_to_send())
    assert octets == 100_000 * len(b"250 2.0.0 OK\r\n")


def test_t_pipe_4() -> None:
    octets = b"DATA\r\nSubject: x\r\n\r\n.\r\n"
    strict = in_one_segment(octets, after=P2, settings=STRICT)
    assert strict.codes == ["554 5.5.0"]
    assert strict.is_over
    assert strict.messages == []
    # Not strict: how the network cut the input makes no difference.
    assert converse(octets, after=P2).messages == [b"Subject: x\r\n\r\n"]


def test_t_pipe_5() -> None:
    octets = b"x\r\n.\r\n" + MAIL + RCPT + b"DATA\r\n"
    outcome = converse(octets, after=P3, settings=STRICT)
    assert outcome.codes == ["250 2.0.0", "250 2.1.0", "250 2.1.5", "354"]


def test_t_pipe_6() -> None:
    outcome = in_one_segment(MAIL + RCPT, after=HELO, settings=STRICT)
    assert outcome.codes == ["554 5.5.0"]
    assert outcome.is_over
    apart = in_segments([MAIL, RCPT], after=HELO, settings=STRICT)
    assert apart.codes == ["250 2.1.0", "250 2.1.5"]
