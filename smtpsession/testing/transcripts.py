"""Running a transcript against a handler; ``transcript_text`` has the format."""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Sequence
from typing import Any

import attrs
import trio
import trio.testing

from smtpsession import Config, Handler
from smtpsession.server.extension_choice import OPTIONAL
from smtpsession.testing.client import MemoryClient, open_client
from smtpsession.testing.failures import Failures
from smtpsession.testing.recording import RecordingHandler
from smtpsession.testing.transcript_text import Step, Transcript, read_transcript

_REFUSED = re.compile(r"(MAIL|RCPT|message)(?: (?:FROM:|TO:)?<(.*)>)?")


async def run_transcript(
    text: str,
    handler: Handler[Any],
    config: Config | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    seconds: float = 10.0,
) -> None:
    """Say what the client says in a transcript, in memory, and compare the answers.

    Args:
        text: the transcript.
        handler: receives the events of the session.
        config: the options; None takes the defaults and the name ``mx.test``.
        tls: for the handshake after STARTTLS; one for clients.
        seconds: how long to wait for a reply, on Trio's clock.

    Raises:
        AssertionError: the session goes otherwise than the transcript says.
        ValueError: the text is no transcript, or has STARTTLS without *tls*.
    """
    transcript = read_transcript(text)
    config = Config(hostname="mx.test") if config is None else config
    recorder = RecordingHandler(_refusing(transcript, handler))
    options = _options(transcript, config)
    async with open_client(recorder, options, greeting=False) as client:
        run = _Run(client, recorder, tls, seconds)
        for step in transcript.steps:
            await run.do(step)
        await run.end(transcript.steps[-1])


@attrs.frozen
class _Run:
    """A transcript that runs."""

    client: MemoryClient
    recorder: RecordingHandler
    tls: ssl.SSLContext | None
    seconds: float

    async def do(self, step: Step) -> None:
        if step.sends:
            with contextlib.suppress(trio.BrokenResourceError):
                await self.client.send(step.sends)
        lines = await self._reply_lines(step)
        begun = [
            line[: len(wanted)]
            for line, wanted in zip(lines, step.replies, strict=False)
        ]
        same = begun == step.replies and len(lines) == len(step.replies)
        _require(same, step, "the server said", lines)
        contents = [message.content for message in self.recorder.messages]
        self.recorder.clear()
        _require(contents == step.messages, step, "the messages are", contents)
        if step.closes:
            left = await self._left(step)
            _require(not left, step, "then the server said", left)
        elif step.sends.upper().endswith(b"STARTTLS\r\n") and lines[-1][:3] == "220":
            await self._shake_hands(step)

    async def end(self, step: Step) -> None:
        """See that the server has nothing more to say, and waits for the client."""
        over = trio.Event()
        left: list[str] = []

        async def read() -> None:
            left.extend(map(str, await self.client.rest()))
            over.set()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            await trio.testing.wait_all_tasks_blocked()
            has_closed = over.is_set()
            await self.client.end_sending()
        _require(not left, step, "then the server said", left)
        _require(has_closed is step.closes, step, "the server closed", [has_closed])

    async def _reply_lines(self, step: Step) -> list[str]:
        lines: list[str] = []
        with trio.move_on_after(self.seconds) as scope:
            try:
                while len(lines) < len(step.replies):
                    lines += (await self.client.reply()).wire_lines
            except EOFError:
                lines.append("(and closed)")
        if scope.cancelled_caught:
            lines.append(f"(and no more within {self.seconds} s)")
        return lines

    async def _left(self, step: Step) -> list[str]:
        with trio.move_on_after(self.seconds):
            return [str(reply) for reply in await self.client.rest()]
        return ["(that it goes on)"]

    async def _shake_hands(self, step: Step) -> None:
        if self.tls is None:
            raise ValueError(f"line {step.number} needs tls, for the handshake")
        await self.client.shake_hands(self.tls)


def _require(true: bool, step: Step, what: str, got: Sequence[object]) -> None:
    if not true:
        wanted = f"expected {step.replies}, messages {step.messages}"
        if step.closes:
            wanted += ", closed"
        raise AssertionError(
            f"line {step.number} of the transcript, behind {step.sends!r}:"
            f" {what} {[*got]}; {wanted}"
        )


def _options(transcript: Transcript, config: Config) -> Config:
    limits = config.limits
    if transcript.size is not None:
        limits = attrs.evolve(limits, message_octets=transcript.size)
    hidden = (config.hidden_extensions | {*transcript.hidden}) - {*transcript.added}
    added = [word for word in transcript.added if word in OPTIONAL]
    return attrs.evolve(
        config,
        limits=limits,
        hidden_extensions=hidden,
        extensions=[*config.extensions, *added],
        strict_pipelining=config.strict_pipelining or transcript.strict,
        lmtp=config.lmtp or transcript.lmtp,
    )


def _refusing(transcript: Transcript, handler: Handler[Any]) -> Failures:
    failures = Failures(handler)
    for what, reply in transcript.refusals.items():
        match = _REFUSED.fullmatch(what)
        if match is None:
            raise ValueError(f"a handler cannot refuse {what!r}")
        failures.refuse(
            match[1],
            reply.code,
            reply.text,
            enhanced=reply.enhanced,
            when=match[2],
        )
    return failures
