"""The order of chunks and of LMTP's replies, told a second time in another way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.dialogue.settings import Settings
from smtpsession.wire.commands import Bdat, Hello
from smtpsession.wire.events import EndOfChunk, EndOfMessage, Event
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import CHUNKED, LMTP, MAIL, RCPT, Conversation

REFUSAL = Reply(450, "no", "4.2.1")
COMMANDS = {
    "MAIL": MAIL,
    "RCPT": RCPT,
    "DATA": b"DATA\r\n",
    "RSET": b"RSET\r\n",
    "NOOP": b"NOOP\r\n",
    "HELLO": b"EHLO c.example\r\n",
    "BDAT": b"BDAT 6\r\nQUIT\r\n",
    "LAST": b"BDAT 6 LAST\r\nQUIT\r\n",
}


class Model:
    """What RFC 3030 2 and RFC 2033 4.2 and 4.3 add, as a person would tell it.

    The first chunk, each chunk but the last and the message each have their answer.
    """

    def __init__(self, *, lmtp: bool) -> None:
        self.lmtp = lmtp
        self.sender = False
        self.recipients = 0
        self.phase = ""
        self.transaction = 1

    def end(self, phase: str = "") -> None:
        self.transaction += self.sender
        self.sender, self.phase = False, phase

    def say(self, command: str, first: bool, chunk: bool, message: bool) -> list[int]:
        if command in ("NOOP", "RSET", "HELLO"):
            if command == "HELLO" and not first:
                return [REFUSAL.code]
            if command != "NOOP":
                self.end()
            return [250]
        if command in ("BDAT", "LAST"):
            return self.say_chunk(command == "LAST", first, chunk, message)
        if self.phase or self.sender is (command == "MAIL"):
            return [503]
        if command == "MAIL":
            self.sender, self.recipients = True, 0
            return [250]
        if command == "RCPT":
            self.recipients += 1
            return [250]
        if not self.recipients:
            return [503 if self.lmtp else 554]
        self.end()
        return [354, *self.each(250 if message else REFUSAL.code)]

    def say_chunk(
        self, last: bool, first: bool, chunk: bool, message: bool
    ) -> list[int]:
        if self.phase == "failed":
            if last:
                self.end()
            return self.each(503) if last else [503]
        if not self.sender:
            return [503]
        if not self.recipients:
            return self.say_chunk_to_nobody(last)
        if not self.phase and not first:
            self.end("" if last else "failed")
            return self.each(REFUSAL.code) if last else [REFUSAL.code]
        if last:
            self.end()
            return self.each(250 if message else REFUSAL.code)
        self.phase = "chunks"
        if not chunk:
            self.end("failed")
        return [250 if chunk else REFUSAL.code]

    def say_chunk_to_nobody(self, last: bool) -> list[int]:
        if not self.lmtp:
            return [554]
        if last:
            self.end()
        return [] if last else [503]

    def each(self, code: int) -> list[int]:
        return [code] * (self.recipients if self.lmtp else 1)


@pytest.mark.parametrize("settings", [CHUNKED, LMTP], ids=["SMTP", "LMTP"])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*COMMANDS, "MAIL", "RCPT", "RCPT", "BDAT", "LAST"]),
            st.sampled_from([True, True, True, False]),
            st.sampled_from([True, True, True, False]),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_the_order_of_chunks_is_the_models(
    settings: Settings, said: list[tuple[str, bool, bool, bool]]
) -> None:
    answers = dict.fromkeys(("first", "chunk", "message"), True)

    def decide(event: Event) -> Reply | None:
        key = {EndOfChunk: "chunk", EndOfMessage: "message"}.get(type(event), "first")
        asked = isinstance(event, (Bdat, EndOfChunk, EndOfMessage, Hello))
        return REFUSAL if asked and not answers[key] else None

    hello = b"LHLO" if settings.lmtp else b"EHLO"
    model = Model(lmtp=settings.lmtp)
    conversation = Conversation(settings, decide)
    conversation.send(hello + b" c.example\r\n")
    conversation.take_replies()
    for command, first, chunk, message in said:
        answers.update(first=first, chunk=chunk, message=message)
        conversation.send(COMMANDS[command].replace(b"EHLO", hello))
        if conversation.dialogue.state.value == "data":
            conversation.send(b"x\r\n.\r\n")
        codes = [reply.code for reply in conversation.take_replies()]
        assert codes == model.say(command, first, chunk, message)
        assert not conversation.is_over
        assert conversation.session.in_transaction is model.sender
        assert conversation.session.transaction == model.transaction
