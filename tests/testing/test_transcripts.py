from pathlib import Path
from typing import Any

import pytest
import trio.testing

from smtpsession import Config, Handler, Limits
from smtpsession.handlers import SinkHandler
from smtpsession.testing import run_transcript
from tests.server.recorder import Recorder, fail
from tests.testing.certificates import contexts

TRANSCRIPTS = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[1] / "transcripts").glob("*.txt"))
}
# STARTTLS is no command that a handler can refuse.
del TRANSCRIPTS["rfc3207_not_now"]
GREETING = "S: 220 mx.test\n"


def config_of(text: str) -> Config:
    # Those files are about a server that has few service extensions by itself.
    limits = Limits(
        recipients=100 if "added: LIMITS" in text else 1_000,
        transactions=3 if "added: LIMITS" in text else None,
        errors_soft=None,
        message_octets=1_000_000,
    )
    return Config(
        hostname="mx.example",
        tls=contexts()[0],
        hidden_extensions=["CHUNKING", "DSN", "LIMITS"],
        limits=limits,
    )


@pytest.mark.parametrize("name", TRANSCRIPTS)
async def test_the_sessions_of_the_rfcs(
    name: str, autojump_clock: trio.testing.MockClock
) -> None:
    text = TRANSCRIPTS[name]
    await run_transcript(text, SinkHandler(), config_of(text), tls=contexts()[1])


async def test_the_rest_of_the_handler_has_its_say() -> None:
    text = GREETING + "C: EHLO c\nS: 451 local error\n"
    await run_transcript(text, Recorder(hello=fail))


async def test_a_message_can_be_refused_for_all() -> None:
    text = GREETING + (
        "refuse: message 550 5.7.1 spam\n"
        "C: EHLO c\nC: MAIL FROM:<a@c>\nC: RCPT TO:<b@d>\nC: DATA\n"
    )
    text += "".join(f"S: 250-{line}\n" for line in ["mx.test", "PIPELINING", "SIZE"])
    text += "".join(f"S: 250-{line}\n" for line in ["8BITMIME", "SMTPUTF8"])
    text += "S: 250-ENHANCEDSTATUSCODES\nS: 250 CHUNKING\n"
    text += "S: 250 2.1.0\nS: 250 2.1.5\nS: 354\nC: x\nC: .\nS: 550 5.7.1 spam\n"
    await run_transcript(
        text, Handler(), Config(hostname="mx.test", hidden_extensions=["DSN", "LIMITS"])
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("S: 221\n", r"line 0 .*the server said \['220 mx.test ESMTP'\]"),
        (GREETING + "C: NOOP\nS: 220\n", "line 2 .*b'NOOP"),
        (GREETING + "C: NOOP\n", "then the server said"),
        (GREETING + "C: NOOP\nS: 250\nS: 250\n", "no more within 10.0 s"),
        (GREETING + "C: NOOP\nC: NOOP\nS: 250\n", "then the server said"),
        (GREETING + "C: EHLO c\nS: 250 mx.test\n", "250-PIPELINING"),
        (GREETING + "C: QUIT\nS: 221\n", r"the server closed \[True\]"),
        (GREETING + "C: QUIT\nS: 221\nC: NOOP\nS: 250\n", "and closed"),
        (GREETING + "C: QUIT\nC: NOOP\nS: 221\nS: 250\nclosed:\n", "and closed"),
        (GREETING + "C: NOOP\nS: 250\nclosed:\n", "that it goes on.*, closed$"),
        (GREETING + "C: NOOP\nC: QUIT\nS: 250\nclosed:\n", "then the server said"),
        (GREETING + "C: NOOP\nS: 250\nmessage:\n| x\n", r"the messages are \[\]"),
    ],
)
async def test_a_transcript_that_is_not_true_fails(
    text: str, error: str, autojump_clock: trio.testing.MockClock
) -> None:
    with pytest.raises(AssertionError, match=error):
        await run_transcript(text, Handler())


@pytest.mark.parametrize(
    ("text", "config", "error"),
    [
        ("what: no\n", {}, "no such line"),
        ("refuse: STARTTLS 454 no\n", {}, "a handler cannot refuse 'STARTTLS'"),
        (GREETING + "C: STARTTLS\nS: 220\n", {"tls": contexts()[0]}, "needs tls"),
        ("hidden: NOSUCH\n", {}, "hidden_extensions may name"),
    ],
)
async def test_what_cannot_be_run_is_told(
    text: str, config: dict[str, Any], error: str
) -> None:
    with pytest.raises(ValueError, match=error):
        await run_transcript(text, Handler(), Config(hostname="mx.test", **config))
