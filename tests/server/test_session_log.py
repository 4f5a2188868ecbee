"""One line per session, whatever a client called itself."""

import logging

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpsession import Session, TLSOptions
from smtpsession.server.session_log import MAX_LOGGED, SessionStory, escaped
from smtpsession.wire.proxy_header import ProxyHeader

HOSTILE = [
    "mx\r\nsession 0000: client=10.0.0.1 end=quit",
    "mx accepted=99",
    'mx" accepted="99',
    "mx\\x20accepted",
    "mx\x1b[2J\x1b[H",
    "mx\x00\x07\x7f",
    "mx\u2028\u2029\x85\x0b\x0c",
    "\u202egro.elpmaxe",
    "bücher.example",
    "邮件.example",
    "\U0001f4e7.example",
    "\udcff\udc80",
    "%s%d%(name)s{0}",
]


@pytest.fixture(autouse=True)
def _info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="smtpsession")


def story(**counts: object) -> SessionStory:
    told = SessionStory(started=100.0)
    for name, value in counts.items():
        setattr(told, name, value)
    return told


def logged(caplog: pytest.LogCaptureFixture, session: Session) -> str:
    """Log a session; give the one line that it made."""
    caplog.clear()
    story().log(session, now=100.0)
    (record,) = caplog.records
    return record.getMessage()


# Escaping.


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("mail.example.org", "mail.example.org"),
        ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
        ("!#$%&'()*+,-./:;<=>?@[]^_`{|}~", "!#$%&'()*+,-./:;<=>?@[]^_`{|}~"),
        ("two words", r"two\x20words"),
        ('"', r"\x22"),
        ("\\", r"\\"),
        ("a\r\nb", r"a\r\nb"),
        ("\t\x00\x1b\x7f", r"\t\x00\x1b\x7f"),
        ("\x85\xa0é", r"\x85\xa0\xe9"),
        ("\u2028", r"\u2028"),
        ("\U0001f4e7", r"\U0001f4e7"),
        ("\udcff", r"\udcff"),
        ("ｍ", r"\uff4d"),
    ],
)
def test_only_plain_characters_are_shown_as_they_are(text: str, shown: str) -> None:
    assert escaped(text) == shown


@given(st.text(st.characters(exclude_categories=[])))
@example("".join(HOSTILE))
def test_escaped_text_is_one_printable_word(text: str) -> None:
    shown = escaped(text)
    assert shown.isascii()
    assert not shown or shown.isprintable()
    assert " " not in shown
    assert '"' not in shown


@given(st.text(st.characters(exclude_categories=[]), max_size=MAX_LOGGED))
def test_escaping_loses_nothing(text: str) -> None:
    assert escaped(text).encode().decode("unicode_escape") == text


def test_long_text_is_cut() -> None:
    assert escaped("x" * MAX_LOGGED) == "x" * MAX_LOGGED
    assert escaped("x" * (MAX_LOGGED + 1)) == "x" * (MAX_LOGGED - 3) + "..."
    assert len(escaped("x" * 1_000_000)) == MAX_LOGGED
    assert escaped("\U0001f4e7" * 1_000_000).count("U") == MAX_LOGGED - 3


# The line.


def test_the_line_tells_the_whole_story(caplog: pytest.LogCaptureFixture) -> None:
    session = Session(
        id="0123456789abcdef",
        remote_address="2001:db8::1",
        remote_port=4025,
        client_hostname="mail.example.org",
        secure=True,
        tls_options=TLSOptions("TLS_AES_256_GCM_SHA384", "TLSv1.3"),
        opening_command="EHLO",
        host_name_appears_as="mx.example.org",
    )
    told = story(accepted=2, refused=1, octets=1234, ending="timeout")
    told.log(session, now=101.2345)
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("smtpsession", "INFO")
    assert record.getMessage() == (
        "session 0123456789abcdef: client=2001:db8::1 port=4025"
        " name=mail.example.org hello=mx.example.org type=ESMTPS tls=TLSv1.3"
        " accepted=2 refused=1 octets=1234 seconds=1.234 end=timeout"
    )


def test_what_is_not_known_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    line = logged(caplog, Session(id="1"))
    assert line == (
        "session 1: client=local port=0 type=SMTP"
        " accepted=0 refused=0 octets=0 seconds=0.000 end=closed"
    )


def test_the_proxy_is_named_if_there_is_one(caplog: pytest.LogCaptureFixture) -> None:
    session = Session(
        id="1",
        remote_address="192.0.2.1",
        transport_peer=("10.0.0.1", 4025),
        proxy=ProxyHeader(version=2, source_address="192.0.2.1"),
    )
    line = logged(caplog, session)
    assert line.startswith("session 1: client=192.0.2.1 port=0 proxy=10.0.0.1 type=")


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG, None])
def test_the_line_has_the_level_of_the_story(
    level: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="smtpsession")
    story(level=level).log(Session(id="1"), now=101.0)
    assert [record.levelno for record in caplog.records] == (
        [] if level is None else [level]
    )


@pytest.mark.parametrize("name", [*HOSTILE, "x" * 100_000, "\u2028" * 100_000])
def test_a_hostile_name_makes_one_line_of_known_fields(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    session = Session(
        id="1",
        opening_command="EHLO",
        host_name_appears_as=name,
        client_hostname=name,
    )
    line = logged(caplog, session)
    assert line.isascii()
    assert line.isprintable()
    fields = dict(word.split("=", 1) for word in line.split(" ")[2:])
    assert list(fields) == [
        *("client", "port", "name", "hello", "type"),
        *("accepted", "refused", "octets", "seconds", "end"),
    ]
    assert fields["hello"] == fields["name"] == escaped(name)
    assert (fields["accepted"], fields["end"]) == ("0", "closed")
    assert len(line) < 2 * 10 * MAX_LOGGED + 200


@given(st.text(st.characters(exclude_categories=[]), min_size=1))
def test_no_name_adds_a_line_or_a_field(
    caplog: pytest.LogCaptureFixture, name: str
) -> None:
    line = logged(caplog, Session(id="1", host_name_appears_as=name))
    assert line.isascii()
    assert line.isprintable()
    assert [word.split("=")[0] for word in line.split(" ")[2:]] == [
        *("client", "port", "hello", "type"),
        *("accepted", "refused", "octets", "seconds", "end"),
    ]


def test_nothing_is_put_together_when_nobody_reads_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Name(str):
        shown = 0

        def __str__(self) -> str:
            Name.shown += 1
            return "mx"

    session = Session(id="1", host_name_appears_as=Name("mx"))
    caplog.set_level(logging.WARNING, logger="smtpsession")
    story().log(session, now=101.0)
    assert (caplog.records, Name.shown) == ([], 0)
    caplog.set_level(logging.INFO, logger="smtpsession")
    story().log(session, now=101.0)
    assert (len(caplog.records), Name.shown) == (1, 1)
