"""Settings: what follows from the extensions."""

import pytest

from smtpsession.dialogue.settings import Settings
from smtpsession.extensions.eightbitmime import EightBitMIME
from smtpsession.extensions.extension import Extension
from smtpsession.extensions.size import Size
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


def test_without_anything() -> None:
    settings = Settings(hostname="mx.example")
    assert settings.extensions == ()
    assert not settings.mail_parameters
    assert not settings.enhanced
    assert (settings.bare_newline, settings.nul) == ("reject", "reject")
    assert not settings.require_tls
