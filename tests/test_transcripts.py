"""Runs the transcripts of tests/transcripts, whose README.md describes the format."""

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
from smtpsession.wire.addresses import Address
from smtpsession.wire.commands import Mail, Rcpt, StartTLS
from smtpsession.wire.events import EndOfMessage, Event
from smtpsession.wire.replies import Reply
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


@attrs.define
class Step:
    """A group that the client sends, and what the server is to do."""

    sends: bytes = b""
    replies: list[str] = attrs.field(factory=list[str])
    messages: list[bytes] = attrs.field(factory=list[bytes])
    closes: bool = False


@attrs.define
class Transcript:
    """One file."""

    steps: list[Step] = attrs.field(factory=lambda: [Step()])
    size: int = 1_000_000
    hidden: list[str] = attrs.field(factory=list[str])
    added: list[str] = attrs.field(factory=list[str])
    strict: bool = False
    lmtp: bool = False
    refusals: dict[str, Reply] = attrs.field(factory=dict[str, Reply])

    def decide(self, event: Event, recipients: list[Address]) -> Said:
        match event:
            case Mail():
                return self.refusals.get(f"MAIL FROM:<{event.address}>")
            case Rcpt():
                return self.refusals.get(f"RCPT TO:<{event.address}>")
            case EndOfMessage() if self.lmtp:
                return [self.refusals.get(f"message <{one}>") for one in recipients]
            case EndOfMessage():
                return self.refusals.get("message")
            case StartTLS():
                return self.refusals.get("STARTTLS")
            case _:
                return None

    def conversation(self) -> Conversation:
        settings = make_settings(
            size=self.size,
            hidden=self.hidden,
            added=[ADDED[keyword] for keyword in self.added],
            limits=LIMITS if "LIMITS" in self.added else None,
            strict_pipelining=self.strict,
            lmtp=self.lmtp,
        )
        session = Session("0123456789abcdef", lmtp=self.lmtp)

        def decide(event: Event) -> Said:
            return self.decide(event, session.envelope.rcpt_to)

        return Conversation(settings, decide, session=session)


def read_transcript(text: str) -> Transcript:
    transcript = Transcript()
    for line in text.split("\n"):
        if line and not line.startswith("#"):
            _read_line(transcript, line)
    return transcript


def _read_line(transcript: Transcript, line: str) -> None:
    step = transcript.steps[-1]
    if line.startswith("|"):
        step.messages[-1] += line[2:].encode() + b"\r\n"
        return
    word, _, text = line.partition(":")
    text = text.removeprefix(" ")
    match word:
        case "C":
            if step.replies:
                step = Step()
                transcript.steps.append(step)
            step.sends += text.encode() + b"\r\n"
        case "S":
            step.replies.append(text)
        case "message":
            step.messages.append(b"")
        case "closed":
            step.closes = True
        case "size":
            transcript.size = int(text)
        case "hidden":
            transcript.hidden = text.split()
        case "added":
            transcript.added = text.split()
        case "strict":
            transcript.strict = True
        case "lmtp":
            transcript.lmtp = True
        case "refuse":
            what, reply = _read_refusal(text)
            transcript.refusals[what] = reply
        case _:
            raise ValueError(f"a transcript has no such line: {line!r}")


def _read_refusal(text: str) -> tuple[str, Reply]:
    words = text.split()
    at = next(i for i, word in enumerate(words) if word.isdecimal())
    code, enhanced, *said = words[at:]
    return " ".join(words[:at]), Reply(int(code), " ".join(said), enhanced)


def run(
    transcript: Transcript, cut: Callable[[bytes], Iterable[bytes]] = lambda x: [x]
) -> None:
    conversation = transcript.conversation()
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


def test_a_line_that_says_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such line"):
        read_transcript("X: 1\n")
