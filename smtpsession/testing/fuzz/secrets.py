"""A user and the password, which plans call by name."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import ClassVar

import attrs


@attrs.frozen(repr=False)
class Secrets:
    """What plans call by name, so that no report and no file holds it.

    Args:
        user: who authenticates.
        password: the right password.
    """

    user: str
    password: str

    #: The names in a plan, in front of those whose secret theirs may begin with.
    NAMES: ClassVar = (
        *(b"{WRONG-PLAIN}", b"{PLAIN}", b"{USER}"),
        *(b"{WRONG-PASSWORD}", b"{PASSWORD}"),
    )

    def fill_in(self, octets: bytes) -> bytes:
        """Put the secrets in the places of their names."""
        if b"{" in octets:
            for name, secret in zip(self.NAMES, self._values(), strict=True):
                octets = octets.replace(name, secret)
        return octets

    def to_hide(self) -> tuple[bytes, ...]:
        """Give what no server may repeat: the password, and what it is hidden in."""
        _, plain, _, _, password = self._values()
        return (self.password.encode(), plain, password)

    def take_out(self, octets: bytes) -> bytes:
        """Put the names in the places of the secrets."""
        for name, secret in zip(self.NAMES, self._values(), strict=True):
            octets = octets.replace(secret, name)
        return octets.replace(self.password.encode(), b"{PASSWORD}")

    def _values(self) -> Sequence[bytes]:
        plain = f"\0{self.user}\0{self.password}"
        texts = (plain + "x", plain, self.user, self.password + "x", self.password)
        return [base64.b64encode(text.encode()) for text in texts]
