"""What a dialogue may hold, checked."""

from __future__ import annotations

from collections.abc import Collection

import attrs
from hypothesis import strategies as st

from smtpsession.testing.strategies.arguments import (
    check_flags,
    check_strategy,
    check_words,
)
from smtpsession.testing.strategies.parameters import PARAMETER_EXTENSIONS


@attrs.frozen(kw_only=True)
class DialogueOptions:
    """The options of ``dialogues``, which has their meanings."""

    lmtp: bool
    pipelining: bool
    chunking: bool
    auth: bool
    starttls: bool
    credentials: tuple[str, str] = attrs.field(repr=False)
    extensions: tuple[str, ...]
    senders: st.SearchStrategy[str] | None
    recipients: st.SearchStrategy[str] | None
    contents: st.SearchStrategy[bytes] | None
    allow_violations: bool

    def __attrs_post_init__(self) -> None:
        if "BINARYMIME" in self.extensions and not self.chunking:
            raise ValueError("BINARYMIME needs chunking=True (RFC 3030 3)")
        check_flags(
            lmtp=self.lmtp,
            pipelining=self.pipelining,
            chunking=self.chunking,
            auth=self.auth,
            starttls=self.starttls,
            allow_violations=self.allow_violations,
        )
        for name in ("senders", "recipients", "contents"):
            check_strategy(name, getattr(self, name))


def check_credentials(given: object) -> tuple[str, str]:
    """Give a name and a password.

    Raises:
        TypeError: it is no pair of str; what was given is not said, for it is secret.
        ValueError: one of them is empty or holds a NUL (RFC 4616 2).
    """
    match given:
        case (str() as name, str() as password):
            pass
        case _:
            raise TypeError("credentials must be a name and a password, both str")
    if not (name and password) or "\0" in name + password:
        raise ValueError("credentials must be neither empty nor hold a NUL")
    return name, password


def check_extensions(given: Collection[str]) -> tuple[str, ...]:
    """Give the extensions in their usual order.

    Raises:
        TypeError: given is no collection of str.
        ValueError: one of them is unknown.
    """
    return check_words("extensions", given, PARAMETER_EXTENSIONS)
