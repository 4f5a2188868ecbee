"""Transcripts: sessions as text, ``C:`` for the client and ``S:`` for the server.

One line says one thing, and what stands in front of the first colon says what:

========================= ==========================================================
``# text``                a comment
``C: text``               the client sends the text and CRLF; lines up to the next
                          ``S:`` are one group, sent at once
``S: 250 2.1.0``          the next reply line of the server begins like this
``message:``, ``| text``  this content, each line with CRLF, has arrived and been
                          accepted
``closed:``               the server has closed the connection
``size: 1000``            ``Limits.message_octets``; on top, as are the next five
``hidden: KEYWORD ...``   service extensions that the server does not have
``added: KEYWORD ...``    service extensions that it has besides its own
``strict: pipelining``    ``Config.strict_pipelining``
``lmtp: RFC 2033``        the server speaks LMTP
``refuse: WHAT REPLY``    the handler refuses: ``MAIL FROM:<path>``,
                          ``RCPT TO:<path>``, ``message`` or ``STARTTLS``; in LMTP
                          ``message <path>`` for that recipient
========================= ==========================================================

At the end no reply line and no message may be left that the transcript does not tell.
After a 220 to STARTTLS the handshake takes place, and what follows is said inside TLS.
"""

from __future__ import annotations

import attrs

from smtpsession import Reply


@attrs.define
class Step:
    """A group that the client sends, and what the server is to do."""

    #: The number of the group's first line; 0 for what the server says at first.
    number: int = 0
    #: What the client sends.
    sends: bytes = b""
    #: What the reply lines begin with.
    replies: list[str] = attrs.field(factory=list[str])
    #: The contents that are accepted.
    messages: list[bytes] = attrs.field(factory=list[bytes])
    #: The server closes at the end.
    closes: bool = False


@attrs.define
class Transcript:
    """What a transcript says."""

    steps: list[Step] = attrs.field(factory=lambda: [Step()])
    #: Octets; None leaves the server's own limit.
    size: int | None = None
    hidden: list[str] = attrs.field(factory=list[str])
    added: list[str] = attrs.field(factory=list[str])
    strict: bool = False
    lmtp: bool = False
    #: What the handler refuses, and how.
    refusals: dict[str, Reply] = attrs.field(factory=dict[str, Reply])


def read_transcript(text: str) -> Transcript:
    """Read a transcript.

    Raises:
        ValueError: a line says nothing, with its number.
    """
    transcript = Transcript()
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        try:
            _read_line(transcript, number, line)
        except ValueError as error:
            raise ValueError(f"line {number} of the transcript: {error}") from None
    return transcript


def _read_line(transcript: Transcript, number: int, line: str) -> None:
    step = transcript.steps[-1]
    if line.startswith("|"):
        if not step.messages:
            raise ValueError("there is no message: above this content")
        step.messages[-1] += line[2:].encode() + b"\r\n"
        return
    word, _, text = line.partition(":")
    text = text.removeprefix(" ")
    match word:
        case "C":
            if step.replies or not step.number:
                step = Step(number)
                transcript.steps.append(step)
            step.sends += text.encode() + b"\r\n"
        case "S":
            step.replies.append(text)
        case "message":
            step.messages.append(b"")
        case "closed":
            step.closes = True
        case _:
            _read_option(transcript, word, text)


def _read_option(transcript: Transcript, word: str, text: str) -> None:
    match word:
        case "size":
            if not (text.isascii() and text.isdecimal()):
                raise ValueError(f"size must be a number of octets, got {text!r}")
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
            raise ValueError(f"a transcript has no such line: {word!r}")


def _read_refusal(text: str) -> tuple[str, Reply]:
    words = text.split()
    numbers = [i for i, word in enumerate(words) if word.isascii() and word.isdecimal()]
    if not numbers:
        raise ValueError(f"refuse must say what, and a reply, got {text!r}")
    code, *said = words[numbers[0] :]
    enhanced = said.pop(0) if said and said[0].startswith(f"{code[0]}.") else None
    if len(code) != 3 or code[0] not in "45":
        raise ValueError(f"refuse must have a code from 400 to 599, got {text!r}")
    return " ".join(words[: numbers[0]]), Reply(int(code), " ".join(said), enhanced)
