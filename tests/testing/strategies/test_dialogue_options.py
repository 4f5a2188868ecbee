"""What dialogues are told is checked at once."""

from typing import Any

import pytest
from hypothesis import strategies as st

from smtpsession.testing.strategies.dialogue_options import (
    DialogueOptions,
    check_credentials,
    check_extensions,
)

USUAL: dict[str, Any] = {
    **dict.fromkeys(("lmtp", "auth", "starttls", "allow_violations"), False),
    **dict.fromkeys(("pipelining", "chunking"), True),
    **dict.fromkeys(("senders", "recipients", "contents"), None),
    "credentials": ("user", "secret"),
    "extensions": ("SIZE",),
}


def options_with(**given: Any) -> DialogueOptions:
    return DialogueOptions(**(USUAL | given))


def test_good_options() -> None:
    options = options_with(senders=st.just("a@a.example"))
    assert options.extensions == ("SIZE",)
    assert "secret" not in repr(options)
    assert check_credentials(("a", "b")) == ("a", "b")
    assert check_extensions(["DSN", "SIZE"]) == ("SIZE", "DSN")


@pytest.mark.parametrize(
    ("option", "value", "error", "match"),
    [
        ("lmtp", 1, TypeError, "lmtp must be True or False"),
        ("pipelining", None, TypeError, "pipelining must be True or False"),
        ("allow_violations", "x", TypeError, "allow_violations must be True or False"),
        ("recipients", "a@b", TypeError, "recipients must be a strategy or None"),
        ("contents", b"a", TypeError, "contents must be a strategy or None"),
    ],
)
def test_bad_options(
    option: str, value: Any, error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        options_with(**{option: value})


def test_binary_content_needs_chunks() -> None:
    with pytest.raises(ValueError, match="BINARYMIME needs chunking=True"):
        options_with(extensions=("BINARYMIME",), chunking=False)


@pytest.mark.parametrize("given", ["ab", ("a", "b", "c"), ("a", 1), None, (b"a", b"b")])
def test_credentials_are_two_words(given: object) -> None:
    with pytest.raises(TypeError, match="must be a name and a password") as caught:
        check_credentials(given)
    assert "got" not in str(caught.value)


@pytest.mark.parametrize("given", [("", "b"), ("a", ""), ("a\0", "b"), ("a", "\0b")])
def test_credentials_go_into_plain(given: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="neither empty nor hold a NUL"):
        check_credentials(given)
