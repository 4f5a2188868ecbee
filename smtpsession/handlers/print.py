"""Messages printed for people."""

from __future__ import annotations

import sys
import threading
from typing import TextIO

import trio

from smtpsession.handler import Handler, SessionT
from smtpsession.message import Message
from smtpsession.session.session import Session


class PrintHandler(Handler[SessionT]):
    """Prints each message to standard output, with its envelope above it.

    A block of text is one message: it is held in memory and printed whole, and each
    line of content begins with ``| ``, so that nothing in a message looks like an
    envelope. What could steer a terminal is printed as a backslash escape.

    Args:
        file: printed to; None is ``sys.stdout`` at the time of printing.
    """

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file
        self._turn = threading.Lock()

    async def on_data(self, session: SessionT, message: Message) -> None:
        """Read to the end, then print.

        Raises:
            OSError: printing failed; the client gets 451.
        """
        block = _block(session, await message.read())
        # A full pipe or a stopped terminal must not stop the other sessions.
        await trio.to_thread.run_sync(self._print, block, abandon_on_cancel=True)

    def _print(self, block: str) -> None:
        file = sys.stdout if self._file is None else self._file
        encoding = file.encoding or "utf-8"
        printable = block.encode(encoding, "backslashreplace").decode(encoding)
        with self._turn:
            file.write(printable)
            file.flush()


def _block(session: Session, content: bytes) -> str:
    envelope = session.envelope
    sender = envelope.mail_from.address if envelope.mail_from is not None else ""
    hello = session.host_name_appears_as or "unknown"
    lines = [
        f"message {session.id}.{session.transaction}, {len(content)} octets",
        f"  client {hello} {session.client_hostname or 'local'}",
        f"  from   <{sender}>",
        *(f"  to     <{address.address}>" for address in envelope.rcpt_to),
    ]
    lines += [f"| {line}" for line in _text_lines(content)]
    return "".join(f"{_escaped(line)}\n" for line in [*lines, ""])


def _text_lines(content: bytes) -> list[str]:
    return (
        content.decode("utf-8", "backslashreplace").removesuffix("\r\n").split("\r\n")
    )


def _escaped(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() or c == "\t" else _escape(c) for c in line)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
