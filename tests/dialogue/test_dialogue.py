"""The dialogue: who is asked, what an answer does, and misuse of it.

What RFCs and attacks ask of it is in tests/standards.
"""

import attrs
import pytest

from smtpsession.dialogue.command_order import State
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.error_counts import ERROR_DELAY
from smtpsession.dialogue.events import ContentTooLarge, Flush, SlowDown
from smtpsession.dialogue.limits import Limits
from smtpsession.dialogue.message_size import MIN_DISCARD_OCTETS
from smtpsession.dialogue.settings import Settings
from smtpsession.dialogue.stock_replies import STOCK_REPLIES
from smtpsession.errors import LocalProtocolError, Reject
from smtpsession.extensions.extension import Extension, need_value
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session
from smtpsession.wire import replies
from smtpsession.wire.addresses import Address, RecipientDSN
from smtpsession.wire.commands import (
    Added,
    Data,
    Ehlo,
    Expn,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Rset,
    StartTLS,
    Unknown,
    Vrfy,
)
from smtpsession.wire.events import (
    ConnectionLost,
    Content,
    ContentFault,
    EndOfMessage,
    Event,
)
from smtpsession.wire.replies import Reply
from smtpsession.wire.trusted_networks import TrustedNetworks
from tests.standards.run_dialogue import (
    MAIL,
    P1,
    P2,
    P3,
    PATIENT,
    RCPT,
    SETTINGS,
    TLS,
    Conversation,
    make_settings,
)


class Driver:
    """A dialogue behind its greeting, with all that was said so far answered."""

    def __init__(self, octets: bytes = b"", settings: Settings = SETTINGS) -> None:
        self.session = Session("1")
        self.dialogue = Dialogue(self.session, settings)
        self.dialogue.greet()
        for line in octets.splitlines(keepends=True):
            self.dialogue.receive_data(line)
            assert self.dialogue.next_event() is not None
            self.dialogue.answer()
        self.dialogue.data_to_send()

    def ask(self, octets: bytes = b"") -> Event | None:
        if octets:
            self.dialogue.receive_data(octets)
        return self.dialogue.next_event()

    def answer(self, said: Reply | str | None = None) -> bytes:
        self.dialogue.answer(said)
        return self.dialogue.data_to_send()


# Misuse.


TOO_EARLY = r"^next_event\(\) before what is owed was done$"
UNASKED = r"^answer\(\) without a question$"


def test_nothing_is_read_before_the_greeting() -> None:
    dialogue = Dialogue(Session("1"), SETTINGS)
    with pytest.raises(LocalProtocolError, match=TOO_EARLY):
        dialogue.next_event()


def test_nothing_is_read_while_an_answer_is_owed() -> None:
    driver = Driver()
    driver.ask(b"NOOP\r\nNOOP\r\n")
    with pytest.raises(LocalProtocolError, match=TOO_EARLY):
        driver.ask()
    driver.answer()
    assert type(driver.ask()) is Noop


def test_nothing_is_read_while_tls_is_awaited() -> None:
    driver = Driver(P1)
    driver.ask(b"STARTTLS\r\n")
    driver.answer()
    with pytest.raises(LocalProtocolError, match=TOO_EARLY):
        driver.ask()
    driver.dialogue.tls_established(TLS)
    assert driver.ask() is None


def test_an_answer_needs_a_question() -> None:
    driver = Driver()
    with pytest.raises(LocalProtocolError, match=UNASKED):
        driver.answer()
    driver.ask(b"NOOP\r\n")
    driver.answer()
    with pytest.raises(LocalProtocolError, match=UNASKED):
        driver.answer()


def test_a_hello_that_is_refused_for_good_has_no_enhanced_code() -> None:
    driver = Driver()
    driver.ask(b"EHLO c.example\r\n")
    assert driver.answer(Reply(421, "go away")) == b"421 mx.example go away\r\n"
    assert driver.dialogue.is_over


def test_a_hello_that_is_disabled_has_no_enhanced_code() -> None:
    driver = Driver()
    driver.session.disabled_commands = frozenset({"EHLO"})
    assert driver.ask(b"EHLO c.example\r\n") is None
    assert driver.dialogue.data_to_send() == b"502 command not implemented\r\n"


def test_a_sender_that_is_refused_for_good_leaves_no_envelope() -> None:
    driver = Driver(P1)
    driver.ask(b"MAIL FROM:<a@c.example> BODY=8BITMIME\r\n")
    driver.answer(Reply(421, "go away"))
    assert driver.session.envelope.body_type != "8BITMIME"


def test_replies_that_reach_the_limit_go_out_before_more_is_read() -> None:
    reply = replies.OK.to_bytes()
    limits = attrs.evolve(PATIENT, unread_reply_octets=40 * len(reply))
    dialogue = Dialogue(Session("1"), make_settings(limits=limits), asks=())
    dialogue.greet()
    dialogue.data_to_send()
    dialogue.receive_data(b"NOOP\r\n" * 41)
    assert dialogue.next_event() == Flush()
    assert dialogue.data_to_send() == reply * 40
    assert dialogue.next_event() is None
    assert dialogue.data_to_send() == reply


def test_what_is_said_to_xclient_stands_in_the_new_greeting() -> None:
    proxy = TrustedNetworks.of(["unix"], option="xclient")
    driver = Driver(P1, attrs.evolve(SETTINGS, xclient=proxy))
    driver.ask(b"XCLIENT NAME=c.example\r\n")
    assert driver.answer("welcome") == b"220 mx.example ESMTP welcome\r\n"


class Ping(Extension):
    """A command of one's own, for those who are inside TLS."""

    keyword = "X-PING"
    verb = "XPING"

    def offer(self, session: Session) -> str | None:
        return self.keyword if session.secure else None

    async def on_command(self, session: Session, argument: str) -> str:
        return argument


def test_the_command_of_an_extension_is_there_if_the_extension_is() -> None:
    driver = Driver(P1, make_settings(added=[Ping()]))
    assert driver.ask(b"XPING hi\r\n") is None
    assert driver.dialogue.data_to_send() == b"502 5.5.1 command not implemented\r\n"
    driver.session.secure = True
    assert driver.ask(b"XPING hi\r\n") == Added("XPING", "hi")
    assert driver.answer("pong") == b"250 2.0.0 pong\r\n"


def test_a_3yz_reply_is_no_answer_and_the_question_stays() -> None:
    driver = Driver(P2)
    driver.ask(b"DATA\r\n")
    with pytest.raises(LocalProtocolError, match="354 is no answer"):
        driver.answer(replies.START_CONTENT)
    assert driver.answer().startswith(b"354 ")


# The greeting and the end.


@pytest.mark.parametrize(
    ("said", "greeting"),
    [
        (None, b"220 mx.example ESMTP at your service\r\n"),
        ("welcome", b"220 mx.example ESMTP welcome\r\n"),
        ("", b"220 mx.example ESMTP\r\n"),
        ("a\r\nb\u00e9", b"220 mx.example ESMTP a??b?\r\n"),
        (Reply(220, "welcome"), b"220 mx.example ESMTP welcome\r\n"),
        (Reply(250, ["a", "b"]), b"220 mx.example ESMTP a b\r\n"),
    ],
)
def test_greeting(said: Reply | str | None, greeting: bytes) -> None:
    settings = Settings(hostname="mx.example", banner="at your service")
    dialogue = Dialogue(Session("1"), settings)
    dialogue.greet(said)
    assert dialogue.data_to_send() == greeting
    assert dialogue.state is State.CONNECTED


def test_the_end_is_said_whatever_is_owed() -> None:
    driver = Driver(P1)
    driver.ask(MAIL + b"NOOP\r\n")
    driver.dialogue.end(replies.SHUTTING_DOWN)
    assert driver.dialogue.data_to_send() == (
        b"421 4.3.2 mx.example service shutting down\r\n"
    )
    assert driver.dialogue.is_over
    assert not driver.dialogue.has_quit
    assert driver.ask() is None


def test_quit() -> None:
    driver = Driver(P1)
    assert type(driver.ask(b"QUIT\r\nNOOP\r\n")) is Quit
    assert driver.answer() == b"221 2.0.0 mx.example bye\r\n"
    assert driver.dialogue.is_over
    assert driver.dialogue.has_quit
    assert driver.ask() is None


def test_the_connection_is_lost_once() -> None:
    driver = Driver(P2)
    assert driver.ask(b"NOO") is None
    driver.dialogue.receive_data(b"")
    assert type(driver.ask()) is ConnectionLost
    assert driver.dialogue.is_over
    assert driver.ask() is None
    assert driver.dialogue.data_to_send() == b""


# Who is asked.


def test_what_nobody_asked_for_is_accepted_at_once() -> None:
    dialogue = Dialogue(Session("1"), SETTINGS, asks={Rcpt})
    dialogue.greet()
    dialogue.receive_data(P3)
    assert type(dialogue.next_event()) is Rcpt
    dialogue.answer()
    assert type(dialogue.next_event()) is Data
    dialogue.answer()
    dialogue.receive_data(b".\r\nQUIT\r\n")
    assert type(dialogue.next_event()) is EndOfMessage
    dialogue.answer()
    assert dialogue.next_event() is None
    assert dialogue.has_quit


def test_starttls_is_always_asked() -> None:
    dialogue = Dialogue(Session("1"), SETTINGS, asks=())
    dialogue.greet()
    dialogue.receive_data(b"STARTTLS\r\n")
    assert type(dialogue.next_event()) is StartTLS


QUESTIONS: list[tuple[bytes, bytes, type[Event]]] = [
    (b"", P1, Ehlo),
    (P1, MAIL, Mail),
    (P1 + MAIL, RCPT, Rcpt),
    (P2, b"DATA\r\n", Data),
    (P1, b"RSET\r\n", Rset),
    (P1, b"VRFY x\r\n", Vrfy),
    (P1, b"EXPN x\r\n", Expn),
    (P1, b"XYZZY\r\n", Unknown),
    (P1, b"NOOP\r\n", Noop),
]


@pytest.mark.parametrize(("after", "octets", "kind"), QUESTIONS)
def test_stock_answers(after: bytes, octets: bytes, kind: type[Event]) -> None:
    driver = Driver(after)
    assert type(driver.ask(octets)) is kind
    stock = STOCK_REPLIES[kind]
    assert driver.answer().startswith(str(stock.code).encode())


@pytest.mark.parametrize(("after", "octets", "kind"), QUESTIONS)
def test_refusals_change_nothing(
    after: bytes, octets: bytes, kind: type[Event]
) -> None:
    driver = Driver(after)
    state = driver.dialogue.state
    envelope = attrs.asdict(driver.session.envelope)
    driver.ask(octets)
    answer = driver.answer(Reply(451, "later", "4.7.1"))
    assert answer == (b"451 later\r\n" if kind is Ehlo else b"451 4.7.1 later\r\n")
    assert driver.dialogue.state is state
    assert attrs.asdict(driver.session.envelope) == envelope


@pytest.mark.parametrize(
    ("octets", "answer"),
    [
        (b"NOOP\r\n", b"250 2.0.0 he?llo\r\n"),
        (MAIL, b"250 2.1.0 he?llo\r\n"),
        (b"VRFY x\r\n", b"252 2.0.0 he?llo\r\n"),
        # The stock reply of these is negative, and a text accepts.
        (b"EXPN x\r\n", b"250 2.0.0 he?llo\r\n"),
        (b"XYZZY\r\n", b"250 2.0.0 he?llo\r\n"),
    ],
)
def test_a_text_is_a_positive_answer(octets: bytes, answer: bytes) -> None:
    driver = Driver(P1)
    driver.ask(octets)
    assert driver.answer("he\nllo") == answer


def test_a_text_behind_the_name_in_the_answer_to_ehlo() -> None:
    driver = Driver()
    driver.ask(P1)
    assert driver.answer("hello").startswith(b"250-mx.example hello\r\n250-PIPELINING")


@pytest.mark.parametrize("said", ["go on", Reply(250, "go on")])
def test_what_accepts_data_is_354(said: Reply | str) -> None:
    driver = Driver(P2)
    driver.ask(b"DATA\r\n")
    assert driver.answer(said).startswith(b"354 ")
    assert driver.dialogue.state is State.DATA


def test_a_recipient_that_an_extension_has_made() -> None:
    class Original(Extension):
        keyword = "X-ORIGINAL"
        rcpt_parameters = frozenset({"X-ORIGINAL"})

        def rcpt_parameter(
            self, name: str, value: str | bool, address: Address, session: Session
        ) -> Address:
            return attrs.evolve(address, dsn=RecipientDSN(orcpt=need_value(value)))

    settings = Settings(hostname="mx.example", extensions=(Original(),))
    driver = Driver(P1 + MAIL, settings)
    event = driver.ask(b"RCPT TO:<b@s.example> X-ORIGINAL=x\r\n")
    assert isinstance(event, Rcpt)
    assert event.address.dsn.orcpt == "x"
    driver.answer()
    assert driver.session.envelope.rcpt_to == [event.address]


# The session while a question is open.


def test_the_envelope_holds_the_parameters_while_mail_is_asked() -> None:
    driver = Driver(P1)
    driver.ask(b"MAIL FROM:<a@c.example> SIZE=5\r\n")
    assert driver.session.envelope.size == 5
    assert not driver.session.in_transaction
    driver.answer(Reply(550, "no"))
    assert driver.session.envelope.size is None
    driver.ask(MAIL)
    driver.answer()
    assert driver.session.in_transaction


def test_the_hello_is_in_the_session_once_it_is_accepted() -> None:
    driver = Driver()
    driver.ask(P1)
    assert driver.session.opening_command is None
    driver.answer()
    assert driver.session.opening_command == "EHLO"


def test_is_idle() -> None:
    driver = Driver()
    assert driver.dialogue.is_idle
    driver.ask(b"EHLO c.example\r\n")
    assert not driver.dialogue.is_idle
    driver.answer()
    assert driver.dialogue.is_idle
    driver.ask(b"NO")
    assert not driver.dialogue.is_idle
    driver.ask(b"OP\r\n")
    driver.answer()
    driver.ask(MAIL)
    driver.answer()
    assert not driver.dialogue.is_idle


NO = Reply(550, "no")


@pytest.mark.parametrize(
    ("after", "octets", "said", "ends"),
    [
        (P2, b"RSET\r\n", None, True),
        (P2, b"RSET\r\n", "done", True),
        (P2, b"RSET\r\n", NO, False),
        (P2, b"EHLO d.example\r\n", None, True),
        (P2, b"EHLO d.example\r\n", NO, False),
        (P2, b"NOOP\r\n", None, False),
        (P2, b"NOOP\r\n", NO, False),
        (P1, b"RSET\r\n", None, False),
        (P1, b"EHLO d.example\r\n", None, False),
        (P3, b".\r\n", None, False),
        (P3, b".\r\n", "queued", False),
        (P3, b".\r\n", NO, True),
        (P3, b".\r\n", Reply(421, "later"), True),
    ],
)
def test_ends_unaccepted(
    after: bytes, octets: bytes, said: Reply | str | None, ends: bool
) -> None:
    driver = Driver(after)
    assert not driver.dialogue.ends_unaccepted(said)
    driver.ask(octets)
    assert driver.dialogue.ends_unaccepted(said) is ends
    opened = driver.session.in_transaction
    accepted = octets == b".\r\n" and not ends
    driver.answer(said)
    over = opened and not driver.session.in_transaction
    assert over is (ends or accepted)
    assert driver.session.transaction == 1 + over


# Content.


def read_message(driver: Driver, octets: bytes) -> list[Event]:
    driver.dialogue.receive_data(octets)
    events: list[Event] = []
    while not (events and isinstance(events[-1], EndOfMessage)):
        event = driver.dialogue.next_event()
        assert event is not None
        events.append(event)
    return events


@pytest.mark.parametrize(
    ("content", "said", "answer", "over"),
    [
        (b"a\0b", None, b"554 5.6.0", False),
        (b"a\0b", "queued", b"554 5.6.0", False),
        (b"a\0b", Reply(250, "queued"), b"554 5.6.0", False),
        (b"a\0b", Reply(451, "later", "4.2.0"), b"451 4.2.0", False),
        (b"a\nb", None, b"550 5.5.2", True),
        (b"a\nb", Reply(451, "later", "4.2.0"), b"550 5.5.2", True),
        (b"a\0b\nc", Reply(421, "later", "4.2.0"), b"550 5.5.2", True),
    ],
)
def test_faulty_content_is_refused_whatever_is_said(
    content: bytes, said: Reply | str | None, answer: bytes, over: bool
) -> None:
    driver = Driver(P3)
    events = read_message(driver, content + b"\r\n.\r\n")
    assert [type(event) for event in events] == [Content, ContentFault, EndOfMessage]
    assert events[0] == Content(b"a")
    assert driver.dialogue.ends_unaccepted(said)
    assert driver.answer(said).startswith(answer)
    assert driver.dialogue.is_over is over
    assert not driver.session.in_transaction


@pytest.mark.parametrize(
    ("octets", "handed_on"),
    [
        (b"123\r\n.\r\n", [Content(b"123\r")]),
        (b"123456\r\n.\r\n", [Content(b"1234")]),
    ],
)
def test_content_over_the_limit(octets: bytes, handed_on: list[Event]) -> None:
    driver = Driver(P3, make_settings(size=4))
    events = read_message(driver, octets)
    kinds = [type(event) for event in events]
    assert events[:-2] == handed_on
    assert kinds[-2:] == [ContentTooLarge, EndOfMessage]
    assert driver.dialogue.message_octets == len(octets) - 3
    assert driver.answer("queued").startswith(b"552 5.3.4 ")


def test_the_limit_met_exactly_by_the_first_block() -> None:
    driver = Driver(P3, make_settings(size=3))
    assert driver.ask(b"123") == Content(b"123")
    assert type(driver.ask(b"4")) is ContentTooLarge
    assert driver.ask(b"5") is None
    assert type(driver.ask(b"\r\n.\r\n")) is EndOfMessage
    assert driver.answer(Reply(552, "too big", "5.2.3")) == b"552 5.2.3 too big\r\n"


def test_each_message_is_measured_anew() -> None:
    settings = make_settings(size=4)
    conversation = Conversation(settings)
    conversation.send(P3)
    conversation.send(b"12345\r\n.\r\n" + MAIL + RCPT + b"DATA\r\n12\r\n.\r\n")
    assert conversation.messages == [b"12\r\n"]


# Limits and error counts.


def test_answers_are_slowed_from_the_soft_limit_on() -> None:
    settings = make_settings(limits=Limits(errors_soft=1))
    driver = Driver(P1, settings)
    assert driver.ask(RCPT + b"NOOP\r\n") == SlowDown(ERROR_DELAY)
    assert driver.dialogue.data_to_send() == b"503 5.5.1 bad sequence of commands\r\n"
    assert type(driver.ask()) is Noop
    driver.answer()
    assert driver.ask() == SlowDown(ERROR_DELAY)
    assert driver.ask() is None


def test_what_fails_on_our_side_is_not_tried_without_end() -> None:
    settings = make_settings(limits=Limits(errors_soft=None, errors_hard=2))
    driver = Driver(P1, settings)
    driver.ask(MAIL)
    assert driver.answer(replies.HOOK_FAILED).startswith(b"451 4.3.0 ")
    driver.ask(MAIL)
    assert driver.answer(replies.HOOK_FAILED).startswith(b"421 4.7.0 ")
    assert driver.dialogue.is_over


def test_a_client_with_too_many_errors_may_still_quit() -> None:
    settings = make_settings(limits=Limits(errors_soft=None, errors_hard=1))
    driver = Driver(P1 + MAIL + RCPT + b"NOOP\r\n", settings)
    driver.ask(b"QUIT\r\n")
    assert driver.answer().startswith(b"221 ")


def test_junk_ends_by_the_error_limit() -> None:
    limits = Limits(errors_soft=None, errors_hard=2, junk_commands=3)
    conversation = Conversation(make_settings(limits=limits))
    conversation.send(b"NOOP\r\n" * 10)
    codes = [reply.code for reply in conversation.take_replies()]
    assert codes == [250, 250, 250, 250, 421]


def test_surplus_recipients_are_answered_and_at_last_count() -> None:
    limits = Limits(errors_soft=None, errors_hard=1, recipients=100)
    conversation = Conversation(make_settings(limits=limits))
    conversation.send(P1 + MAIL + RCPT * 300)
    codes = [reply.code for reply in conversation.take_replies()]
    assert codes == [250, 250, *[250] * 100, *[452] * 100, 421]


def test_replies_that_nobody_takes_stop_the_reading() -> None:
    limits = attrs.evolve(PATIENT, unread_reply_octets=512)
    driver = Driver(P1, make_settings(limits=limits))
    driver.dialogue.receive_data(RCPT * 100)
    assert type(driver.ask()) is Flush
    unread = driver.dialogue.data_to_send()
    assert 512 <= len(unread) < 600
    assert type(driver.ask()) is Flush
    assert driver.dialogue.data_to_send() == unread


def test_what_closed_the_session_is_said_behind_a_slow_down() -> None:
    settings = make_settings(limits=Limits(errors_soft=1, errors_hard=2))
    driver = Driver(P1, settings)
    assert driver.ask(RCPT + RCPT) == SlowDown(ERROR_DELAY)
    assert driver.ask() is None
    assert driver.dialogue.is_over
    assert driver.dialogue.data_to_send().splitlines()[-1].startswith(b"421 4.7.0 ")


# What nobody is asked about.


@pytest.mark.parametrize(
    ("after", "octets", "answer", "over"),
    [
        (P1, b"\x0bX\r\n", b"421 4.7.0 ", True),
        (P1, b" NOOP\r\n", b"500 5.5.2 ", False),
        (P1, b"NOOP\n", b"500 5.5.2 ", True),
        (P1, b"RSET x\r\n", b"501 5.5.4 ", False),
        (P1, b"DATA x\r\n", b"501 5.5.4 ", False),
        (P1, b"EHLO\r\n", b"501 syntax", False),
        (P1, RCPT, b"503 5.5.1 ", False),
        (P1 + MAIL, b"DATA\r\n", b"554 5.5.1 ", False),
        (P1, b"STARTTLS\r\nNOOP\r\n", b"554 5.5.0 ", True),
        (P1, b"MAIL FROM:<a@c.example> FOO\r\n", b"555 5.5.4 ", False),
        (P1 + MAIL, b"RCPT TO:<b@s.example> FOO\r\n", b"555 5.5.4 ", False),
    ],
)
def test_what_the_dialogue_decides_alone(
    after: bytes, octets: bytes, answer: bytes, over: bool
) -> None:
    driver = Driver(after)
    state = driver.dialogue.state
    assert driver.ask(octets) is None
    assert driver.dialogue.data_to_send().startswith(answer)
    assert driver.dialogue.state is (State.CLOSED if over else state)


def test_a_disabled_command_is_disabled_whatever_its_argument() -> None:
    driver = Driver(P1)
    driver.session.disabled_commands = frozenset({"VRFY"})
    assert driver.ask(b"VRFY\r\nVRFY x\r\n") is None
    answers = driver.dialogue.data_to_send().splitlines()
    assert [line[:9] for line in answers] == [b"502 5.5.1"] * 2


def test_a_refusing_greeting_ends_it() -> None:
    dialogue = Dialogue(Session("1"), SETTINGS)
    dialogue.greet(Reply(554, "no service", "5.3.2"))
    assert dialogue.is_over
    assert dialogue.data_to_send() == b"554 no service\r\n"


def test_too_many_transactions() -> None:
    driver = Driver(P3, make_settings(limits=attrs.evolve(PATIENT, transactions=1)))
    read_message(driver, b".\r\n")
    driver.answer()
    assert driver.ask(MAIL) is None
    assert driver.dialogue.data_to_send().startswith(b"421 4.7.0 mx.example ")
    assert driver.dialogue.is_over


class Refusing(Extension):
    """Refuses with the code that its parameter says."""

    keyword = "X-REFUSE"
    mail_parameters = frozenset({"X-REFUSE"})

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        raise Reject(int(value), "not by me")


@pytest.mark.parametrize(
    ("code", "reply"),
    [
        (550, b"550 5.0.0 not by me\r\n"),
        (450, b"450 4.0.0 not by me\r\n"),
        (421, b"421 4.0.0 mx.example not by me\r\n"),
    ],
)
def test_an_extension_may_refuse_and_421_closes(code: int, reply: bytes) -> None:
    driver = Driver(P1, make_settings(added=[Refusing()]))
    line = MAIL.replace(b"\r\n", b" X-REFUSE=%d\r\n" % code)
    assert driver.ask(line) is None
    assert driver.dialogue.data_to_send() == reply
    assert driver.dialogue.is_over is (code == 421)
    assert not driver.dialogue.session.in_transaction


def test_content_that_never_ends_is_not_waited_for() -> None:
    driver = Driver(P3, make_settings(size=4))
    driver.ask(b"12345")
    assert type(driver.ask()) is ContentTooLarge
    assert driver.ask(b"x" * MIN_DISCARD_OCTETS) is None
    assert driver.dialogue.is_over
    assert driver.dialogue.data_to_send().startswith(b"552 5.3.4 ")


@pytest.mark.parametrize("step", [1_000_000, 70_000_000])
def test_too_much_behind_a_fault_ends_however_it_is_cut(step: int) -> None:
    """Whether the end of the message is in the same block or not."""
    dialogue = Dialogue(Session("1"), make_settings(size=10), asks=())
    dialogue.greet()
    dialogue.receive_data(b"EHLO c\r\n" + MAIL + RCPT + b"DATA\r\n")
    assert dialogue.next_event() == Data()
    dialogue.answer()
    dialogue.data_to_send()
    content = b"\0" + b"x" * (MIN_DISCARD_OCTETS + 10) + b"\r\n.\r\nNOOP\r\n"
    events: list[Event] = []
    for start in range(0, len(content), step):
        dialogue.receive_data(content[start : start + step])
        while (event := dialogue.next_event()) is not None:
            events.append(event)
    assert events == [ContentFault("NUL")]
    assert dialogue.is_over
    assert dialogue.data_to_send() == replies.TOO_LARGE.to_bytes()


def test_nothing_is_said_behind_the_last_reply() -> None:
    driver = Driver(P1)
    driver.ask(b"QUIT\r\n")
    assert driver.answer().startswith(b"221 ")
    driver.dialogue.end(replies.IDLE_TIMEOUT)
    assert driver.dialogue.data_to_send() == b""
