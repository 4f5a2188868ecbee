"""What the model knows of a session: only what a client can know."""

from __future__ import annotations

from typing import Literal

import attrs

#: How the client's next octets are read: as the greeting's silence, a command line, the
#: content behind 354 (RFC 5321 4.1.1.4), a response inside AUTH (RFC 4954 4), or not.
Mode = Literal["greeting", "command", "content", "auth", "over"]


@attrs.frozen(kw_only=True)
class Delivery:
    """A message for which the server has taken responsibility (RFC 5321 6.1)."""

    #: The ordinal of its mail transaction.
    transaction: int
    sender: bytes
    #: The accepted recipients; in LMTP those of them whose own reply was positive.
    recipients: tuple[bytes, ...]
    #: All recipients of the mail transaction.
    envelope: tuple[bytes, ...]
    #: The content, dot-stuffing removed.
    content: bytes

    @property
    def is_exact(self) -> bool:
        """The content must arrive unchanged: it has no bare CR or LF and no NUL.

        Such octets may be normalized (RFC 5321 2.3.8), unless content is binary.
        """
        rest = self.content.replace(b"\r\n", b"")
        return not any(octet in rest for octet in b"\r\n\0")


@attrs.define(kw_only=True)
class ModelState:
    """A session between two commands."""

    #: The server speaks LMTP (RFC 2033).
    lmtp: bool = False
    mode: Mode = "greeting"
    #: The greeting was no 220, so that only QUIT is left (RFC 5321 3.1).
    refused: bool = False
    #: "HELO", "EHLO" or "LHLO"; None before a hello was accepted.
    hello: str | None = None
    #: What EHLO or LHLO offered, by keyword.
    offered: dict[str, str] = attrs.field(factory=dict[str, str])
    #: The path of the sender; None outside of a mail transaction.
    sender: bytes | None = None
    #: The paths of the accepted recipients.
    recipients: list[bytes] = attrs.field(factory=list[bytes])
    #: The parameter BODY of MAIL.
    body: str = ""
    #: MAIL had the parameter SMTPUTF8.
    smtputf8: bool = False
    #: A chunk of the message was accepted, or one was refused (RFC 3030 2). In doubt,
    #: one was refused where no message could be, and with it perhaps all until RSET.
    chunks: Literal["none", "open", "failed", "doubt"] = "none"
    #: How many recipients a message had of which a chunk was refused.
    failed_recipients: int = 0
    #: A BDAT was refused, and neither RSET nor a hello has cleared that (RFC 3030 2).
    needs_rset: bool = False
    #: Content of the chunks so far.
    content: bytes = b""
    authenticated: bool = False
    secure: bool = False
    #: Ordinal of the current or next mail transaction.
    transaction: int = 1

    @property
    def in_transaction(self) -> bool:
        """MAIL was accepted, and the mail transaction has not ended since."""
        return self.sender is not None

    def end_transaction(self) -> None:
        """Clear what belongs to the mail transaction (RFC 5321 4.1.1.5)."""
        if self.in_transaction:
            self.transaction += 1
        self.sender, self.body, self.content = None, "", b""
        self.smtputf8 = False
        self.recipients = []
        self.chunks, self.failed_recipients = "none", 0

    def forget_client(self) -> None:
        """Begin anew (RFC 3207 4.2): hello and user are forgotten."""
        self.end_transaction()
        self.hello, self.offered, self.authenticated = None, {}, False
        self.needs_rset = False
