"""Tables of state, reset and synchronisation.

LMTP's column, with its LHLO and DATA, is in test_lmtp.py.

Wait for a later issue:

- AUTH in every state, the 530 of a required AUTH, what a failed AUTH clears: AUTH.
- XCLIENT and XFORWARD in every state, and what XCLIENT clears: XCLIENT.
- 554 to all but QUIT when TLS is too weak: a hook's refusal, tests/server.
- Octets in front of the greeting (early talkers): tests/server.
- The PROXY header, which comes before all states: PROXY.
"""

import pytest

from smtpsession.dialogue.command_order import State
from smtpsession.dialogue.limits import Limits
from smtpsession.extensions.binarymime import BinaryMIME
from smtpsession.extensions.chunking import Chunking
from smtpsession.session.session import Session
from smtpsession.wire.events import EndOfChunk
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import (
    CHUNKED,
    HELO,
    MAIL,
    P0,
    P1,
    P2,
    P3,
    RCPT,
    STRICT,
    T1,
    Conversation,
    Decide,
    accept,
    converse,
    in_one_segment,
    in_segments,
    make_settings,
    refuse,
)

EHLO = b"EHLO d.example\r\n"
HIDDEN = make_settings(hidden=["STARTTLS"])

# States: before a hello, idle, MAIL open, at least one RCPT.
PRELUDES = {"before": P0, "idle": P1, "mail": P1 + MAIL, "rcpt": P2}
# BDAT running, with one chunk taken; BDAT failed, with one chunk refused.
FIRST_CHUNK = b"BDAT 5\r\nhello"
NO_CHUNK = refuse(EndOfChunk, Reply(451, "later", "4.3.0"))
# command, and its reply in each of the four states, and in the two of BDAT.
TABLE = {
    EHLO: ("250",) * 6,
    b"HELO d.example\r\n": ("250",) * 6,
    b"LHLO d.example\r\n": ("500 5.5.2",) * 6,
    MAIL: ("503 5.5.1", "250 2.1.0", *("503 5.5.1",) * 4),
    RCPT: ("503 5.5.1", "503 5.5.1", "250 2.1.5", "250 2.1.5", *("503 5.5.1",) * 2),
    b"DATA\r\n": ("503 5.5.1", "503 5.5.1", "554 5.5.1", "354", *("503 5.5.1",) * 2),
    **{
        command: (
            *("503 5.5.1", "503 5.5.1", "554 5.5.1"),
            *("250 2.0.0", "250 2.0.0", "503 5.5.1"),
        )
        # What could be a command is discarded.
        for command in (
            *(b"BDAT 6\r\nQUIT\r\n", b"BDAT 6 LAST\r\nQUIT\r\n"),
            *(b"BDAT 0\r\n", b"BDAT 0 LAST\r\n"),
        )
    },
    b"BDAT x\r\n": ("501 5.5.4",) * 6,
    b"RSET\r\n": ("250 2.0.0",) * 6,
    b"NOOP\r\n": ("250 2.0.0",) * 6,
    b"HELP\r\n": ("214 2.0.0",) * 6,
    b"VRFY x\r\n": ("252 2.0.0",) * 6,
    b"EXPN x\r\n": ("502 5.5.1",) * 6,
    b"STARTTLS\r\n": ("220 2.0.0", "220 2.0.0", *("503 5.5.1",) * 4),
    b"QUIT\r\n": ("221 2.0.0",) * 6,
    b"XYZZY\r\n": ("500 5.5.2",) * 6,
}
CLOSES = {b"QUIT\r\n", b"BDAT x\r\n"}


@pytest.mark.parametrize(
    ("command", "state", "reply"),
    [
        pytest.param(command, state, reply, id=f"{command.decode().strip()}-{state}")
        for command, replies in TABLE.items()
        for state, reply in zip(PRELUDES, replies[:4], strict=True)
    ],
)
def test_command_in_state(command: bytes, state: str, reply: str) -> None:
    outcome = converse(command, after=PRELUDES[state], settings=CHUNKED)
    assert outcome.codes == [reply]
    assert outcome.is_over is (command in CLOSES)


@pytest.mark.parametrize(
    ("command", "running", "failed"),
    [
        pytest.param(command, *replies[4:], id=command.decode().strip())
        for command, replies in TABLE.items()
    ],
)
def test_command_between_two_chunks(command: bytes, running: str, failed: str) -> None:
    octets = FIRST_CHUNK + command
    outcome = converse(octets, after=P2, settings=CHUNKED)
    assert outcome.codes == ["250 2.0.0", running]
    assert outcome.is_over is (command in CLOSES)
    outcome = converse(octets, after=P2, settings=CHUNKED, decide=NO_CHUNK)
    assert outcome.codes == ["451 4.3.0", failed]
    assert outcome.is_over is (command in CLOSES)


@pytest.mark.parametrize("decide", [accept, NO_CHUNK], ids=["running", "failed"])
@pytest.mark.parametrize(
    "command", [b"RSET\r\n", b"EHLO d.example\r\n", b"HELO d.example\r\n"]
)
def test_what_gives_up_the_chunks_begins_anew(command: bytes, decide: Decide) -> None:
    octets = FIRST_CHUNK + command + MAIL + RCPT + b"BDAT 2 LAST\r\nhi"
    outcome = converse(octets, after=P2, settings=CHUNKED, decide=decide)
    assert outcome.codes[2:] == ["250 2.1.0", "250 2.1.5", "250 2.0.0"]
    assert outcome.messages == [b"hi"]
    assert outcome.session.transaction == 3


@pytest.mark.parametrize("state", PRELUDES)
def test_bdat_that_is_not_offered_is_502_and_closes(state: str) -> None:
    outcome = converse(b"BDAT 6\r\nQUIT\r\n", after=PRELUDES[state])
    assert outcome.codes == ["502 5.5.1"]
    assert outcome.is_over


BINARY = make_settings(added=[Chunking(), BinaryMIME()])
BINARY_MAIL = MAIL.replace(b"\r\n", b" BODY=BINARYMIME\r\n")


@pytest.mark.parametrize("recipient", [b"", RCPT])
def test_data_after_binarymime_is_503(recipient: bytes) -> None:
    outcome = converse(BINARY_MAIL + recipient + b"DATA\r\n", settings=BINARY)
    assert outcome.codes[-1] == "503 5.5.1"
    assert outcome.session.in_transaction


@pytest.mark.parametrize("state", PRELUDES)
def test_starttls_that_is_not_offered_is_502(state: str) -> None:
    outcome = converse(b"STARTTLS\r\n", after=PRELUDES[state], settings=HIDDEN)
    assert outcome.codes == ["502 5.5.1"]


def test_starttls_inside_tls_is_503() -> None:
    assert converse(b"STARTTLS\r\n", after=T1).codes == ["503 5.5.1"]


@pytest.mark.parametrize("state", ["mail", "rcpt"])
@pytest.mark.parametrize("hello", [b"EHLO d.example\r\n", b"HELO d.example\r\n"])
def test_a_hello_inside_a_transaction_resets_it(state: str, hello: bytes) -> None:
    outcome = converse(hello + RCPT, after=PRELUDES[state])
    assert outcome.codes == ["250", "503 5.5.1"]
    assert not outcome.session.in_transaction
    assert outcome.session.transaction == 2


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        (EHLO, "250"),
        (HELO, "250"),
        (b"NOOP\r\n", "250 2.0.0"),
        (b"HELP\r\n", "214 2.0.0"),
        (b"STARTTLS\r\n", "220 2.0.0"),
        (b"QUIT\r\n", "221 2.0.0"),
        (MAIL, "530 5.7.0"),
        (RCPT, "530 5.7.0"),
        (b"BDAT 6\r\nQUIT\r\n", "530 5.7.0"),
        (b"BDAT 6 LAST\r\nQUIT\r\n", "530 5.7.0"),
        (b"DATA\r\n", "530 5.7.0"),
        (b"RSET\r\n", "530 5.7.0"),
        (b"VRFY x\r\n", "530 5.7.0"),
        (b"EXPN x\r\n", "530 5.7.0"),
        (b"XYZZY\r\n", "530 5.7.0"),
        (b"MAIL FROM:<\r\n", "530 5.7.0"),
    ],
)
def test_gate_of_a_required_tls(command: bytes, reply: str) -> None:
    settings = make_settings(require_tls=True, added=[Chunking()])
    assert converse(command, settings=settings).codes == [reply]


def test_gate_is_open_inside_tls() -> None:
    settings = make_settings(require_tls=True)
    assert converse(MAIL, after=T1, settings=settings).codes == ["250 2.1.0"]


# What each event clears.

MAIL_WITH_ALL = b"MAIL FROM:<a@c.example> SIZE=5 BODY=8BITMIME SMTPUTF8\r\n"
FULL = P1 + MAIL_WITH_ALL + RCPT


def cleared(session: Session) -> dict[str, bool]:
    envelope = session.envelope
    facts = (envelope.mail_from, envelope.size)
    empty = facts == (None, None) and not envelope.rcpt_to and not envelope.smtp_utf8
    return {
        "envelope": empty and envelope.body_type == "7bit",
        "hello": session.host_name_appears_as is None,
        "user": session.user is None,
        "tls": session.tls_options is None,
    }


@pytest.mark.parametrize(
    ("after", "octets", "clears"),
    [
        pytest.param(FULL, b"RSET\r\n", {"envelope"}, id="RSET"),
        pytest.param(FULL, b"EHLO d.example\r\n", {"envelope"}, id="EHLO"),
        pytest.param(FULL, b"HELO d.example\r\n", {"envelope"}, id="HELO"),
        pytest.param(FULL, b"EHLO\r\n", set[str](), id="EHLO-rejected"),
        pytest.param(
            P1,
            b"MAIL FROM:<a@c.example> BODY=8BITMIME SIZE=x\r\n",
            {"envelope"},
            id="MAIL-rejected",
        ),
        pytest.param(FULL + b"DATA\r\n", b".\r\n", {"envelope"}, id="final-dot"),
        pytest.param(
            FULL + b"DATA\r\n", b"\0\r\n.\r\n", {"envelope"}, id="final-dot-refused"
        ),
        pytest.param(FULL, b"BDAT 5\r\nhello", set[str](), id="BDAT"),
        pytest.param(FULL, b"BDAT 5 LAST\r\nhello", {"envelope"}, id="BDAT-LAST"),
        pytest.param(FULL, b"BDAT 1\r\n\0", {"envelope"}, id="BDAT-refused"),
        pytest.param(
            P1, b"STARTTLS\r\n", {"envelope", "hello", "user"}, id="STARTTLS-done"
        ),
    ],
)
def test_what_an_event_clears(after: bytes, octets: bytes, clears: set[str]) -> None:
    outcome = in_segments([octets], after=after, user="u", settings=CHUNKED)
    tls = set() if b"STARTTLS" in octets else {"tls"}
    found = {name for name, is_clear in cleared(outcome.session).items() if is_clear}
    assert found == clears | tls


def test_starttls_keeps_who_the_client_is() -> None:
    session = Session("1", remote_address="192.0.2.1", client_hostname="c.example")
    session.xclient = {"NAME": "c.example"}
    conversation = Conversation(session=session)
    conversation.send(b"STARTTLS\r\n")
    assert session.secure
    assert session.remote_address == "192.0.2.1"
    assert session.client_hostname == "c.example"
    assert session.xclient == {"NAME": "c.example"}


def test_a_new_hello_replaces_the_name_and_the_verb() -> None:
    session = converse(b"HELO d.example\r\n").session
    assert (session.opening_command, session.host_name_appears_as) == (
        "HELO",
        "d.example",
    )


def test_an_accepted_message_forgives_errors_and_a_refused_one_does_not() -> None:
    two = make_settings(limits=Limits(errors_soft=None, errors_hard=2))
    message = MAIL + RCPT + b"DATA\r\n.\r\n"
    forgiven = converse(b"X\r\n" + message + b"X\r\n", settings=two)
    assert not forgiven.is_over
    refused = MAIL + RCPT + b"DATA\r\n\0\r\n.\r\n"
    assert converse(b"X\r\n" + refused, settings=two).codes[-1] == "421 4.7.0"


# Synchronisation points.


@pytest.mark.parametrize(
    ("command", "after"),
    [
        (b"EHLO d.example\r\n", P1),
        (b"HELO d.example\r\n", P1),
        (b"DATA\r\n", P2),
        (b"VRFY x\r\n", P1),
        (b"EXPN x\r\n", P1),
        (b"NOOP\r\n", P1),
        (MAIL, HELO),
        (RCPT, HELO + MAIL),
        (b"RSET\r\n", HELO),
    ],
)
def test_octets_behind_the_last_of_a_group(command: bytes, after: bytes) -> None:
    octets = command + b"RSET\r\n"
    strict = in_one_segment(octets, after=after, settings=STRICT)
    assert strict.codes == ["554 5.5.0"]
    assert strict.is_over
    apart = in_segments([command, b"RSET\r\n"], after=after, settings=STRICT)
    assert "554 5.5.0" not in apart.codes
    assert "554 5.5.0" not in converse(octets, after=after).codes


@pytest.mark.parametrize("strict", [False, True])
def test_octets_behind_starttls_are_never_taken(strict: bool) -> None:
    settings = make_settings(strict_pipelining=strict)
    outcome = in_one_segment(b"STARTTLS\r\nRSET\r\n", settings=settings)
    assert outcome.codes == ["554 5.5.0"]
    assert outcome.is_over
    assert not outcome.session.secure


def test_rset_mail_and_rcpt_may_be_anywhere_in_a_group() -> None:
    octets = b"RSET\r\n" + MAIL + RCPT + b"RSET\r\n" + MAIL + RCPT + b"DATA\r\n"
    outcome = in_one_segment(octets, settings=STRICT)
    assert outcome.codes[-1] == "354"
    assert "554 5.5.0" not in outcome.codes


def test_bdat_may_be_anywhere_in_a_group() -> None:
    settings = make_settings(strict_pipelining=True, added=[Chunking()])
    group = MAIL + RCPT + b"BDAT 1\r\nxBDAT 0 LAST\r\n"
    outcome = in_one_segment(group * 2 + b"QUIT\r\n", settings=settings)
    message = ["250 2.1.0", "250 2.1.5", "250 2.0.0", "250 2.0.0"]
    assert outcome.codes == [*message, *message, "221 2.0.0"]
    assert outcome.messages == [b"x", b"x"]


def test_octets_behind_the_final_dot_are_a_new_group() -> None:
    outcome = converse(b"x\r\n.\r\n" + MAIL + RCPT, after=P3, settings=STRICT)
    assert outcome.codes == ["250 2.0.0", "250 2.1.0", "250 2.1.5"]


def test_octets_behind_quit_are_dropped() -> None:
    outcome = in_one_segment(b"QUIT\r\n" + MAIL, settings=STRICT)
    assert outcome.codes == ["221 2.0.0"]
    assert outcome.state is State.CLOSED
