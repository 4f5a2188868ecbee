"""How long a session waits, in seconds."""

from __future__ import annotations

import attrs


def check_seconds(
    instance: object, attribute: attrs.Attribute[float | None], value: object
) -> None:
    """Take a number above 0 or None, as a validator of attrs.

    Raises:
        TypeError: value is no number.
        ValueError: value is not positive.
    """
    if value is None:
        return
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(
            f"{attribute.name} must be seconds as a number or None, got {value!r}"
        )
    if not value > 0:
        raise ValueError(f"{attribute.name} must be more than 0 seconds, got {value}")


def _seconds(default: float | None) -> float | None:
    return attrs.field(default=default, validator=check_seconds)


@attrs.frozen(kw_only=True)
class Timeouts:
    """Deadlines of one session in seconds; None means never.

    Those for the client run only while the server waits for the client.

    Raises:
        TypeError: an unknown deadline, or a value that is no number.
        ValueError: a value that is not positive.
    """

    #: For the PROXY protocol header of a new connection; then it closes without a word.
    proxy: float | None = _seconds(5.0)
    #: For a TLS handshake; then the connection closes without a word.
    tls: float | None = _seconds(30.0)
    #: For the reverse lookup of a new client; then it is ``[address]``.
    lookup: float | None = _seconds(1.5)
    #: For one command from its first octet or the last reply on (RFC 5321 4.5.3.2.7
    #: asks for at least 300); then 421 4.4.2.
    command: float | None = _seconds(300.0)
    #: For each block of content; then 421 4.4.2.
    content: float | None = _seconds(300.0)
    #: For the whole content of a message; then 421 4.4.2.
    message: float | None = _seconds(3600.0)
    #: For the whole session; then 421 4.4.2.
    session: float | None = _seconds(None)
    #: For one hook, not counting the time it waits for content; then 451 4.3.0.
    hook: float | None = _seconds(300.0)
    #: For what is done at the end: ``on_reset`` and ``on_close`` each, and closing.
    close: float | None = _seconds(5.0)
