"""What is found out about a server before it is fuzzed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smtpsession.testing.fuzz.offer import CannotFuzzError, Offer, Wishes, explore
from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.fuzz.target import Target
from tests.testing.fuzz.planted.server import PlantedServer
from tests.testing.fuzz.scripted_server import Dialogue, ScriptedServer

USER = Secrets("user", "secret")


def offer_of(
    server: PlantedServer | ScriptedServer,
    wishes: Wishes | None = None,
    secrets: Secrets | None = None,
    *,
    lmtp: bool = False,
) -> Offer:
    target = Target("127.0.0.1", server.port, lmtp=lmtp)
    return explore(target, wishes or Wishes(), secrets)


def greeted(*replies: str) -> Callable[[Dialogue], object]:
    """Greet, and answer a line with each reply."""

    def script(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.answer(*replies)
        while dialogue.hear():
            dialogue.say("250 OK\r\n")

    return script


def refusal(
    script: Callable[[Dialogue], object],
    wishes: Wishes | None = None,
    secrets: Secrets | None = None,
) -> str:
    with (
        ScriptedServer(script) as server,
        pytest.raises(CannotFuzzError) as caught,
    ):
        offer_of(server, wishes, secrets)
    return str(caught.value)


def test_a_server_is_asked_what_it_offers_and_whom_it_takes_mail_for() -> None:
    with PlantedServer(tls=True) as server:
        offer = offer_of(server)
    assert offer.hello == "EHLO"
    assert offer.keywords["SIZE"] == "131072"
    assert offer.mechanisms == ("PLAIN", "LOGIN")
    assert offer.is_pipelining
    assert not offer.begins_tls
    assert not offer.has_user
    assert offer.is_concurrent
    assert offer.sender == "a@a.example"
    assert offer.recipients == ("postmaster",)


def test_lmtp_has_a_hello_of_its_own() -> None:
    with PlantedServer(lmtp=True) as server:
        offer = offer_of(server, lmtp=True)
    assert offer.hello == "LHLO"


def test_what_holds_inside_tls_is_what_counts_where_it_is_wanted() -> None:
    with PlantedServer(tls=True) as server:
        offer = offer_of(server, Wishes(starttls=True))
    assert offer.begins_tls
    assert "STARTTLS" not in offer.keywords
    assert "PIPELINING" in offer.keywords


def test_wanted_addresses_come_before_guesses() -> None:
    wishes = Wishes(sender="", recipients=("a@planted.example", "b@elsewhere.example"))
    with PlantedServer() as server:
        offer = offer_of(server, wishes)
    assert offer.sender == ""
    assert offer.recipients == ("a@planted.example",)


def test_a_user_is_logged_in_by_the_mechanism_that_is_offered() -> None:
    with PlantedServer() as server:
        assert offer_of(server, secrets=USER).has_user
    heard: list[str] = []

    def only_login(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.answer("250-mx.test\r\n250 AUTH LOGIN")
        for reply in ("334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "235 yes", "550 no"):
            heard.append(dialogue.hear())
            dialogue.say(f"{reply}\r\n")

    with ScriptedServer(only_login) as scripted:
        offer = offer_of(scripted, Wishes(recipients=("a@b",)), USER)
    assert heard[:3] == ["AUTH LOGIN", "dXNlcg==", "c2VjcmV0"]
    # Nobody's mail is taken, so that the wanted recipient is tried later.
    assert offer.recipients == ("a@b",)


def test_a_server_that_knows_no_ehlo_gets_helo() -> None:
    with ScriptedServer(greeted("502 no", "250 mx.test")) as server:
        offer = offer_of(server)
    assert offer.hello == "HELO"
    assert offer.keywords == {}
    assert offer.mechanisms == ()
    assert not offer.is_pipelining


def test_a_server_may_take_one_connection_at_a_time() -> None:
    scripts = greeted("250 mx.test"), lambda dialogue: dialogue.hear()
    with ScriptedServer(*scripts) as server:
        assert not offer_of(server).is_concurrent
    busy = greeted("250 mx.test"), lambda dialogue: dialogue.say("421 later\r\n")
    with ScriptedServer(*busy) as server:
        assert not offer_of(server).is_concurrent


def test_it_says_why_a_server_cannot_be_fuzzed() -> None:
    assert refusal(lambda dialogue: dialogue.say("554 go away\r\n")) == (
        "the greeting is 554 go away"
    )
    assert refusal(lambda dialogue: None) == "it closes the connection"
    assert refusal(greeted("550 no", "550 no")) == "EHLO is answered with 550 no"
    assert refusal(greeted("250 mx.test", "454 no"), Wishes(starttls=True)) == (
        "STARTTLS is answered with 454 no"
    )
    tls = refusal(greeted("250 mx.test", "220 go", "nonsense"), Wishes(starttls=True))
    assert tls.startswith("TLS: ")
    assert refusal(greeted("250 mx.test"), secrets=USER) == (
        "a user needs PLAIN or LOGIN; it offers no AUTH"
    )
    assert refusal(greeted("250-mx\r\n250 AUTH CRAM-MD5"), secrets=USER) == (
        "a user needs PLAIN or LOGIN; it offers CRAM-MD5"
    )
    assert refusal(greeted("250-mx\r\n250 AUTH PLAIN", "535 c2VjcmV0"), None, USER) == (
        "it refuses the user: 535"
    )
    wishes = Wishes(recipients=("a@b", "c@d"))
    assert refusal(greeted("250 mx", "250 OK", "550 no", "550 no"), wishes) == (
        "it takes no mail for a@b, c@d"
    )


def test_silence_ends() -> None:
    wishes = Wishes(reply_seconds=0.05)
    assert refusal(lambda dialogue: dialogue.hear(), wishes) == (
        "no reply within 0.05 seconds"
    )


def test_nobody_listens() -> None:
    with ScriptedServer(lambda dialogue: None) as server:
        pass
    with pytest.raises(CannotFuzzError, match=r"cannot connect to 127.0.0.1:\d+: "):
        offer_of(server)
