"""STARTTLS as far as the dialogue goes: TL1 to TL6, T-TLS, and attacks on it.

Elsewhere or in a later issue:

- TL5, TL7 to TL12, T-TLS-4, -6, -7, -9, -10, -11: the server, tests/server.
- T-TLS-3 with AUTH SCRAM in clear, and 530 on submission: AUTH; here the user is set.
- AUTH over plain text, state of AUTH, mechanisms, brute force: AUTH.
"""

import pytest

from smtpsession.wire.commands import StartTLS
from smtpsession.wire.replies import TLS_NOT_AVAILABLE
from tests.standards.run_dialogue import (
    MAIL,
    P0,
    P1,
    RCPT,
    T0,
    T1,
    TLS,
    Conversation,
    converse,
    in_one_segment,
    in_segments,
    make_settings,
    refuse,
)


def keywords(after: bytes) -> set[str]:
    (reply,) = in_segments([P1], after=after).replies
    return {line.split()[0] for line in reply.lines[1:]}


def test_t_tls_1() -> None:
    outcome = in_one_segment(b"STARTTLS\r\nRSET\r\n")
    assert outcome.codes == ["554 5.5.0"]
    assert outcome.is_over
    assert not outcome.session.secure


def test_t_tls_2() -> None:
    conversation = Conversation()
    conversation.send(P1)
    conversation.take_replies()
    dialogue = conversation.dialogue
    dialogue.receive_data(b"STARTTLS\r\n")
    assert type(dialogue.next_event()) is StartTLS
    dialogue.answer()
    assert dialogue.data_to_send().startswith(b"220 ")
    dialogue.receive_data(b"RSET\r\nNOOP\r\nMAI")
    dialogue.tls_established(TLS)
    assert dialogue.next_event() is None
    assert dialogue.data_to_send() == b""
    # Nor does half a command of the plain text become part of one inside TLS.
    conversation.send(b"NOOP\r\n")
    assert [str(reply) for reply in conversation.take_replies()] == ["250 2.0.0"]


def test_t_tls_3() -> None:
    octets = [MAIL, b"RSET\r\n", b"STARTTLS\r\n", MAIL]
    outcome = in_segments(octets, user="u")
    assert outcome.codes[-2:] == ["220 2.0.0", "503 5.5.1"]
    assert outcome.session.user is None


def test_t_tls_4() -> None:
    outcome = in_segments([b"STARTTLS\r\n"])
    assert outcome.session.secure
    assert outcome.codes == ["220 2.0.0"]


def test_t_tls_5() -> None:
    assert "STARTTLS" in keywords(P0)
    assert "STARTTLS" not in keywords(T0)
    outcome = converse(b"STARTTLS\r\n" + MAIL, after=T1)
    assert outcome.codes == ["503 5.5.1", "250 2.1.0"]


def test_t_tls_8() -> None:
    outcome = converse(b"STARTTLS x\r\n" + MAIL)
    assert outcome.codes == ["501 5.5.4", "250 2.1.0"]
    assert not outcome.session.secure


def test_tl1_temporarily_not_available_goes_on_in_plain_text() -> None:
    decide = refuse(StartTLS, TLS_NOT_AVAILABLE)
    outcome = converse(b"STARTTLS\r\n", decide=decide)
    assert outcome.codes == ["454 4.7.0"]
    again = in_segments([b"STARTTLS\r\n", MAIL], decide=decide)
    assert again.codes == ["454 4.7.0", "250 2.1.0"]
    assert not again.session.secure


@pytest.mark.parametrize("after", [P0, P1])
def test_tl1_starttls_goes_with_and_without_a_hello(after: bytes) -> None:
    outcome = in_segments([b"STARTTLS\r\n", MAIL, P1, MAIL], after=after)
    assert outcome.codes == ["220 2.0.0", "503 5.5.1", "250", "250 2.1.0"]


def test_tl2_not_offered_is_not_advertised() -> None:
    settings = make_settings(hidden=["STARTTLS"])
    outcome = converse(P1 + b"STARTTLS\r\n", settings=settings)
    assert outcome.codes == ["250", "502 5.5.1"]
    assert "STARTTLS" not in outcome.replies[0].lines


def test_tl4_only_what_tls_gave_is_kept() -> None:
    session = in_segments([b"STARTTLS\r\n"], user="u").session
    assert (session.opening_command, session.host_name_appears_as) == (None, None)
    assert session.user is None
    assert not session.in_transaction
    assert (session.secure, session.tls_options) == (True, TLS)


def test_tl4_what_tls_knows_of_the_client_is_put_into_the_session() -> None:
    conversation = Conversation()
    certificate = {"subject": ((("commonName", "c"),),)}
    conversation.dialogue.tls_established(
        TLS, servername="mx.example", peer_certificate=certificate
    )
    session = conversation.session
    assert (session.servername, session.peer_certificate) == ("mx.example", certificate)


def test_tl6_tls_is_not_required_unless_asked_for() -> None:
    assert converse(MAIL).codes == ["250 2.1.0"]
    required = make_settings(require_tls=True)
    assert converse(MAIL, settings=required).codes == ["530 5.7.0"]


def test_buffered_replies_leave_in_plain_text() -> None:
    conversation = Conversation()
    conversation.send(P1)
    conversation.take_replies()
    dialogue = conversation.dialogue
    conversation.send(b"RSET\r\n" * 50 + b"STARTTLS\r\n")
    assert [str(reply) for reply in conversation.take_replies()] == [
        *["250 2.0.0"] * 50,
        "220 2.0.0",
    ]
    assert dialogue.data_to_send() == b""


def test_starttls_in_the_middle_of_a_group() -> None:
    octets = b"EHLO x\r\nSTARTTLS\r\n" + MAIL
    strict = make_settings(strict_pipelining=True)
    assert in_one_segment(octets, after=P0, settings=strict).codes == ["554 5.5.0"]
    outcome = in_one_segment(octets, after=P0)
    assert outcome.codes == ["250", "554 5.5.0"]
    assert outcome.is_over
    outcome = in_one_segment(b"RSET\r\nSTARTTLS\r\n" + MAIL)
    assert outcome.codes == ["250 2.0.0", "554 5.5.0"]
    assert outcome.is_over


def test_mail_goes_on_inside_tls() -> None:
    octets = MAIL + RCPT + b"DATA\r\nx\r\n.\r\n"
    outcome = converse(octets, after=T1)
    assert outcome.codes == ["250 2.1.0", "250 2.1.5", "354", "250 2.0.0"]
    assert outcome.messages == [b"x\r\n"]
    assert outcome.session.transmission_type == "ESMTPS"
