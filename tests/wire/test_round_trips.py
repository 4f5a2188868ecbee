"""What is written is read back: the values whose own tests do not show it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.testing.received_reply import ReceivedReply, ReplyReader
from smtpsession.testing.strategies import (
    PARAMETER_EXTENSIONS,
    addresses,
    chunkings,
    commands,
    domains,
    parameters,
)
from smtpsession.wire.addresses import Address, parse_forward_path, parse_reverse_path
from smtpsession.wire.commands import (
    LMTP_VERBS,
    VERBS,
    Command,
    Mail,
    parse_command,
)
from smtpsession.wire.domains import ascii_domain, parse_domain
from smtpsession.wire.dot_stuffing import DotStuffingDecoder, dot_stuff
from smtpsession.wire.replies import Reply
from smtpsession.wire.unitext import decode_unitext
from smtpsession.wire.xtext import unquote_xtext
from tests.wire.command_writing import parts, written, written_path


@pytest.mark.parametrize("lmtp", [False, True], ids=["SMTP", "LMTP"])
@settings(max_examples=200)
@given(data=st.data(), last=st.booleans(), size=st.integers(0, 10**18 - 1))
def test_commands(lmtp: bool, data: st.DataObject, last: bool, size: int) -> None:
    verbs = LMTP_VERBS if lmtp else VERBS
    asked = [verb.decode() for verb in verbs if verb[:1] != b"X"]
    drawn = data.draw(
        commands(
            lmtp=lmtp, verbs=asked, extensions=PARAMETER_EXTENSIONS, smtp_utf8=True
        )
    )
    sizes = b"BDAT %d%s" % (size, b" LAST" if last else b"")
    for line in (drawn.to_bytes()[:-2], sizes):
        command = parse_command(line, verbs)
        assert isinstance(command, Command)
        again = parse_command(written(command), verbs)
        assert isinstance(again, Command)
        assert type(again) is type(command)
        assert parts(again) == parts(command)


@pytest.mark.parametrize("parse", [parse_reverse_path, parse_forward_path])
@given(
    mailbox=addresses(smtp_utf8=True),
    said=parameters(extensions=PARAMETER_EXTENSIONS),
    lenient=st.booleans(),
)
def test_paths_with_parameters(
    parse: Callable[..., Address], mailbox: str, said: str, lenient: bool
) -> None:
    address = parse(f"<{mailbox}> {said}".encode(), lenient=lenient)
    again = parse(written_path(address).encode(), lenient=lenient)
    assert parts(Mail(again)) == parts(Mail(address))
    assert again == address
    assert len(address.args) == len(said.split())


@given(domains(smtp_utf8=True))
def test_domains_and_their_ascii_form(text: str) -> None:
    domain = parse_domain(text)
    assert parse_domain(domain) == domain
    assert parse_domain(ascii_domain(domain)) == ascii_domain(domain)


@given(st.text(st.characters(max_codepoint=0xFF)))
def test_xtext_of_every_character_that_it_can_carry(text: str) -> None:
    value = "".join(f"+{ord(character):02X}" for character in text)
    assert unquote_xtext(value) == text
    plain = "".join(
        c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in text
    )
    assert unquote_xtext(plain) == text


quotable = st.sampled_from(["\u00e9", "\u65e5", "\U0001f4e7", " ", "+", "=", "\\"])


@given(
    st.lists(st.tuples(quotable | st.sampled_from("ab.@"), st.booleans()), min_size=1)
)
def test_unitext_with_any_part_quoted(drawn: list[tuple[str, bool]]) -> None:
    value = "".join(
        rf"\x{{{ord(character):X}}}"
        if character in " +=\\" or (quoted and not character.isascii())
        else character
        for character, quoted in drawn
    )
    assert decode_unitext(value) == "".join(character for character, _ in drawn)


@given(content=st.binary() | st.text("\r\n.a").map(str.encode), data=st.data())
def test_dot_stuffing_of_any_content(content: bytes, data: st.DataObject) -> None:
    """Nothing that is content ends the message or is lost, whatever the cut."""
    stuffed = dot_stuff(content)
    decoder = DotStuffingDecoder()
    received, behind = b"", None
    pieces = data.draw(chunkings(stuffed + b"QUIT\r\n"))
    while behind is None:
        block, behind = decoder.decode(pieces.pop(0))
        received += block
    needs_end = bool(content) and not content.endswith(b"\r\n")
    assert received == content + b"\r\n" * needs_end
    assert behind + b"".join(pieces) == b"QUIT\r\n"


# "250 2.0.0" and the same with a space at its end are one for the reader.
texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=600).map(
    str.rstrip
)


@given(
    code=st.sampled_from([220, 250, 354, 421, 450, 550]),
    lines=st.lists(texts | texts.map("2.1.0 a".__add__), min_size=1, max_size=3),
    enhanced=st.booleans(),
)
def test_replies_are_read_as_they_were_made(
    code: int, lines: list[str], enhanced: bool
) -> None:
    reply = Reply(code, lines)
    [received] = read_replies(reply.to_bytes(enhanced=enhanced))
    assert received.code == code
    said = "".join(lines)
    if enhanced and code != 354:
        assert received.enhanced == reply.enhanced
        assert "".join(received.lines) == said
    else:
        assert "".join(line[4:] for line in received.wire_lines) == said
    # And once more, from what was read.
    assert read_replies(f"{received}".replace("\n", "\r\n").encode() + b"\r\n") == [
        received
    ]


def read_replies(octets: bytes) -> list[ReceivedReply]:
    reader = ReplyReader()
    reader.receive_data(octets)
    found: list[ReceivedReply] = []
    while (reply := reader.next_reply()) is not None:
        found.append(reply)
    assert not reader.has_octets
    return found
