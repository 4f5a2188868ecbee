"""Faults planted in a dialogue are found, and shrink to a few lines."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
import trustme
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from smtpsession import Config
from smtpsession.dialogue.command_order import Move, State
from smtpsession.dialogue.content_dialogue import Said
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.testing.model_violation import ViolationError
from smtpsession.testing.session_machine import SessionMachine
from smtpsession.testing.session_machine_peers import DialoguePeer
from smtpsession.wire import replies
from smtpsession.wire.commands import (
    Auth,
    Bdat,
    Command,
    Data,
    Hello,
    LastBdat,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Rset,
    StartTLS,
)
from smtpsession.wire.events import Content, EndOfMessage, Event
from smtpsession.wire.replies import Reply

MOST_LINES = 10
PROFILE = settings(
    max_examples=300,
    stateful_step_count=8,
    derandomize=True,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    phases=[Phase.generate, Phase.shrink],
)
CONTEXT = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
trustme.CA().issue_cert("mx.test").configure_cert(CONTEXT)
OPTIONS: dict[str, Any] = {
    "hostname": "mx.test",
    "tls": CONTEXT,
    "allow_insecure_auth": True,
    "auth_methods": ["PLAIN", "LOGIN"],
    "extensions": ["BINARYMIME"],
}
SMTP = Config(**OPTIONS)
LMTP = Config(**OPTIONS, lmtp=True)


class KeepsRecipientsOfRefusedMessages(Dialogue):
    def _settle_end(self, event: EndOfMessage, said: Said) -> None:
        recipients = self.session.envelope.rcpt_to
        refused = not self.ends_unaccepted(said)
        super()._settle_end(event, said)
        if refused:
            self.session.envelope.rcpt_to = recipients


class AnswersTwice(Dialogue):
    def _settle(self, event: Event, said: Said) -> None:
        super()._settle(event, said)
        if isinstance(event, Noop):
            self._reply(replies.OK)


class KeepsTransactionAtReset(Dialogue):
    def _settle(self, event: Event, said: Said) -> None:
        if isinstance(event, Rset):
            self._reply(replies.OK)
        else:
            super()._settle(event, said)


class CountsTransactionsThatNeverWere(Dialogue):
    def _settle(self, event: Event, said: Said) -> None:
        super()._settle(event, said)
        if isinstance(event, Hello):
            self.session.transaction += 1


class StaysAfterQuit(Dialogue):
    def _settle(self, event: Event, said: Said) -> None:
        if isinstance(event, Quit):
            self._reply(replies.BYE)
        else:
            super()._settle(event, said)


class Misordered(Dialogue):
    """Accepts commands where they may not be."""

    more: ClassVar[Mapping[State, Mapping[type[Event], Move]]] = {}

    def _enter(self, state: State) -> None:
        super()._enter(state)
        self._moves = {**self._moves, **self.more.get(state, {})}


def stay(state: State, command: type[Event]) -> dict[State, dict[type[Event], Move]]:
    return {state: {command: Move(accepted=state, refused=state)}}


class AcceptsRecipientsBeforeSenders(Misordered):
    more = stay(State.READY, Rcpt)


class AuthenticatesInTransactions(Misordered):
    more = stay(State.RCPT, Auth)


class AcceptsMessagesForNobody(Misordered):
    more: ClassVar[Mapping[State, Mapping[type[Event], Move]]] = {
        State.MAIL: {Data: Move(accepted=State.DATA, refused=State.MAIL)}
    }


class MixesDataWithChunks(Misordered):
    more: ClassVar[Mapping[State, Mapping[type[Event], Move]]] = {
        State.BDAT: {Data: Move(accepted=State.DATA, refused=State.BDAT)}
    }


class ExecutesRefusedChunks(Dialogue):
    def _skip_chunk(self, event: Bdat, reply: Reply) -> None:
        super()._skip_chunk(Bdat(0), reply)


class MiscountsChunks(Dialogue):
    def _begin_chunk(self, event: Bdat) -> None:
        kind = LastBdat if isinstance(event, LastBdat) else Bdat
        super()._begin_chunk(kind(max(event.octets - 1, 0)))


class RemembersWhatWasBeforeTLS(Dialogue):
    def tls_established(self, *arguments: Any, **named: Any) -> None:
        hello = self.session.opening_command
        super().tls_established(*arguments, **named)
        self.session.opening_command = hello


def _take_starttls(self: Dialogue, event: StartTLS) -> Event | None:
    if self.state is State.CONNECTED and not self.session.secure:
        return self._ask(event)
    return self._read_command(event)


class TakesPlainTextForSecure(Dialogue):
    _READERS = {**Dialogue._READERS, StartTLS: _take_starttls}  # noqa: RUF012

    def tls_established(self, *arguments: Any, **named: Any) -> None:
        rest = self._parser._buffer.take()
        super().tls_established(*arguments, **named)
        if rest:
            self.receive_data(rest)


class AuthenticatesTwice(Dialogue):
    def _gate(self, kind: type[Command]) -> Reply | None:
        return None if kind is Auth else super()._gate(kind)


def _read_line_feeds(self: Dialogue, event: Content) -> Event | None:
    return self._read_content(Content(event.data.replace(b"\r\n", b"\n")))


class TurnsLineEndsIntoLineFeeds(Dialogue):
    _READERS = {**Dialogue._READERS, Content: _read_line_feeds}  # noqa: RUF012


class EndsMessagesAtBareNewlines(Dialogue):
    def receive_data(self, data: bytes) -> None:
        super().receive_data(data.replace(b"\n.\n", b"\r\n.\r\n"))


class ForgetsTheCarriageReturn(Dialogue):
    def data_to_send(self) -> bytes:
        return super().data_to_send().replace(b"commands\r\n", b"commands\n")


class AnswersOncePerMessage(Dialogue):
    def _message_replies(self, event: EndOfMessage, said: Said) -> list[Reply]:
        return super()._message_replies(event, said)[:1]


class AnswersOnceTooOften(Dialogue):
    def _message_replies(self, event: EndOfMessage, said: Said) -> list[Reply]:
        each = super()._message_replies(event, said)
        return [*each, each[0]]


class Misspoken(Dialogue):
    """Says something else."""

    said: ClassVar[tuple[bytes, bytes]] = (b"", b"")

    def data_to_send(self) -> bytes:
        return super().data_to_send().replace(*self.said)


class ForgetsEnhancedCodes(Misspoken):
    said = (b" 2.1.0 ", b" ")


class ConfusesClasses(Misspoken):
    said = (b"503 5.", b"503 4.")


class OffersWhatIsNoKeyword(Misspoken):
    said = (b"250-SIZE", b"250-SIZE:")


class OffersNoNumber(Misspoken):
    said = (b"250-SIZE ", b"250-SIZE about ")


class OffersTLSForever(Dialogue):
    def data_to_send(self) -> bytes:
        octets = super().data_to_send()
        if self.session.secure:
            return octets.replace(b"250-SIZE", b"250-STARTTLS\r\n250-SIZE")
        return octets


class OffersNoChunks(Misspoken):
    said = (b"250-CHUNKING\r\n", b"")


class OffersNoGroups(Misspoken):
    said = (b"250-PIPELINING\r\n", b"")


class RepeatsTheCommand(Dialogue):
    _heard = b""

    def receive_data(self, data: bytes) -> None:
        self._heard = data.replace(b"\r\n", b"")
        super().receive_data(data)

    def data_to_send(self) -> bytes:
        octets = super().data_to_send()
        is_refusal = octets.startswith(b"5") and octets.count(b"\r\n") == 1
        return octets[:10] + self._heard[:400] + b"\r\n" if is_refusal else octets


class RefusesWith(Dialogue):
    """Refuses a kind of event for a bad reason."""

    kind: ClassVar[type[Event]] = Event
    reason: ClassVar[Reply]

    def _settle(self, event: Event, said: Said) -> None:
        super()._settle(event, self.reason if self._is_meant(event) else said)

    def _is_meant(self, event: Event) -> bool:
        return isinstance(event, self.kind)


class KnowsNoSenders(RefusesWith):
    kind = Mail
    reason = Reply(502, "what", "5.5.1")


class CallsSendersWrong(RefusesWith):
    kind = Mail
    reason = Reply(501, "what", "5.1.7")


class TakesOneRecipient(RefusesWith):
    reason = Reply(452, "too many", "4.5.3")

    def _is_meant(self, event: Event) -> bool:
        return isinstance(event, Rcpt) and bool(self.session.envelope.rcpt_to)


class TakesNothingLarge(RefusesWith):
    kind = EndOfMessage
    reason = Reply(552, "too large", "5.3.4")


#: Each with what the model calls it.
MISSPOKEN = {
    ForgetsEnhancedCodes: "no enhanced status code",
    ConfusesClasses: "enhanced status code of another class",
    OffersWhatIsNoKeyword: "keyword of a hello's reply",
    OffersNoNumber: "SIZE is no number",
    OffersTLSForever: "STARTTLS is offered inside TLS",
    OffersNoChunks: "BINARYMIME is offered without CHUNKING",
    RepeatsTheCommand: "octets of the client in a reply",
    KnowsNoSenders: "required command is unknown",
    CallsSendersWrong: "right syntax is called wrong",
    TakesOneRecipient: "fewer than 100 recipients",
    TakesNothingLarge: "message of 64 KiB is refused for its size",
}
FAULTS_OF_SMTP = [
    KeepsRecipientsOfRefusedMessages,
    AnswersTwice,
    KeepsTransactionAtReset,
    CountsTransactionsThatNeverWere,
    StaysAfterQuit,
    AcceptsRecipientsBeforeSenders,
    AuthenticatesInTransactions,
    AcceptsMessagesForNobody,
    MixesDataWithChunks,
    ExecutesRefusedChunks,
    MiscountsChunks,
    RemembersWhatWasBeforeTLS,
    TakesPlainTextForSecure,
    AuthenticatesTwice,
    TurnsLineEndsIntoLineFeeds,
    EndsMessagesAtBareNewlines,
    ForgetsTheCarriageReturn,
]
FAULTS_OF_LMTP = [AnswersOncePerMessage, AnswersOnceTooOften, OffersNoGroups]


def machine_for(dialogue: type[Dialogue], options: Config) -> type[SessionMachine]:
    settings_of_dialogue = options.dialogue_settings(authenticates=True)

    class Faulty(SessionMachine):
        config = options

        def open_peer(self) -> DialoguePeer:
            return DialoguePeer(settings_of_dialogue, dialogue_class=dialogue)

    return Faulty


def found(
    dialogue: type[Dialogue], options: Config, profile: settings = PROFILE
) -> ViolationError:
    with pytest.raises(ViolationError) as caught:
        run_state_machine_as_test(machine_for(dialogue, options), settings=profile)
    return caught.value


def shrunk_lines(dialogue: type[Dialogue], options: Config) -> list[str]:
    """Give what a client has to say for the machine to find the fault."""
    lines = found(dialogue, options).transcript
    return [line for line in lines if line.startswith("C: ")]


@pytest.mark.parametrize("fault", FAULTS_OF_SMTP)
def test_a_fault_of_smtp_is_found(fault: type[Dialogue]) -> None:
    assert 0 < len(shrunk_lines(fault, SMTP)) <= MOST_LINES


@pytest.mark.parametrize("fault", FAULTS_OF_LMTP)
def test_a_fault_of_lmtp_is_found(fault: type[Dialogue]) -> None:
    assert 0 < len(shrunk_lines(fault, LMTP)) <= MOST_LINES


@pytest.mark.parametrize(("fault", "rule"), MISSPOKEN.items())
def test_what_is_misspoken_is_named(fault: type[Dialogue], rule: str) -> None:
    profile = settings(PROFILE, phases=[Phase.generate])
    assert found(fault, SMTP, profile).violation.rule == rule


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (EndsMessagesAtBareNewlines, "content is executed"),
        (ExecutesRefusedChunks, "chunk is executed"),
        (TakesPlainTextForSecure, "plain text is executed inside TLS"),
    ],
)
def test_data_that_is_executed_is_named(fault: type[Dialogue], rule: str) -> None:
    assert found(fault, SMTP).violation.rule == rule


@pytest.mark.parametrize("options", [SMTP, LMTP], ids=["SMTP", "LMTP"])
def test_without_a_fault_nothing_is_found(options: Config) -> None:
    profile = settings(PROFILE, max_examples=60)
    run_state_machine_as_test(machine_for(Dialogue, options), settings=profile)
