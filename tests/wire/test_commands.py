"""Commands: verbs as octets, arguments by their grammar, and other protocols."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import (
    ArgumentSyntaxError,
    Base64Error,
    ForeignProtocolError,
    InvalidUTF8Error,
    ParameterSyntaxError,
    RecipientSyntaxError,
    RemoteProtocolError,
    SenderSyntaxError,
    UnknownCommandError,
)
from smtpsession.wire.commands import (
    LMTP_VERBS,
    VERBS,
    Added,
    Auth,
    BadArgument,
    Bdat,
    Command,
    Data,
    Ehlo,
    Expn,
    Hello,
    Helo,
    Help,
    LastBdat,
    Lhlo,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Rset,
    StartTLS,
    Unknown,
    Vrfy,
    Xclient,
    Xforward,
    added_verb,
    parse_command,
)

GOOD = [
    (b"HELO c.example", Helo),
    (b"EHLO c.example", Ehlo),
    (b"MAIL FROM:<a@c.example>", Mail),
    (b"RCPT TO:<b@s.example>", Rcpt),
    (b"DATA", Data),
    (b"BDAT 5", Bdat),
    (b"AUTH PLAIN", Auth),
    (b"RSET", Rset),
    (b"VRFY b", Vrfy),
    (b"EXPN list", Expn),
    (b"HELP", Help),
    (b"NOOP", Noop),
    (b"QUIT", Quit),
    (b"STARTTLS", StartTLS),
    (b"XCLIENT PORT=1", Xclient),
    (b"XFORWARD PORT=1", Xforward),
]
every_command = pytest.mark.parametrize(("line", "kind"), GOOD)


def refused(line: bytes) -> BadArgument:
    event = parse_command(line)
    assert isinstance(event, BadArgument)
    return event


@every_command
def test_verb(line: bytes, kind: type[Command]) -> None:
    event = parse_command(line)
    assert type(event) is kind
    assert kind.verb.encode() == line[: len(kind.verb)]
    assert VERBS[kind.verb.encode()][0] is kind


def test_every_verb_is_tested() -> None:
    assert {kind for _, kind in GOOD} == {kind for kind, _ in VERBS.values()}


@every_command
def test_verb_in_any_case(line: bytes, kind: type[Command]) -> None:
    verb = kind.verb.encode()
    rest = line[len(verb) :]
    for spelled in (verb.lower(), verb.title(), verb.swapcase()):
        assert type(parse_command(spelled + rest)) is kind


@every_command
@pytest.mark.parametrize("space", [b" ", b"\t", b" \t", b"\t ", b"   \t\t "])
def test_white_space_before_crlf_is_ignored(
    line: bytes, kind: type[Command], space: bytes
) -> None:
    # RFC 5321 4.1.1
    assert type(parse_command(line + space)) is kind


@every_command
@pytest.mark.parametrize("junk", [b"\x0b", b"\x0c", b"\x1c", b"\0", b"\x85", b"\xa0"])
def test_other_white_space_is_none(
    line: bytes, kind: type[Command], junk: bytes
) -> None:
    try:
        event = parse_command(line + junk)
    except UnknownCommandError:
        return
    assert isinstance(event, BadArgument)
    assert event.command is kind
    assert event.error.code == 501


# Arguments


@pytest.mark.parametrize("verb", [b"DATA", b"RSET", b"QUIT", b"STARTTLS"])
def test_argument_where_none_belongs_is_501(verb: bytes) -> None:
    bad = refused(verb + b" x")
    assert bad.command is VERBS[verb][0]
    assert isinstance(bad.error, ArgumentSyntaxError)
    assert bad.error.code == 501


@pytest.mark.parametrize(
    "name",
    [
        "c.example",
        "C.Example",
        "localhost",
        "my_host.example",
        "-odd-.example",
        "mx.my_host.-odd-",
        "192.0.2.1",
        "[192.0.2.1]",
        "[IPv6:2001:db8::1]",
        ".".join(["d" * 63] * 4),
    ],
)
def test_hello_name_is_kept_as_it_was_sent(name: str) -> None:
    assert parse_command(b"EHLO " + name.encode()) == Ehlo(name)
    assert parse_command(b"HELO " + name.encode()) == Helo(name)


@pytest.mark.parametrize(
    "name",
    [
        b"",
        b" c.example",
        b"c.example x",
        b"c..example",
        b".example",
        b"c.example.",
        b"<script>",
        b"\x1b[2J\x07",
        b"a\0b",
        b"a\x0aJan 1 smtpd: accepted",
        b"\xc3\xa9.example",
        b"[192.0.2.1",
        b"[256.0.0.1]",
        b"[IPv6:fe80::1%eth0]",
        b"d" * 64,
        b"mx." + b"d" * 64,
        b".".join([b"d" * 63] * 4) + b".d",
    ],
)
@pytest.mark.parametrize(("verb", "kind"), [(b"EHLO ", Ehlo), (b"HELO ", Helo)])
def test_bad_hello_name_is_501(verb: bytes, kind: type[Hello], name: bytes) -> None:
    bad = refused(verb + name)
    assert bad.command is kind
    assert bad.error.code == 501


def test_helo_is_not_ehlo() -> None:
    helo: Hello = Helo("a")
    ehlo: Hello = Ehlo("a")
    assert helo != ehlo
    assert ehlo == Ehlo("a")


def test_mail_carries_address_and_parameters() -> None:
    event = parse_command(b"mail from:<a@c.example> SIZE=10 body=8BITMIME")
    assert isinstance(event, Mail)
    assert event.address.address == "a@c.example"
    assert event.address.args == {"SIZE": "10", "BODY": "8BITMIME"}


def test_null_reverse_path_and_postmaster() -> None:
    mail = parse_command(b"MAIL FROM:<>")
    rcpt = parse_command(b"RCPT TO:<PoStMaStEr>")
    assert isinstance(mail, Mail)
    assert mail.address.is_null
    assert isinstance(rcpt, Rcpt)
    assert rcpt.address.address == "PoStMaStEr"


@pytest.mark.parametrize(
    "line", [b"MAIL FROM: <a@c.example>", b"RCPT to:   <a@c.example>"]
)
def test_space_behind_the_colon_is_let_through(line: bytes) -> None:
    event = parse_command(line)
    assert isinstance(event, (Mail, Rcpt))
    assert event.address.address == "a@c.example"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"MAIL", ArgumentSyntaxError),
        (b"RCPT", ArgumentSyntaxError),
        (b"MAIL  FROM:<a@c.example>", ArgumentSyntaxError),
        (b"MAIL FROM :<a@c.example>", ArgumentSyntaxError),
        (b"MAIL FROM<a@c.example>", ArgumentSyntaxError),
        (b"MAIL TO:<a@c.example>", ArgumentSyntaxError),
        (b"RCPT FROM:<a@c.example>", ArgumentSyntaxError),
        (b"RCPT  TO:<a@c.example>", ArgumentSyntaxError),
        ("MAIL F\u0280OM:<a@c.example>".encode(), ArgumentSyntaxError),
        (b"MAIL FROM:\t<a@c.example>", SenderSyntaxError),
        (b"MAIL FROM:", SenderSyntaxError),
        (b"MAIL FROM:a@c.example", SenderSyntaxError),
        (b"MAIL FROM:<a\0@c.example>", SenderSyntaxError),
        (b"RCPT TO:<>", RecipientSyntaxError),
        (b"RCPT TO:<bob>", RecipientSyntaxError),
        (b"MAIL FROM:<\xff@c.example>", InvalidUTF8Error),
        (b"RCPT TO:<\xc0\xaf@c.example>", InvalidUTF8Error),
        (b"MAIL FROM:<a@c.example> SIZE=", ParameterSyntaxError),
        (b"VRFY", ArgumentSyntaxError),
        (b"EXPN", ArgumentSyntaxError),
        (b"VRFY a\tb", ArgumentSyntaxError),
        (b"VRFY a\x7f", ArgumentSyntaxError),
        (b"HELP \x1b[2J", ArgumentSyntaxError),
        (b"NOOP a\0b", ArgumentSyntaxError),
        (b"VRFY \xff", InvalidUTF8Error),
        (b"HELP \xed\xa0\x80", InvalidUTF8Error),
    ],
)
def test_bad_argument(line: bytes, error: type[RemoteProtocolError]) -> None:
    bad = refused(line)
    assert bad.command is VERBS[line[:4]][0]
    assert type(bad.error) is error
    assert bad.error.code == 501


def test_lenient_reaches_the_address() -> None:
    lines: list[tuple[bytes, type[Command]]] = [
        (b"MAIL FROM:a@b_c.example", Mail),
        (b"RCPT TO:a@b_c.example", Rcpt),
    ]
    for line, kind in lines:
        assert isinstance(parse_command(line), BadArgument)
        assert isinstance(parse_command(line, lenient=True), kind)


def test_strings_of_people() -> None:
    assert parse_command(b"VRFY Jos\xc3\xa9 <x>") == Vrfy("Jos\u00e9 <x>")
    assert parse_command(b"EXPN a  b ") == Expn("a  b")
    assert parse_command(b"VRFY MAX") == Vrfy("MAX")
    assert parse_command(b"HELP mail") == Help("mail")
    assert parse_command(b"HELP") == Help("")


def test_what_a_proxy_says_is_carried_or_refused() -> None:
    assert parse_command(b"XCLIENT login=me") == Xclient({"LOGIN": "me"})
    assert parse_command(b"XFORWARD ident=1") == Xforward({"IDENT": "1"})
    for line, kind in [(b"XCLIENT", Xclient), (b"XFORWARD LOGIN=me", Xforward)]:
        bad = refused(line)
        assert bad.command is kind
        assert type(bad.error) is ArgumentSyntaxError


# BDAT: RFC 3030 2.


@pytest.mark.parametrize(
    ("argument", "event"),
    [
        (b"0", Bdat(0)),
        (b"1", Bdat(1)),
        (b"007", Bdat(7)),
        (b"999999999999999999", Bdat(10**18 - 1)),
        (b"0 LAST", LastBdat(0)),
        (b"5 LAST", LastBdat(5)),
        (b"5 last", LastBdat(5)),
        (b"5 LaSt \t", LastBdat(5)),
        (b"5   LAST", LastBdat(5)),
        (b"86 \t", Bdat(86)),
    ],
)
def test_chunk(argument: bytes, event: Bdat) -> None:
    found = parse_command(b"BDAT " + argument)
    assert (type(found), found) == (type(event), event)


def test_the_last_chunk_is_no_other_chunk() -> None:
    assert Bdat(5) != LastBdat(5)


@pytest.mark.parametrize(
    "line",
    [
        b"BDAT",
        b"BDAT ",
        b"BDAT -1",
        b"BDAT +1",
        b"BDAT x",
        b"BDAT 5 FIRST",
        b"BDAT 5 LAST 6",
        b"BDAT 5LAST",
        b"BDAT LAST",
        b"BDAT LAST 5",
        b"BDAT 5 6",
        b"BDAT 5\tLAST",
        b"BDAT 5 L\xc3\x84ST",
        b"BDAT  5",
        b"BDAT 1_0",
        b"BDAT 0x10",
        b"BDAT 1.0",
        b"BDAT 1e3",
        b"BDAT 5,LAST",
        b"BDAT 1000000000000000000",
        b"BDAT 99999999999999999999 LAST",
        b"BDAT " + b"9" * 5000,
        "BDAT \u0661".encode(),
        b"BDAT 5\0",
        # What another server may take for BDAT is not just an unknown command.
        b"BDAT\t5",
        b"BDAT5",
        b"BDAT:5",
        b"BDAT\x0b5",
        b"bdat\t5 LAST",
        b" BDAT 5",
        b"\t bdat 5 LAST",
    ],
)
def test_chunk_of_an_unknown_size(line: bytes) -> None:
    bad = refused(line)
    assert bad.command is Bdat
    assert type(bad.error) is ArgumentSyntaxError


@pytest.mark.parametrize("line", [b"BDATA 5", b"XBDAT 5", b"BDA T 5", b"X BDAT 5"])
def test_what_does_not_look_like_a_chunk(line: bytes) -> None:
    assert parse_command(line) == Unknown(line.decode())


# AUTH: RFC 4954 4.


@pytest.mark.parametrize(
    ("argument", "event"),
    [
        (b"PLAIN", Auth("PLAIN", None)),
        (b"plain", Auth("PLAIN", None)),
        (b"PLAIN =", Auth("PLAIN", b"")),
        (b"PLAIN AHVzZXIAcGFzcw==", Auth("PLAIN", b"\0user\0pass")),
        (b"PLAIN   Zm9v \t", Auth("PLAIN", b"foo")),
        (b"SCRAM-SHA-256-PLUS", Auth("SCRAM-SHA-256-PLUS", None)),
        (b"x_9", Auth("X_9", None)),
        (b"x", Auth("X", None)),
        (b"A" * 20, Auth("A" * 20, None)),
    ],
)
def test_auth(argument: bytes, event: Auth) -> None:
    assert parse_command(b"AUTH " + argument) == event


def test_an_initial_response_is_not_shown() -> None:
    assert "pass" not in repr(parse_command(b"AUTH PLAIN AHVzZXIAcGFzcw=="))


@pytest.mark.parametrize(
    ("argument", "error"),
    [
        (b"", ArgumentSyntaxError),
        (b"=", ArgumentSyntaxError),
        (b"*", ArgumentSyntaxError),
        (b"A" * 21, ArgumentSyntaxError),
        (b"PLAIN AAAA AAAA", ArgumentSyntaxError),
        (b"PLAIN AHVz ZXI=", ArgumentSyntaxError),
        (b"PL\xc3\x84IN", ArgumentSyntaxError),
        (b"PLA\xc4\xb1N", ArgumentSyntaxError),
        (b" PLAIN", ArgumentSyntaxError),
        (b"PLAIN\tAAAA", ArgumentSyntaxError),
        (b"PLAIN *", Base64Error),
        (b"PLAIN !!!", Base64Error),
        (b"PLAIN =AAA", Base64Error),
        (b"PLAIN ==", Base64Error),
        (b"PLAIN AAA=BBB", Base64Error),
        (b"PLAIN AA==AA==", Base64Error),
        (b"PLAIN AAA", Base64Error),
        (b"PLAIN AB==", Base64Error),
        (b"PLAIN -_-_", Base64Error),
        (b"PLAIN AA\t==", Base64Error),
        (b"PLAIN \xff", Base64Error),
    ],
)
def test_bad_argument_of_auth(
    argument: bytes, error: type[RemoteProtocolError]
) -> None:
    bad = refused(b"AUTH " + argument)
    assert bad.command is Auth
    assert type(bad.error) is error
    assert bad.error.code == 501


# LMTP: RFC 2033 4.1.


def test_lmtp_has_lhlo_and_no_other_hello() -> None:
    assert set(LMTP_VERBS) - set(VERBS) == {b"LHLO"}
    assert set(VERBS) - set(LMTP_VERBS) == {b"HELO", b"EHLO"}
    assert parse_command(b"lhlo c.example", LMTP_VERBS) == Lhlo("c.example")
    assert Lhlo.verb == "LHLO"
    for line in (b"EHLO c.example", b"HELO c.example"):
        assert parse_command(line, LMTP_VERBS) == Unknown(line.decode())
    bad = parse_command(b"LHLO", LMTP_VERBS)
    assert isinstance(bad, BadArgument)
    assert bad.command is Lhlo


def test_argument_of_noop_is_ignored() -> None:
    assert parse_command(b"NOOP anything at all") is parse_command(b"NOOP")


# Verbs that are none


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b" ", b" NOOP", b"\tNOOP", b"NOOP\x0b", b"NO\0OP", b"NOOP\0", b"N\xc3"),
        # A tab ends a verb only if nothing but white space is behind it.
        *(b"NOOP\tx", b"NOOP\t X", b"NOOP\t \x0b"),
    ],
)
def test_no_printable_verb_is_500(line: bytes) -> None:
    with pytest.raises(UnknownCommandError):
        parse_command(line)


@pytest.mark.parametrize(
    "line",
    [
        b"XYZZY",
        b"MAILFROM:<a@c.example>",
        b"mailfrom: a@c.example",
        b"RCPTTO:b@s.example",
        b"RCPTTO: <b@s.example>",
        b"STARTTLSX",
        b"get",
        b"GETTING /",
        b"SSH",
        b"XYZZY / HTTP",
        b"XYZZY x HTTPS/1.1",
        b"DAT",
        b"TURN",
        b"ETRN x",
        b"DEBUG",
        b"WIZ",
        b"LHLO c.example",
        b"AUTHENTICATE",
        b"BDATA 10",
        b"a",
    ],
)
def test_unknown_verb_is_told(line: bytes) -> None:
    assert parse_command(line) == Unknown(line.decode())


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"XYZZY \xff\x1b\x7f\0", r"XYZZY \xff\x1b\x7f\x00"),
        ("XYZZY \u2028".encode(), r"XYZZY \xe2\x80\xa8"),
        (b"XYZZY a\tb", r"XYZZY a\x09b"),
        (b"XYZZY !~", "XYZZY !~"),
    ],
)
def test_unknown_line_is_shown_in_printable_ascii(line: bytes, shown: str) -> None:
    assert parse_command(line) == Unknown(shown)


@pytest.mark.parametrize("line", ["\u017fTARTTLS", "\u212aELO x", "EHL\u00d8 x"])
def test_verb_is_matched_as_octets(line: str) -> None:
    # "\u017f".upper() is "S", and "\u212a".lower() is "k".
    with pytest.raises((UnknownCommandError, ForeignProtocolError)):
        parse_command(line.encode())


@pytest.mark.parametrize(
    ("line", "argument"),
    [(b"ping", ""), (b"PING  a b ", " a b"), (b"PING \xc3\xa9", "\u00e9")],
)
def test_the_verb_of_an_extension_may_have_an_argument(
    line: bytes, argument: str
) -> None:
    verbs = {**VERBS, b"PING": added_verb("PING")}
    assert parse_command(line, verbs) == Added("PING", argument)
    assert isinstance(parse_command(line + b" \0", verbs), BadArgument)


def test_what_has_no_verb_of_its_own_cannot_be_named() -> None:
    assert Added.verb == Unknown.verb == ""


def test_verbs_are_the_callers() -> None:
    class Ping(Command):
        verb = "PING"

    ping = Ping()
    verbs = {b"PING": (Ping, lambda argument, lenient: ping)}
    assert parse_command(b"ping", verbs) is ping
    assert parse_command(b"NOOP", verbs) == Unknown("NOOP")


words = st.sampled_from(
    [
        *[*VERBS, b"mail", b"FROM:", b"TO:", b"<a@b>", b"<>", b'"', b"\\", b"@", b"["],
        *[b"]", b" ", b" ", b"\t", b"=", b":", b"\0", b"\xff", b"\xc3\xa9", b"GET"],
        *[b"5", b"LAST", b"PLAIN", b"AAAA", b"*"],
        *[b"x", b"1", b"Host:", b"MAILFROM:", b"HTTP/1", b"SSH-2", b"\x16"],
    ]
)


@given(st.binary(max_size=60) | st.lists(words, max_size=10).map(b"".join))
def test_any_line_is_a_command_or_refused(line: bytes) -> None:
    for lenient in (False, True):
        try:
            event = parse_command(line, lenient=lenient)
        except (UnknownCommandError, ForeignProtocolError):
            continue
        assert isinstance(event, (Command, BadArgument))
        if isinstance(event, Unknown):
            assert event.line.isascii()
            assert event.line.isprintable()
        if isinstance(event, Bdat):
            assert 0 <= event.octets < 10**18
        if isinstance(event, Hello):
            assert event.name.isascii()
            assert event.name.isprintable()
