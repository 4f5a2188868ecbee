"""Runs the transcripts of tests/transcripts against a `Dialogue`.

tests/testing/test_transcripts.py runs them against whole servers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.dialogue.content_dialogue import Said
from smtpsession.extensions.chunking import Chunking
from smtpsession.extensions.dsn import DSNExtension
from smtpsession.extensions.extension import Extension
from smtpsession.extensions.limits import LimitsExtension
from smtpsession.server.extension_choice import OPTIONAL
from smtpsession.session.session import Session
from smtpsession.testing.transcript_text import Step, Transcript, read_transcript
from smtpsession.wire.addresses import Address
from smtpsession.wire.commands import Mail, Rcpt, StartTLS
from smtpsession.wire.events import EndOfMessage, Event
from tests.standards.run_dialogue import PATIENT, Conversation, make_settings

FILES = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
#: The RFCs whose scenarios have to be there.
RFCS = {
    *("rfc5321", "rfc1870", "rfc6152", "rfc6531", "rfc2920", "rfc2034", "rfc3207"),
    *("rfc2852", "rfc3461", "rfc4865", "rfc6533", "rfc6710", "rfc7293", "rfc8689"),
    *("rfc2033", "rfc3030", "rfc9422"),
}
#: Limits that the transcripts of LIMITS reach.
LIMITS = attrs.evolve(PATIENT, recipients=100, transactions=3)
ADDED: dict[str, Extension] = {
    **OPTIONAL,
    "CHUNKING": Chunking(),
    "DSN": DSNExtension(),
    "LIMITS": LimitsExtension(rcpt_max=LIMITS.recipients, mail_max=LIMITS.transactions),
}

every_transcript = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def decide(transcript: Transcript, event: Event, recipients: list[Address]) -> Said:
    refusals = transcript.refusals
    match event:
        case Mail():
            return refusals.get(f"MAIL FROM:<{event.address}>")
        case Rcpt():
            return refusals.get(f"RCPT TO:<{event.address}>")
        case EndOfMessage() if transcript.lmtp:
            return [refusals.get(f"message <{one}>") for one in recipients]
        case EndOfMessage():
            return refusals.get("message")
        case StartTLS():
            return refusals.get("STARTTLS")
        case _:
            return None


def conversation_of(transcript: Transcript) -> Conversation:
    settings = make_settings(
        size=transcript.size or 1_000_000,
        hidden=transcript.hidden,
        added=[ADDED[keyword] for keyword in transcript.added],
        limits=LIMITS if "LIMITS" in transcript.added else None,
        strict_pipelining=transcript.strict,
        lmtp=transcript.lmtp,
    )
    session = Session("0123456789abcdef", lmtp=transcript.lmtp)
    return Conversation(
        settings,
        lambda event: decide(transcript, event, session.envelope.rcpt_to),
        session=session,
    )


def run(
    transcript: Transcript, cut: Callable[[bytes], Iterable[bytes]] = lambda x: [x]
) -> None:
    conversation = conversation_of(transcript)
    for step in transcript.steps:
        for segment in cut(step.sends) if step.sends else []:
            conversation.send(segment)
        _check_replies(conversation, step)
        assert conversation.messages == step.messages
        conversation.messages.clear()
        assert conversation.is_over is step.closes


def _check_replies(conversation: Conversation, step: Step) -> None:
    replies = conversation.greeting + conversation.take_replies()
    conversation.greeting = []
    lines = [
        f"{reply.code}{'-' if more else ' '}"
        f"{reply.enhanced + ' ' if reply.enhanced else ''}{line}"
        for reply in replies
        for more, line in zip(
            range(len(reply.lines) - 1, -1, -1), reply.lines, strict=True
        )
    ]
    begun = [
        line[: len(wanted)] for line, wanted in zip(lines, step.replies, strict=False)
    ]
    assert begun == step.replies, lines
    assert len(lines) == len(step.replies), lines


@every_transcript
def test_whole_groups(path: Path) -> None:
    run(read_transcript(path.read_text(encoding="utf-8")))


@every_transcript
def test_octet_by_octet(path: Path) -> None:
    transcript = read_transcript(path.read_text(encoding="utf-8"))
    run(transcript, lambda octets: (octets[i : i + 1] for i in range(len(octets))))


@every_transcript
@given(st.sets(st.integers(1, 200)))
def test_cut_anywhere(path: Path, positions: set[int]) -> None:
    def cut(octets: bytes) -> list[bytes]:
        places = [0, *sorted(p for p in positions if p < len(octets)), len(octets)]
        return [octets[i:j] for i, j in itertools.pairwise(places)]

    run(read_transcript(path.read_text(encoding="utf-8")), cut)


def test_every_rfc_has_a_transcript() -> None:
    assert {path.stem.partition("_")[0] for path in FILES} == RFCS
    appendix = [path.stem for path in FILES if path.stem.startswith("rfc5321_d")]
    assert [stem[8:10] for stem in appendix] == ["d1", "d2", "d3", "d4"]


GREETING = "S: 220 mx.example\n"


@pytest.mark.parametrize(
    "text",
    [
        "S: 221\n",
        "C: NOOP\nS: 220\n",
        GREETING + "C: NOOP\n",
        GREETING + "C: NOOP\nS: 250\nS: 250\n",
        GREETING + "C: NOOP\nC: NOOP\nS: 250\n",
        GREETING + "C: EHLO c.example\nS: 250 mx.example\n",
        GREETING + "C: QUIT\nS: 221\n",
        GREETING + "C: NOOP\nS: 250\nclosed:\n",
        GREETING + "C: NOOP\nS: 250\nmessage:\n| x\n",
    ],
)
def test_a_transcript_that_is_not_true_fails(text: str) -> None:
    with pytest.raises(AssertionError):
        run(read_transcript(text))


def test_a_message_that_is_not_told_fails() -> None:
    d4 = next(path for path in FILES if "_d4_" in path.stem)
    text = d4.read_text(encoding="utf-8")
    with pytest.raises(AssertionError):
        run(read_transcript(text.replace("message:\n| Subject: hello\n", "")))
