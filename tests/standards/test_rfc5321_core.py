"""RFC 5321, the core: rules C1 to C27 and tests T-5321-1 to T-5321-15.

Stand elsewhere:

- C11, the 503 of LMTP to DATA without a recipient: tests/standards/test_lmtp.py.
- C20, closing after a timeout, and C24, the idle timeout: tests/server.
- C21, the refusing greeting: here as far as the dialogue goes.
"""

from datetime import UTC, datetime

import pytest

from smtpsession.dialogue.command_order import State
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.limits import Limits
from smtpsession.session.session import Session
from smtpsession.session.trace_fields import received_field
from smtpsession.wire.commands import Mail, Rcpt
from smtpsession.wire.dot_stuffing import dot_stuff
from smtpsession.wire.events import ConnectionLost, EndOfMessage, Event
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import (
    HELO,
    HOSTNAME,
    MAIL,
    P0,
    P1,
    P2,
    P3,
    RCPT,
    SETTINGS,
    Conversation,
    converse,
    in_segments,
    make_settings,
    parse_replies,
    refuse,
)


def test_t_5321_1() -> None:
    outcome = converse(b"ehlo c.example \t\r\n", after=P0)
    (reply,) = outcome.replies
    assert reply.code == 250
    # Whether the last line has SP and all others "-" is checked by parse_replies.
    assert len(reply.lines) > 1
    assert outcome.session.host_name_appears_as == "c.example"


def test_t_5321_2() -> None:
    outcome = converse(b"EHLO\r\n" + MAIL, after=P0)
    assert outcome.codes == ["501", "503 5.5.1"]


def test_t_5321_3() -> None:
    outcome = converse(b"MAIL FROM:<x@c.example>\r\nDATA\r\n", after=P2)
    assert outcome.codes == ["503 5.5.1", "354"]
    sender = outcome.session.envelope.mail_from
    assert sender is not None
    assert sender.address == "a@c.example"


def test_t_5321_4() -> None:
    assert converse(P1 + b"DATA\r\n", after=P2).codes == ["250", "503 5.5.1"]


def test_t_5321_5() -> None:
    assert converse(RCPT).codes == ["503 5.5.1"]


def test_t_5321_6() -> None:
    outcome = converse(b"DATA x\r\nRSET x\r\nQUIT x\r\n")
    assert outcome.codes == ["501 5.5.4"] * 3
    assert not outcome.is_over


def test_t_5321_7() -> None:
    outcome = converse(b".\r\n" + MAIL, after=P3)
    assert outcome.codes == ["250 2.0.0", "250 2.1.0"]
    assert outcome.messages == [b""]


def test_t_5321_8() -> None:
    outcome = converse(b"..a\r\n.b\r\n...\r\n.\r\n", after=P3)
    assert outcome.codes == ["250 2.0.0"]
    assert outcome.messages == [b".a\r\nb\r\n..\r\n"]


def test_t_5321_9() -> None:
    later = refuse(EndOfMessage, Reply(451, "later", "4.3.0"))
    outcome = converse(b"x\r\n.\r\n" + RCPT + b"DATA\r\n", after=P3, decide=later)
    assert outcome.codes == ["451 4.3.0", "503 5.5.1", "503 5.5.1"]
    assert outcome.messages == []


def test_t_5321_10() -> None:
    nobody = refuse(Rcpt, Reply(550, "no such user", "5.1.1"))
    outcome = converse(MAIL + RCPT + b"DATA\r\n", decide=nobody)
    assert outcome.codes == ["250 2.1.0", "550 5.1.1", "554 5.5.1"]


def test_t_5321_11() -> None:
    outcome = converse(b"MAIL FROM:<>\r\nRCPT TO:<>\r\nRCPT TO:<PoStMaStEr>\r\n")
    assert outcome.codes == ["250 2.1.0", "501 5.1.3", "250 2.1.5"]


def test_t_5321_12() -> None:
    unknown = converse(b"MAIL FROM:<a@c.example> SIZE=1 FOO=1\r\n")
    assert unknown.codes == ["555 5.5.4"]
    after_helo = converse(b"MAIL FROM:<a@c.example> SIZE=1\r\n", after=HELO)
    assert after_helo.codes == ["555 5.5.4"]


def test_t_5321_13() -> None:
    outcome = converse(b"VRFY b\r\nVRFY nosuch\r\n", after=P0)
    assert outcome.codes == ["252 2.0.0"] * 2
    assert outcome.replies[0] == outcome.replies[1]


def test_t_5321_14() -> None:
    local_part = b"l" * 64
    start, end = b"MAIL FROM:<" + local_part + b"@c.example>", b"\r\n"
    # Spaces in front of CRLF are ignored, so they may fill the line.
    longest = start + b" " * (512 - len(start) - 2) + end
    recipients = b"".join(b"RCPT TO:<%d@s.example>\r\n" % i for i in range(100))
    line = b"x" * 998 + b"\r\n"
    content = line * 66
    assert len(longest) == 512
    assert len(content) > 65_536
    octets = longest + recipients + b"DATA\r\n" + content + b".\r\n"
    least = make_settings(limits=Limits(command_octets=512, recipients=100))
    outcome = converse(octets, settings=least, cuts=[512, 4_000, len(octets) - 3])
    assert outcome.codes == [
        "250 2.1.0",
        *["250 2.1.5"] * 100,
        "354",
        "250 2.0.0",
    ]
    assert outcome.messages == [content]


@pytest.mark.parametrize(
    "octets",
    [
        b"250 OK\n",
        b"250 OK\r\n\r\n",
        b"250_OK\r\n",
        b"199 OK\r\n",
        b"260 OK\r\n",
        b"250-OK\r\n",
        b"250-OK\r\n251 OK\r\n",
        b"250-2.1.0 OK\r\n250 OK\r\n",
        b"250 5.1.0 OK\r\n",
        b"250 \xc3\xa9\r\n",
        b"250 O\x00K\r\n",
        b"250 " + b"x" * 507 + b"\r\n",
    ],
)
def test_t_5321_15_the_oracle_sees_what_is_no_reply(octets: bytes) -> None:
    with pytest.raises(AssertionError):
        parse_replies(octets)


def test_t_5321_15_the_oracle_reads_replies() -> None:
    octets = b"250-2.1.0 a\r\n250 2.1.0 b\r\n354 go\r\n250 " + b"x" * 506 + b"\r\n"
    first, second, third = parse_replies(octets)
    assert (str(first), first.lines) == ("250 2.1.0", ("a", "b"))
    assert (str(second), second.lines) == ("354", ("go",))
    assert len(third.lines[0]) == 506


@pytest.mark.parametrize("verb", [b"nOoP", b"NOOP \t ", b"noop\t"])
def test_c1_case_and_white_space_at_the_end_do_not_matter(verb: bytes) -> None:
    assert converse(verb + b"\r\n").codes == ["250 2.0.0"]


@pytest.mark.parametrize(
    "name", [b"c.example", b"[192.0.2.1]", b"[IPv6:2001:db8::1]", b"localhost"]
)
@pytest.mark.parametrize("verb", [b"HELO", b"EHLO"])
def test_c2_hello_takes_a_domain_or_a_literal(verb: bytes, name: bytes) -> None:
    outcome = converse(verb + b" " + name + b"\r\n", after=P0)
    assert outcome.codes == ["250"]
    assert outcome.session.host_name_appears_as == name.decode()
    assert outcome.state is State.READY


def test_c2_a_hello_that_fails_leaves_the_transaction_as_it_was() -> None:
    outcome = converse(b"EHLO -;-\r\nHELO\r\nDATA\r\n", after=P2)
    assert outcome.codes == ["501", "501", "354"]
    assert outcome.session.host_name_appears_as == "c.example"


def test_c3_a_name_that_is_not_the_clients_is_no_reason_to_refuse() -> None:
    session = Session("1", remote_address="192.0.2.1", client_hostname="c.example")
    conversation = Conversation(session=session)
    conversation.send(b"EHLO other.example\r\n" + MAIL)
    assert [str(reply) for reply in conversation.take_replies()] == [
        "250",
        "250 2.1.0",
    ]


@pytest.mark.parametrize("spaces", [b"", b" ", b"   "])
def test_c4_spaces_in_front_of_the_path(spaces: bytes) -> None:
    octets = b"MAIL FROM:%s<a@c.example>\r\nRCPT TO:%s<b@s.example>\r\n"
    outcome = converse(octets % (spaces, spaces))
    assert outcome.codes == ["250 2.1.0", "250 2.1.5"]


@pytest.mark.parametrize(
    "path", [b"< a@c.example>", b"<a@c.example >", b"<a @c.example>", b"<a@ c.example>"]
)
def test_c4_no_spaces_inside_the_path(path: bytes) -> None:
    assert converse(b"MAIL FROM:" + path + b"\r\n").codes == ["501 5.1.7"]


def test_c4_postmaster_with_a_domain() -> None:
    outcome = converse(MAIL + b"RCPT TO:<Postmaster@s.example>\r\n")
    assert outcome.codes == ["250 2.1.0", "250 2.1.5"]


def test_c5_a_source_route_is_stripped() -> None:
    outcome = converse(MAIL + b"RCPT TO:<@h1.example,@h2.example:b@s.example>\r\n")
    assert outcome.codes == ["250 2.1.0", "250 2.1.5"]
    assert [str(to) for to in outcome.session.envelope.rcpt_to] == ["b@s.example"]


@pytest.mark.parametrize(
    "parameter", [b"-A=1", b"=1", b"SIZE==1", b"SIZE=1=2", b"SI_ZE=1", b"SIZE=\x7f"]
)
def test_c6_a_malformed_parameter_is_501(parameter: bytes) -> None:
    outcome = converse(b"MAIL FROM:<a@c.example> " + parameter + b"\r\n")
    assert outcome.codes == ["501 5.5.4"]


@pytest.mark.parametrize(
    ("octets", "reply"),
    [
        (b"MAIL FROM:<a@c.example> FOO\r\n", "555 5.5.4"),
        (b"MAIL FROM:<a@c.example> NOTIFY=NEVER\r\n", "555 5.5.4"),
        (b"MAIL FROM:<a@c.example> SIZE=x\r\n", "501 5.5.4"),
        (MAIL + b"RCPT TO:<b@s.example> FOO=1\r\n", "555 5.5.4"),
        (MAIL + b"RCPT TO:<b@s.example> SIZE=1\r\n", "555 5.5.4"),
    ],
)
def test_c7_an_unknown_parameter_is_555_and_a_bad_value_501(
    octets: bytes, reply: str
) -> None:
    assert converse(octets).codes[-1] == reply


def test_c7_a_hidden_extension_takes_no_parameter() -> None:
    settings = make_settings(hidden=["SIZE", "8BITMIME"])
    octets = b"MAIL FROM:<a@c.example> SIZE=1\r\nMAIL FROM:<a@c.example> BODY=7BIT\r\n"
    assert converse(octets, settings=settings).codes == ["555 5.5.4"] * 2


def test_c8_the_same_keyword_twice() -> None:
    assert converse(b"MAIL FROM:<a@c.example> SIZE=1 SIZE=2\r\n").codes == ["501 5.5.4"]
    assert converse(b"MAIL FROM:<a@c.example> SIZE=1 SIZE=1\r\n").codes == ["250 2.1.0"]


def test_c9_an_out_of_order_command_changes_nothing() -> None:
    outcome = converse(RCPT + b"DATA\r\n" + MAIL + MAIL + RCPT)
    assert outcome.codes == [
        "503 5.5.1",
        "503 5.5.1",
        "250 2.1.0",
        "503 5.5.1",
        "250 2.1.5",
    ]


def test_c10_these_work_before_a_hello() -> None:
    octets = b"NOOP\r\nHELP\r\nEXPN x\r\nVRFY x\r\nRSET\r\n"
    outcome = converse(octets, after=P0)
    assert outcome.codes == [
        "250 2.0.0",
        "214 2.0.0",
        "502 5.5.1",
        "252 2.0.0",
        "250 2.0.0",
    ]


def test_c11_data_needs_a_transaction_and_a_recipient() -> None:
    outcome = converse(b"DATA\r\n" + MAIL + b"DATA\r\n" + RCPT + b"DATA\r\n")
    assert outcome.codes == [
        "503 5.5.1",
        "250 2.1.0",
        "554 5.5.1",
        "250 2.1.5",
        "354",
    ]


def test_c12_the_crlf_in_front_of_the_dot_is_content() -> None:
    assert converse(b"x\r\n.\r\n", after=P3).messages == [b"x\r\n"]


@pytest.mark.parametrize("end", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n"])
def test_c13_nothing_else_ends_data(end: bytes) -> None:
    outcome = converse(b"x" + end, after=P3)
    assert outcome.codes == []
    assert outcome.state is State.DATA


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (None, "250 2.0.0"),
        (Reply(452, "no space", "4.3.1"), "452 4.3.1"),
        (Reply(554, "no", "5.6.0"), "554 5.6.0"),
    ],
)
def test_c14_the_buffers_are_clear_whatever_was_answered(
    said: Reply | None, code: str
) -> None:
    def decide(event: Event) -> Reply | None:
        return said if isinstance(event, EndOfMessage) else None

    outcome = converse(b"x\r\n.\r\n" + MAIL, after=P3, decide=decide)
    assert outcome.codes == [code, "250 2.1.0"]
    assert outcome.session.envelope.rcpt_to == []
    assert outcome.session.transaction == 2


def test_c15_rset_clears_the_transaction_only() -> None:
    outcome = in_segments([b"RSET\r\n"], after=P2, user="u")
    assert outcome.codes == ["250 2.0.0"]
    assert not outcome.is_over
    session = outcome.session
    assert session.envelope.mail_from is None
    assert (session.opening_command, session.user) == ("EHLO", "u")
    assert outcome.state is State.READY


def test_c16_help_tells_nothing_about_the_server() -> None:
    outcome = converse(b"HELP\r\nHELP MAIL\r\nNOOP what ever\r\n")
    assert outcome.codes == ["214 2.0.0", "214 2.0.0", "250 2.0.0"]
    assert outcome.replies[0] == outcome.replies[1]
    assert "smtpsession" not in outcome.replies[0].lines[0].lower()


def test_c17_quit_ends_an_open_transaction_without_a_message() -> None:
    outcome = converse(b"QUIT\r\n", after=P2)
    assert outcome.codes == ["221 2.0.0"]
    assert outcome.is_over
    assert outcome.messages == []


def test_c17_a_lost_connection_delivers_nothing_and_undoes_nothing() -> None:
    conversation = Conversation()
    conversation.send(P3)
    conversation.send(b"one\r\n.\r\n" + MAIL + RCPT + b"DATA\r\ntwo\r\n.\r")
    conversation.hang_up()
    assert conversation.is_over
    assert conversation.messages == [b"one\r\n"]
    assert conversation.kinds[-1] is ConnectionLost


def test_c18_the_classes_of_refusal() -> None:
    hidden = make_settings(hidden=["STARTTLS"])
    outcome = converse(b"XYZZY\r\nSTARTTLS\r\nRSET x\r\n", settings=hidden)
    assert outcome.codes == ["500 5.5.2", "502 5.5.1", "501 5.5.4"]


def test_c19_the_servers_name_comes_first() -> None:
    conversation = Conversation()
    (greeting,) = conversation.greeting
    assert str(greeting) == "220"
    conversation.send(P1 + b"QUIT\r\n")
    hello, bye = conversation.take_replies()
    for reply in (greeting, hello, bye):
        assert reply.lines[0].split()[0] == HOSTNAME
    hasty = make_settings(limits=Limits(errors_hard=1))
    (over,) = converse(b"XYZZY\r\n", settings=hasty).replies
    assert (str(over), over.lines[0].split()[0]) == ("421 4.7.0", HOSTNAME)


def test_c20_one_unknown_command_does_not_close_but_too_many_do() -> None:
    settings = make_settings(limits=Limits(errors_soft=None, errors_hard=3))
    once = converse(b"XYZZY\r\n", settings=settings)
    assert not once.is_over
    often = converse(b"XYZZY\r\n" * 4 + b"NOOP\r\n", settings=settings)
    assert often.codes == ["500 5.5.2", "500 5.5.2", "421 4.7.0"]
    assert often.is_over


@pytest.mark.parametrize(
    ("refusal", "octets"),
    [
        (Reply(554, "no service"), b"554 no service\r\n"),
        (Reply(421, "full"), b"421 mx.example full\r\n"),
        (Reply(521, "no mail"), b"521 no mail\r\n"),
    ],
)
def test_c21_a_refusing_greeting_is_the_last_word(
    refusal: Reply, octets: bytes
) -> None:
    dialogue = Dialogue(Session("1"), SETTINGS)
    dialogue.greet(refusal)
    assert dialogue.is_over
    dialogue.receive_data(b"EHLO x\r\n")
    assert dialogue.next_event() is None
    assert dialogue.data_to_send() == octets


def test_c22_paths_and_parts_of_the_least_size_are_taken() -> None:
    local_part = b"l" * 64
    domain = b".".join([b"d" * 63] * 3 + [b"d" * 63])
    assert len(domain) == 255
    outcome = converse(
        MAIL
        + b"RCPT TO:<"
        + local_part
        + b"@s.example>\r\nRCPT TO:<x@"
        + domain
        + b">\r\n",
        cuts=[3, 100],
    )
    assert outcome.codes == ["250 2.1.0", "250 2.1.5", "250 2.1.5"]


def test_c23_over_the_limits() -> None:
    limits = Limits(command_octets=512, recipients=100)
    settings = make_settings(size=10, limits=limits)
    line_too_long = converse(b"NOOP " + b"x" * 600 + b"\r\n", settings=settings)
    assert line_too_long.codes == ["500 5.5.2"]
    assert not line_too_long.is_over
    path_too_long = converse(b"MAIL FROM:<" + b"l" * 300 + b"@c.example>\r\n")
    assert path_too_long.codes == ["501 5.1.7"]
    recipients = converse(MAIL + RCPT * 101 + RCPT, settings=settings, cuts=[1])
    assert recipients.codes[-2:] == ["452 4.5.3"] * 2
    assert len(recipients.session.envelope.rcpt_to) == 100
    too_much = converse(b"x" * 9 + b"\r\n.\r\n", after=P3, settings=settings)
    assert too_much.codes == ["552 5.3.4"]
    assert too_much.messages == []


@pytest.mark.parametrize("name", [b"postmaster", b"POSTMASTER", b"Postmaster"])
def test_c25_postmaster_reaches_the_handler(name: bytes) -> None:
    outcome = converse(MAIL + b"RCPT TO:<" + name + b">\r\n")
    assert outcome.codes == ["250 2.1.0", "250 2.1.5"]
    (recipient,) = outcome.session.envelope.rcpt_to
    assert (recipient.address, recipient.domain) == (name.decode(), "")


def test_c26_the_for_clause_needs_exactly_one_recipient() -> None:
    when = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    one = in_segments([], after=P2).session
    assert b"for <b@s.example>" in received_field(one, HOSTNAME, when)
    two = in_segments([], after=P2 + RCPT).session
    assert b"for <" not in received_field(two, HOSTNAME, when)


@pytest.mark.parametrize(
    "octets",
    [
        b"VRFY a\x01b\r\n",
        b"HELP \x7f\r\n",
        b"NOOP \x00\r\n",
        b"EHLO c\xe9.example\r\n",
        b"EXPN \xff\r\n",
        b"EXPN\r\n",
        b"VRFY\r\n",
    ],
)
def test_c27_octets_that_no_argument_may_have_are_501(octets: bytes) -> None:
    assert [reply.code for reply in converse(octets).replies] == [501]


def test_what_is_dot_stuffed_arrives_as_it_was() -> None:
    content = b".\r\n..\r\n.x\r\n\r\nlast\r\n"
    outcome = converse(dot_stuff(content), after=P3)
    assert outcome.messages == [content]


def test_a_refused_sender_leaves_no_trace() -> None:
    nobody = refuse(Mail, Reply(550, "no", "5.7.1"))
    outcome = converse(b"MAIL FROM:<a@c.example> SIZE=5\r\nDATA\r\n", decide=nobody)
    assert outcome.codes == ["550 5.7.1", "503 5.5.1"]
    assert outcome.session.envelope.size is None
    assert outcome.session.transaction == 1
