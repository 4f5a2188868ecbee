"""Users and their secrets from a file."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping

from smtpsession.auth.scram_keys import SCRAMKeys
from smtpsession.authentication import ITERATIONS, Authentication
from smtpsession.handler import Handler, SessionT

_KEYS_PREFIX = "SCRAM-"


class PasswordFileHandler(Handler[SessionT]):
    """Authenticates users whose secrets stand in a file.

    Each line is ``NAME:SECRET``; empty lines and those that begin with ``#`` do not
    count. A secret is stored SCRAM keys as ``SCRAMKeys.to_text`` gives them, or a
    password in plain text, which every mechanism can work with. ``session.user`` is
    the name.

    Args:
        path: the file, in UTF-8. Nobody but its owner may be able to read it.

    Raises:
        OSError: the file cannot be read.
        PermissionError: others than its owner can read it.
        TypeError: path is no path.
        ValueError: a line is no such line; it is named by its number.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        # A number would be taken for an open file, and that closed.
        self._path = os.fspath(path)
        self.reload()

    def __repr__(self) -> str:
        return f"PasswordFileHandler({self._path!r})"

    def reload(self) -> None:
        """Read the file again; if that fails, what was read before stays.

        Raises:
            OSError, PermissionError, ValueError: as the class does.
        """
        secrets = dict(_entries(_read_private(self._path)))
        rounds = Counter(
            s.iterations for s in secrets.values() if isinstance(s, SCRAMKeys)
        )
        self._secrets: Mapping[str, str | SCRAMKeys] = secrets
        # An unknown user is to look like most of the known ones.
        self._iterations = max(rounds, key=rounds.__getitem__, default=ITERATIONS)

    async def on_auth(self, session: SessionT, auth: Authentication) -> str | None:
        """Let in who proves to know the secret of the name."""
        secret = self._secrets.get(auth.username)
        proven = await auth.verify(secret, iterations=self._iterations)
        return auth.username if proven else None


def _read_private(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise PermissionError(
                f"{path} can be read or written by others than its owner"
                f" (mode {mode:04o}); chmod 600 it"
            )
        return file.read()


def _entries(text: str) -> Iterator[tuple[str, str | SCRAMKeys]]:
    seen: set[str] = set()
    # Not splitlines(): other separators, U+2028 for one, may stand in a password.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, secret = line.partition(":")
        if not (name and colon and secret):
            raise ValueError(f"line {number} must be NAME:SECRET")
        if name in seen:
            raise ValueError(f"line {number} names a user for the second time")
        seen.add(name)
        try:
            is_keys = secret.startswith(_KEYS_PREFIX)
            yield name, SCRAMKeys.parse(secret) if is_keys else secret
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
