"""A dialogue and whoever sees both its directions read the same, however it is cut."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.dialogue.limits import Limits
from smtpsession.testing.strategies import chunkings
from tests.framing.attacks import (
    ENDS,
    EVIL,
    STUMPS,
    in_two_chunks,
    smuggled,
    smuggled_in_chunks,
)
from tests.framing.dialogue_player import DialoguePlayer, Played, make_server
from tests.framing.hostile_connections import (
    MAIL,
    RCPT,
    connections,
    is_cut_dependent,
)
from tests.framing.observer import Disagreement, Observer, View

KINDS: dict[str, dict[str, Any]] = {
    "reject": {},
    "normalize": {"bare_newline": "normalize"},
    "NUL accepted": {"bare_newline": "normalize", "nul": "accept"},
    "small": {"size": 20},
    "strict": {"strict_pipelining": True},
    "without chunks": {"hidden": ["CHUNKING", "BINARYMIME"]},
    "impatient": {"limits": Limits(errors_soft=1, errors_hard=3, junk_commands=2)},
    "LMTP": {"lmtp": True},
    "LMTP, normalize": {"lmtp": True, "bare_newline": "normalize", "size": 30},
}
SERVERS = {name: make_server(**options) for name, options in KINDS.items()}


def play(
    name: str, pieces: list[bytes], refused: frozenset[int], challenges: int
) -> Played:
    return DialoguePlayer(SERVERS[name], refused=refused, challenges=challenges).play(
        pieces
    )


def check(name: str, octets: bytes, played: Played) -> None:
    """Hold what a server has done against what an observer has seen."""
    options = KINDS[name]
    view = View(
        input=octets,
        output=played.output,
        closes=played.closes,
        lmtp=options.get("lmtp", False),
        normalizes=options.get("bare_newline") == "normalize",
        nul=options.get("nul") != "accept",
        message_octets=options.get("size", 1_000_000),
    )
    assert Observer(view).observe() == played.messages


def hello_to(name: str) -> bytes:
    return b"LHLO c\r\n" if "LMTP" in name else b"EHLO c\r\n"


@settings(max_examples=max(300, settings().max_examples))
@given(
    name=st.sampled_from(list(KINDS)),
    octets=connections,
    refused=st.just(frozenset[int]())
    | st.frozensets(st.integers(1, 15), min_size=1, max_size=3),
    challenges=st.integers(0, 2),
    data=st.data(),
)
def test_any_connection_in_any_cut_is_what_an_observer_sees(
    name: str,
    octets: bytes,
    refused: frozenset[int],
    challenges: int,
    data: st.DataObject,
) -> None:
    octets = octets.replace(b"EHLO", hello_to(name)[:4])
    ways = ([octets], [octets[i : i + 1] for i in range(len(octets))])
    outcomes: list[Played] = []
    for pieces in (*ways, data.draw(chunkings(octets))):
        played = play(name, pieces, refused, challenges)
        check(name, octets, played)
        outcomes.append(played)
    if not (name == "strict" or is_cut_dependent(octets)):
        assert outcomes[0] == outcomes[1] == outcomes[2]


@pytest.mark.parametrize("name", KINDS)
def test_every_known_attack_is_what_an_observer_sees(name: str) -> None:
    before = hello_to(name) + MAIL + RCPT
    attacks = [smuggled(end) for end in ENDS]
    attacks += [smuggled_in_chunks(end, place) for end in ENDS for place in (0, 1, 2)]
    attacks += [in_two_chunks(end, len(end) // 2) for end in STUMPS]
    attacks += [b"BDAT 4\r\nQUIT" + attack for attack in attacks[:3]]
    for attack in attacks:
        octets = before + attack
        for size in (len(octets), 1, 3):
            pieces = [octets[i : i + size] for i in range(0, len(octets), size)]
            check(name, octets, play(name, pieces, frozenset(), 1))


CHUNKS_TO_REFUSE = (
    b"BDAT 4\r\nQUITBDAT 6\r\nRSET\r\n",
    b"BDAT 6 LAST\r\nQUIT\r\n" + EVIL,
    b"BDAT 0\r\nBDAT 6 LAST\r\nRSET\r\n" + EVIL,
    b"BDAT 4\r\nRSETNOOP\r\n" + EVIL + b"BDAT 0 LAST\r\n" + EVIL,
    b"BDAT 3\r\na\0bBDAT 6\r\nRSET\r\nBDAT 0 LAST\r\n" + EVIL,
    b"BDAT 3\r\na\nbBDAT 6\r\nRSET\r\nBDAT 0 LAST\r\n" + EVIL,
)


@pytest.mark.parametrize("name", KINDS)
def test_chunks_that_are_refused_are_what_an_observer_sees(name: str) -> None:
    for recipients in range(3):
        for chunks in (*CHUNKS_TO_REFUSE, CHUNKS_TO_REFUSE[0] + CHUNKS_TO_REFUSE[1]):
            octets = hello_to(name) + MAIL + RCPT * recipients + chunks
            for place in range(recipients + 2, recipients + 5):
                for pieces in (
                    [octets],
                    [octets[i : i + 1] for i in range(len(octets))],
                ):
                    check(name, octets, play(name, pieces, frozenset({place}), 0))


# That the observer does notice.


@pytest.mark.parametrize(
    "output",
    [
        # A second message, which is within the first one by the RFCs.
        b"220 mx\r\n250 OK\r\n250 OK\r\n250 OK\r\n354 go\r\n250 OK\r\n250 OK\r\n"
        b"250 OK\r\n354 go\r\n250 OK\r\n221 bye\r\n",
        # The message as it would be with the end of the attacker.
        b"220 mx\r\n250 OK\r\n250 OK\r\n250 OK\r\n354 go\r\n250 OK #MESSAGE "
        b"0123456789abcdef\r\n221 bye\r\n",
        # The reply to a command in place of that to another.
        b"220 mx\r\n250 OK\r\n250 OK #RCPT\r\n",
        # One reply that is missing, without an end of the connection.
        b"220 mx\r\n250 OK\r\n",
        # Content with a bare LF is accepted.
        b"220 mx\r\n250 OK\r\n250 OK\r\n250 OK\r\n354 go\r\n250 OK\r\n",
    ],
)
def test_an_observer_notices_what_a_bad_server_does(output: bytes) -> None:
    octets = b"EHLO c\r\n" + MAIL + RCPT + b"DATA\r\nbody\n.\n" + EVIL
    with pytest.raises(Disagreement):
        Observer(View(input=octets, output=output, closes=False)).observe()
