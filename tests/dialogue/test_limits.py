"""Limits: their defaults, and what is no limit."""

from typing import Any

import attrs
import pytest

from smtpsession.dialogue.limits import Limits

DEFAULTS: dict[str, int | None] = {
    "message_octets": 26_214_400,
    "recipients": 1_000,
    "command_octets": 2_048,
    "auth_octets": 12_288,
    "errors_soft": 10,
    "errors_hard": 20,
    "junk_commands": 100,
    "auth_failures": 3,
    "unauthenticated_commands": None,
    "transactions": None,
    "sessions": None,
    "sessions_per_source": None,
    "unread_reply_octets": 65_536,
}
LOWEST = {
    "recipients": 100,
    "command_octets": 512,
    "auth_octets": 512,
    "unread_reply_octets": 512,
}
NEVER_NONE = {"command_octets", "auth_octets", "unread_reply_octets"}

every_limit = pytest.mark.parametrize("name", DEFAULTS)


def limits(name: str, value: Any) -> Any:
    return getattr(Limits(**{name: value}), name)


def test_defaults() -> None:
    assert attrs.asdict(Limits()) == DEFAULTS


@every_limit
def test_the_lowest_value(name: str) -> None:
    lowest = LOWEST.get(name, 1)
    assert limits(name, lowest) == lowest
    with pytest.raises(ValueError, match=f"{name} must be at least {lowest}, got"):
        limits(name, lowest - 1)


@every_limit
@pytest.mark.parametrize("value", ["1000", 1000.0, True, b"1000"])
def test_a_limit_is_an_int(name: str, value: object) -> None:
    wanted = "an int" if name in NEVER_NONE else "an int or None"
    with pytest.raises(TypeError, match=f"{name} must be {wanted}, got {value!r}"):
        limits(name, value)


@every_limit
def test_none_is_no_limit_where_there_may_be_none(name: str) -> None:
    if name in NEVER_NONE:
        with pytest.raises(TypeError, match=f"{name} must be an int, got None"):
            limits(name, None)
    else:
        assert limits(name, None) is None


def test_an_unknown_limit_is_an_error() -> None:
    with pytest.raises(TypeError, match="max_recipients"):
        limits("max_recipients", 1)


def test_limits_do_not_change() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Limits().recipients = 5  # type: ignore[misc]
