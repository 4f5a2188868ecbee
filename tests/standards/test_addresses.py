"""Addresses, end to end through MAIL and RCPT."""

import pytest

from tests.standards.run_dialogue import MAIL, P1, converse, in_segments, make_settings

OPEN = P1 + MAIL
LONGEST_DOMAIN = ".".join(["d" * 63] * 4)

GOOD = [
    "<a@b.example>",
    "<a.b+c=d@x-y.example>",
    "<!#$%&'*+-/=?^_{}~@b.example>",
    "<a@[192.0.2.1]>",
    "<a@[IPv6:2001:db8::1]>",
    "<a@[ipv6:::ffff:192.0.2.1]>",
    "<;rm@x.example>",
    "<`id`@x.example>",
    "<$(id)@x.example>",
    "<../../etc@x.example>",
    "<-froot@x.example>",
]
# The last five are legal or 501: nothing of ours builds text of them.
MAY_BE_REFUSED = GOOD[6:]

BAD = [
    "<a@[2001:db8::1]>",
    "<a@[IPv6:1::2::3]>",
    "<a@[IPv6:fe80::1%eth0]>",
    "<a@[256.1.1.1]>",
    "<a@[01.2.3.4]>",
    "<a@[192.0.2.1>",
    "<a@[X:y]>",
    "<bob>",
    "a@b.example",
    "<a@b.example> (comment)",
    "Bob <a@b.example>",
    "<a(c)@b.example>",
    "<a @b.example>",
    "<a@b@c.example>",
    "<.a@x.example>",
    "<a.@x.example>",
    "<a..b@x.example>",
    "<@x.example>",
    "<a@>",
    "<a@-b.example>",
    "<a@b-.example>",
    "<a@b..example>",
    "<a@b_c.example>",
    "<a@b.example.>",
    "<a@b.example",
    '<"a@b.example>',
    r"<a\>@b.example>",
    "<a@b.example>>",
    "<<a@b.example>>",
    "<a@b.example>SIZE=1",
    *(f'<"a{control}"@x.example>' for control in "\x00\x07\x7f\x0b\x1b"),
    f"<a@{'d' * 64}.example>",
    f"<a@d.{LONGEST_DOMAIN}>",
    f"<{'l' * 300}@x.example>",
]

both = pytest.mark.parametrize("verb", ["MAIL FROM", "RCPT TO"])


def say(verb: str, path: str) -> bytes:
    return f"{verb}:{path}\r\n".encode()


def prelude(verb: str) -> bytes:
    return P1 if verb.startswith("MAIL") else OPEN


@both
@pytest.mark.parametrize("path", GOOD)
def test_good_path(verb: str, path: str) -> None:
    outcome = converse(say(verb, path), after=prelude(verb))
    accepted = "250 2.1.0" if verb.startswith("MAIL") else "250 2.1.5"
    refused = "501 5.1.7" if verb.startswith("MAIL") else "501 5.1.3"
    if path in MAY_BE_REFUSED:
        assert outcome.codes[0] in (accepted, refused)
    else:
        assert outcome.codes == [accepted]


@both
@pytest.mark.parametrize("path", BAD)
def test_bad_path(verb: str, path: str) -> None:
    outcome = converse(say(verb, path), after=prelude(verb), cuts=[12])
    (reply,) = outcome.replies
    assert reply.code == 501
    # "(comment)" stands where parameters do.
    if "(comment)" not in path:
        wanted = "5.1.7" if verb.startswith("MAIL") else "5.1.3"
        assert reply.enhanced == wanted
    assert not outcome.session.envelope.rcpt_to


@pytest.mark.parametrize(
    ("path", "local_part"),
    [
        ('<"a b"@x.example>', "a b"),
        (r'<"a\"b"@x.example>', 'a"b'),
        ('<"a@b"@x.example>', "a@b"),
        ('<""@x.example>', ""),
    ],
)
def test_quoted_local_part_is_decoded(path: str, local_part: str) -> None:
    outcome = converse(say("RCPT TO", path), after=OPEN)
    assert outcome.codes == ["250 2.1.5"]
    (recipient,) = outcome.session.envelope.rcpt_to
    assert (recipient.local_part, recipient.domain) == (local_part, "x.example")


def test_quotes_that_are_not_needed_make_no_difference() -> None:
    octets = say("RCPT TO", '<"abc"@x.example>') + say("RCPT TO", "<abc@X.example>")
    quoted, plain = converse(octets, after=OPEN).session.envelope.rcpt_to
    assert quoted == plain


@both
def test_source_route_is_accepted_and_no_part_of_the_address(verb: str) -> None:
    octets = say(verb, "<@h1.example,@h2.example:a@b.example>")
    outcome = converse(octets, after=prelude(verb))
    assert outcome.codes[0].startswith("250")
    envelope = outcome.session.envelope
    address = envelope.rcpt_to[0] if envelope.rcpt_to else envelope.mail_from
    assert str(address) == "a@b.example"


def test_postmaster_without_domain_is_a_recipient_only() -> None:
    outcome = converse(say("RCPT TO", "<postmaster>"), after=OPEN)
    assert outcome.codes == ["250 2.1.5"]
    assert converse(say("MAIL FROM", "<postmaster>")).codes == ["501 5.1.7"]


def test_the_null_path_is_a_sender_only() -> None:
    outcome = converse(say("MAIL FROM", "<>"))
    assert outcome.codes == ["250 2.1.0"]
    assert outcome.session.envelope.mail_from is not None
    assert outcome.session.envelope.mail_from.is_null
    assert outcome.session.in_transaction
    assert converse(say("RCPT TO", "<>"), after=OPEN).codes == ["501 5.1.3"]


@both
@pytest.mark.parametrize(
    "path",
    [
        f"<{'l' * 64}@x.example>",
        f"<{'l' * 65}@x.example>",
        f"<{'l' * 255}@x.example>",
        f"<a@{LONGEST_DOMAIN}>",
        f"<a@{'d' * 63}.example>",
        f"<{'l' * 64}@{'d' * 63}.{'d' * 63}.{'d' * 61}>",
        f"<{'l' * 64}@{'d' * 63}.{'d' * 63}.{'d' * 62}>",
    ],
)
def test_lengths_that_are_taken(verb: str, path: str) -> None:
    outcome = converse(say(verb, path), after=prelude(verb), cuts=[20])
    assert outcome.codes[0].startswith("250 2.1")


@both
@pytest.mark.parametrize("path", ["a@b.example", "<a@b_c.example>", "<a..b@x.example>"])
def test_lenient_addresses(verb: str, path: str) -> None:
    lenient = make_settings(lenient_addresses=True)
    outcome = in_segments([say(verb, path)], after=prelude(verb), settings=lenient)
    assert outcome.codes[0].startswith("250 2.1")
