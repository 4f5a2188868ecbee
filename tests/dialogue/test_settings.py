"""Settings: what follows from the extensions."""

import pytest

from smtpsession.dialogue.settings import Settings
from smtpsession.extensions.eightbitmime import EightBitMIME
from smtpsession.extensions.extension import Extension
from smtpsession.extensions.size import Size
from smtpsession.session.session import Session
from smtpsession.wire.commands import Added
from tests.standards.run_dialogue import make_settings


class Priority(Extension):
    """An extension with a parameter of RCPT."""

    keyword = "X-PRIORITY"
    rcpt_parameters = frozenset({"X-PRIORITY"})


def test_who_takes_which_parameter() -> None:
    size, eight, priority = Size(1), EightBitMIME(), Priority()
    settings = Settings(hostname="mx.example", extensions=(size, eight, priority))
    assert settings.mail_parameters == {"SIZE": size, "BODY": eight}
    assert settings.rcpt_parameters == {"X-PRIORITY": priority}


@pytest.mark.parametrize(
    ("hidden", "enhanced"), [([], True), (["ENHANCEDSTATUSCODES"], False)]
)
def test_enhanced_status_codes_by_their_extension(
    hidden: list[str], enhanced: bool
) -> None:
    assert make_settings(hidden=hidden).enhanced is enhanced


class Ping(Extension):
    """An extension with a command."""

    keyword = "X-PING"
    verb = "XPING"

    async def on_command(self, session: Session, argument: str) -> str:
        return argument


def test_an_extension_brings_its_verb() -> None:
    settings = Settings(hostname="mx.example", extensions=(Ping(),))
    assert settings.extension_verbs == {"XPING"}
    kind, parse = settings.verb_table[b"XPING"]
    assert kind is Added
    assert parse(b"hi", False) == Added("XPING", "hi")


DERIVED = (
    *("mail_parameters", "rcpt_parameters"),
    *("verb_table", "extension_verbs", "enhanced"),
)


@pytest.mark.parametrize("name", DERIVED)
def test_what_follows_from_the_extensions_is_not_given(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        Settings(hostname="mx.example", **{name: {}})  # type: ignore[arg-type]


def test_its_repr_shows_what_was_given() -> None:
    shown = repr(Settings(hostname="mx.example"))
    assert [name for name in DERIVED if f"{name}=" in shown] == ["enhanced"]


def test_without_anything() -> None:
    settings = Settings(hostname="mx.example")
    assert settings.extensions == ()
    assert not settings.mail_parameters
    assert not settings.enhanced
    assert (settings.bare_newline, settings.nul) == ("reject", "reject")
    assert not settings.strict_pipelining
    assert not settings.lenient_addresses
    assert not settings.require_tls
