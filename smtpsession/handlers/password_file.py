"""Users and their secrets from a file."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping

from smtpsession.auth.saslprep import saslprep
from smtpsession.auth.scram_keys import SCRAMKeys
from smtpsession.authentication import ITERATIONS, Authentication
from smtpsession.handler import Handler, SessionT

_KEYS_PREFIX = "SCRAM-"


class PasswordFileHandler(Handler[SessionT]):
    """Authenticates users whose secrets stand in a file.

    Each line is ``NAME:SECRET``; empty lines and those that begin with ``#`` do not
    count. A secret is stored SCRAM keys as ``SCRAMKeys.to_text`` gives them, or a
    password in plain text, which every mechanism can work with. Keys of SHA-256 do for
    SCRAM-SHA-256 and for PLAIN and LOGIN; to other mechanisms their users are unknown.
    ``session.user`` is the name.

    Args:
        path: the file, in UTF-8. Nobody but its owner may be able to read it.

    Raises:
        OSError: the file cannot be read.
        PermissionError: others than its owner can read it.
        TypeError: path is no path.
        ValueError: a line is no such line; it is named by its number.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        #: The file. A number would be taken for an open file, and that closed.
        self.path = os.fspath(path)
        self.reload()

    def __repr__(self) -> str:
        return f"PasswordFileHandler({self.path!r})"

    def reload(self) -> None:
        """Read the file again; if that fails, what was read before stays.

        Raises:
            OSError, PermissionError, ValueError: as the class does.
        """
        secrets = dict(_entries(_read_private(self.path)))
        rounds = Counter(
            s.iterations for s in secrets.values() if isinstance(s, SCRAMKeys)
        )
        self._secrets: Mapping[str, str | SCRAMKeys] = secrets
        # An unknown user is to look like most of the known ones.
        self._iterations = max(rounds, key=rounds.__getitem__, default=ITERATIONS)

    async def on_auth(self, session: SessionT, auth: Authentication) -> str | None:
        """Let in who proves to know the secret of the name."""
        secret = self._secrets.get(auth.username)
        try:
            proven = await auth.verify(secret, iterations=self._iterations)
        except (TypeError, ValueError):
            # These keys are not for this mechanism: the same as no such user.
            proven = await auth.verify(None, iterations=self._iterations)
        return auth.username if proven else None


def _read_private(path: str) -> str:
    with open(path, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise PermissionError(
                f"{path} can be read or written by others than its owner"
                f" (mode {mode:04o}); chmod 600 it"
            )
        octets = file.read()
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass  # It carries all secrets along; so it must not even be the context.
    raise ValueError("it must be UTF-8")


def _entries(text: str) -> Iterator[tuple[str, str | SCRAMKeys]]:
    seen: set[str] = set()
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r")
        if not line.strip() or line.startswith("#"):
            continue
        name, _, secret = line.partition(":")
        try:
            # As the names that clients send are prepared (RFC 4013).
            name = saslprep(name, stored=True)
            is_keys = secret.startswith(_KEYS_PREFIX)
            entry = SCRAMKeys.parse(secret) if is_keys else secret
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        if not (name and secret):
            raise ValueError(f"line {number} must be NAME:SECRET")
        if name in seen:
            raise ValueError(f"line {number} names a user for the second time")
        seen.add(name)
        yield name, entry
