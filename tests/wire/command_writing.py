"""Writes commands as lines, as a client of the next server does."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from smtpsession.wire.addresses import Address
from smtpsession.wire.commands import (
    Auth,
    Bdat,
    Command,
    Expn,
    Hello,
    Help,
    LastBdat,
    Mail,
    Rcpt,
    Vrfy,
)


def written_path(address: Address) -> str:
    """Write a path with its parameters, as a client of the next server does."""
    words = [
        name if value is True else f"{name}={value}"
        for name, value in address.args.items()
    ]
    return " ".join([f"<{address}>", *words])


WRITERS: dict[type[Command], Callable[[Any], str]] = {
    Mail: lambda command: f"FROM:{written_path(command.address)}",
    Rcpt: lambda command: f"TO:{written_path(command.address)}",
    Bdat: lambda command: f"{command.octets}",
    LastBdat: lambda command: f"{command.octets} LAST",
    Vrfy: lambda command: command.argument,
    Expn: lambda command: command.argument,
    Help: lambda command: command.topic,
    Auth: lambda command: " ".join([command.mechanism, *written_initial(command)]),
}


def written_initial(command: Auth) -> list[str]:
    if command.initial is None:
        return []
    return [base64.b64encode(command.initial).decode() or "="]


def written(command: Command) -> bytes:
    """Write a command line without its CRLF."""
    if isinstance(command, Hello):
        return f"{command.verb} {command.name}".encode()
    write = WRITERS.get(type(command))
    argument = write(command) if write else ""
    return f"{command.verb} {argument}".rstrip(" ").encode()


def parts(command: Command) -> object:
    """Give what a command holds; addresses are equal for less than all they hold."""
    if isinstance(command, (Mail, Rcpt)):
        address = command.address
        return address.address, address.local_part, address.domain, address.args
    return command
