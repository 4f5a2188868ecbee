"""8BITMIME (RFC 6152) and SMTPUTF8 (RFC 6531): U1 to U12, T-U8-1 to T-U8-9.

Wait for a later issue, or stand elsewhere:

- U1, BODY=BINARYMIME that is offered: tests/standards/test_chunking.py.
- U2, the utf-8 address type of RFC 6533: tests/standards/test_dsn.py.
- U8 and U9 in full: tests/wire/test_domains.py, tests/wire/test_addresses.py.
- U10, a late 5.6.9: a handler's answer.
- T-U8-6, the escapes in a log: tests/server.
"""

import pytest

from tests.standards.run_dialogue import (
    MAIL,
    P0,
    P1,
    P3,
    RCPT,
    converse,
    in_segments,
    make_settings,
)

UTF8_MAIL = b"MAIL FROM:<a@c.example> SMTPUTF8\r\n"


def test_t_u8_1() -> None:
    sender = converse(b"MAIL FROM:<\xc3\xa9@c.example>\r\n")
    assert sender.codes == ["550 5.6.7"]
    recipient = converse(MAIL + b"RCPT TO:<\xc3\xa9@s.example>\r\n")
    assert recipient.codes == ["250 2.1.0", "553 5.6.7"]


def test_t_u8_2() -> None:
    outcome = converse(b"MAIL FROM:<\xc3\xa9@c.example> BODY=8BITMIME SMTPUTF8\r\n")
    assert outcome.codes == ["250 2.1.0"]
    envelope = outcome.session.envelope
    assert (envelope.body_type, envelope.smtp_utf8) == ("8BITMIME", True)


@pytest.mark.parametrize(
    "octets",
    [b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"\xc3"],
)
def test_t_u8_3(octets: bytes) -> None:
    sender = converse(b"MAIL FROM:<" + octets + b"@c.example> SMTPUTF8\r\n")
    assert sender.codes == ["501 5.5.2"]
    recipient = converse(b"RCPT TO:<" + octets + b"@s.example>\r\n", after=P1 + MAIL)
    assert recipient.codes == ["501 5.5.2"]


@pytest.mark.parametrize("mail", [MAIL, UTF8_MAIL])
@pytest.mark.parametrize("dot", ["\u3002", "\uff0e", "\uff61"])
def test_t_u8_4(mail: bytes, dot: str) -> None:
    octets = f"RCPT TO:<b@s{dot}example>\r\n".encode()
    outcome = converse(octets, after=P1 + mail)
    assert outcome.codes == ["501 5.1.3"]
    assert outcome.session.envelope.rcpt_to == []


def test_t_u8_5() -> None:
    outcome = converse(b"EHLO \xc3\xa9.example\r\n", after=P0)
    assert outcome.codes == ["501"]


@pytest.mark.parametrize("hidden", ["\u202e", "\u0085", "\u2028"])
def test_t_u8_6(hidden: str) -> None:
    octets = f"RCPT TO:<b{hidden}@s.example>\r\n".encode()
    outcome = converse(octets, after=P1 + UTF8_MAIL)
    assert outcome.codes[0] in ("250 2.1.5", "501 5.1.3")
    for recipient in outcome.session.envelope.rcpt_to:
        assert len(str(recipient).splitlines()) == 1


@pytest.mark.parametrize(
    "line", ["\u017fTARTTLS\r\n", "\u212aELO x\r\n", "EHL\u00d8 x\r\n"]
)
def test_t_u8_7(line: str) -> None:
    outcome = converse(line.encode(), after=P0)
    assert outcome.codes in (["500 5.5.2"], ["421 4.7.0"])
    assert outcome.session.opening_command is None


def test_t_u8_8() -> None:
    def rcpt(letters: int) -> bytes:
        return f"RCPT TO:<{'é' * letters}@s.example>\r\n".encode()

    outcome = converse(rcpt(63), after=P1 + UTF8_MAIL)
    assert outcome.codes == ["250 2.1.5"]
    # 255 octets are the most: 127 letters of two octets fit, 128 do not.
    longest = converse(rcpt(127) + rcpt(128), after=P1 + UTF8_MAIL)
    assert longest.codes == ["250 2.1.5", "501 5.1.3"]


def test_t_u8_9() -> None:
    value = converse(b"MAIL FROM:<a@c.example> SMTPUTF8=1\r\n")
    assert value.codes == ["501 5.5.4"]
    twice = converse(b"MAIL FROM:<a@c.example> SMTPUTF8 SMTPUTF8\r\n")
    assert twice.codes == ["250 2.1.0"]


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        (b"BODY=7BIT", "250 2.1.0"),
        (b"BODY=8bitmime", "250 2.1.0"),
        (b"body=8BITMIME", "250 2.1.0"),
        (b"BODY=9BIT", "501 5.5.4"),
        (b"BODY", "501 5.5.4"),
        ("BODY=8B\u0131TMIME".encode(), "501 5.5.4"),
        (b"BODY=BINARYMIME", "555 5.5.4"),
    ],
)
def test_u1_body(body: bytes, reply: str) -> None:
    assert converse(b"MAIL FROM:<a@c.example> " + body + b"\r\n").codes == [reply]


def test_u2_smtputf8_comes_with_8bitmime() -> None:
    (reply,) = in_segments([P1], after=P0).replies
    assert {"SMTPUTF8", "8BITMIME"} <= set(reply.lines)


def test_u3_all_parameters_are_read_before_the_sender_is_judged() -> None:
    octets = b"MAIL FROM:<\xc3\xa9@c.example> SIZE=1 BODY=7BIT SMTPUTF8\r\n"
    assert converse(octets).codes == ["250 2.1.0"]
    bad = b"MAIL FROM:<\xc3\xa9@c.example> SIZE=x\r\n"
    assert converse(bad).codes == ["501 5.5.4"]


def test_u4_without_the_extension_the_parameter_is_unknown() -> None:
    settings = make_settings(hidden=["SMTPUTF8"])
    assert converse(UTF8_MAIL, settings=settings).codes == ["555 5.5.4"]


@pytest.mark.parametrize(
    "octets",
    [
        b"VRFY \xc3\xa9\r\n",
        b"EXPN \xc3\xa9\r\n",
        b"HELP \xc3\xa9\r\n",
        b"MAIL FROM:<\xc3\xa9@c.example> SMTPUTF8\r\n",
    ],
)
def test_u6_replies_are_ascii(octets: bytes) -> None:
    # parse_replies lets nothing else pass.
    assert len(converse(octets).replies) == 1


def test_u7_a_line_is_measured_in_octets() -> None:
    letters = (2048 - len("NOOP \r\n")) // 2
    at_limit = "NOOP " + "é" * letters + " \r\n"
    assert len(at_limit.encode()) == 2048
    fits = in_segments([at_limit.encode()])
    assert fits.codes == ["250 2.0.0"]
    over = in_segments([("NOOP " + "é" * (letters + 1) + "\r\n").encode()])
    assert over.codes == ["500 5.5.2"]


def test_u8_u_labels_and_a_labels_are_one_domain() -> None:
    octets = "RCPT TO:<b@B\u00fcCher.example>\r\nRCPT TO:<b@xn--bcher-kva.example>\r\n"
    outcome = converse(octets.encode(), after=P1 + UTF8_MAIL)
    assert outcome.codes == ["250 2.1.5"] * 2
    u_label, a_label = outcome.session.envelope.rcpt_to
    assert u_label == a_label


def test_u9_the_local_part_is_not_normalised() -> None:
    octets = "RCPT TO:<\uff21e\u0301@s.example>\r\n".encode()
    outcome = converse(octets, after=P1 + UTF8_MAIL)
    assert outcome.session.envelope.rcpt_to[0].local_part == "\uff21e\u0301"


@pytest.mark.parametrize(("mail", "kind"), [(MAIL, "ESMTP"), (UTF8_MAIL, "UTF8SMTP")])
def test_u11_transmission_type(mail: bytes, kind: str) -> None:
    assert converse(RCPT, after=P1 + mail).session.transmission_type == kind


def test_u12_octets_above_127_pass_without_8bitmime() -> None:
    outcome = converse(b"\xe9\xff\r\n.\r\n", after=P3)
    assert outcome.messages == [b"\xe9\xff\r\n"]
