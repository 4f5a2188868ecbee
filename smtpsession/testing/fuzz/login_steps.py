"""How plans authenticate."""

from __future__ import annotations

from collections.abc import Collection

from smtpsession.testing.fuzz.plans import Send


def login_steps(
    mechanisms: Collection[str], *, is_wrong: bool = False, session: int = 0
) -> tuple[Send, ...]:
    """Give the steps of PLAIN where it is offered (RFC 4616), of LOGIN elsewhere.

    Args:
        mechanisms: those that are offered.
        is_wrong: the password is not the right one.
        session: the ordinal of the connection.
    """
    wrong = "WRONG-" if is_wrong else ""
    if "PLAIN" in mechanisms:
        lines = [f"AUTH PLAIN {{{wrong}PLAIN}}"]
    else:
        lines = ["AUTH LOGIN", "{USER}", f"{{{wrong}PASSWORD}}"]
    first, *rest = [f"{line}\r\n".encode() for line in lines]
    return (
        Send(first, session=session),
        *(Send(octets, (), "auth", session) for octets in rest),
    )
