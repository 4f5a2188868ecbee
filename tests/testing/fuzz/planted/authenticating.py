"""AUTH PLAIN and LOGIN in the planted servers (RFC 4954)."""

from __future__ import annotations

import base64
import binascii

from tests.testing.fuzz.planted.envelope import Envelope, Refusal
from tests.testing.fuzz.planted.octet_reader import OctetReader
from tests.testing.fuzz.planted.stream import Stream

#: Who may come in.
USER, PASSWORD = b"user", b"secret"


class Authenticating(OctetReader):
    """Says replies and knows users."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream)
        #: The verb of the last hello; b"" if there was none.
        self.hello_verb = b""
        self.user = b""
        self.envelope = Envelope()

    def reply(self, code: int, enhanced: str, *texts: str) -> None:
        """Say a reply of one line or several, with its enhanced status code or ""."""
        self.stream.send(self.reply_octets(code, enhanced, *texts))

    def reply_octets(self, code: int, enhanced: str, *texts: str) -> bytes:
        """Give the octets of a reply."""
        start = f"{enhanced} " if enhanced else ""
        lines = [f"{code}-{start}{text}\r\n" for text in texts[:-1]]
        lines.append(f"{code} {start}{texts[-1]}\r\n")
        return "".join(lines).encode("latin-1")

    def auth(self, argument: bytes) -> None:
        """Do what AUTH says."""
        self.may_auth()
        mechanism, _, initial = argument.partition(b" ")
        mechanisms = {b"PLAIN": self.plain, b"LOGIN": self.login}
        chosen = mechanisms.get(mechanism.upper())
        if chosen is None:
            raise Refusal(504, "5.5.4", "no such mechanism")
        chosen(initial)

    def may_auth(self) -> None:
        """Refuse AUTH where it has no place."""
        if not self.hello_verb:
            raise Refusal(503, "5.5.1", "say hello first")
        if self.user:
            raise Refusal(503, "5.5.1", "you are in")
        self.may_leave_transaction()

    def may_leave_transaction(self) -> None:
        """Refuse what has no place in a mail transaction."""
        if self.envelope.sender is not None or self.envelope.chunks != "none":
            raise Refusal(503, "5.5.1", "not in a mail transaction")

    def plain(self, initial: bytes) -> None:
        """Do PLAIN (RFC 4616)."""
        words = self.response(initial, "").split(b"\0")
        if len(words) != 3:
            raise Refusal(535, "5.7.8", "these are no credentials")
        self.end_exchange(words[1], words[2])

    def login(self, initial: bytes) -> None:
        """Do LOGIN: a name, then a password."""
        user = self.response(initial, "VXNlcm5hbWU6")
        self.end_exchange(user, self.response(b"", "UGFzc3dvcmQ6"))

    def response(self, initial: bytes, challenge: str) -> bytes:
        """Give what the client responds to a challenge, or has said before it."""
        if initial == b"=":
            return b""
        return self.decoded(initial or self.asked(challenge))

    def asked(self, challenge: str) -> bytes:
        """Challenge the client, and give the line it responds with."""
        self.reply(334, "", challenge)
        self.in_exchange = True
        line = self.read_line()
        self.in_exchange = False
        if line is None:
            raise Refusal(500, "5.5.6", "response too long")
        if line == b"*":
            self.cancelled()
        return line

    def cancelled(self) -> None:
        """Answer a client that gives up."""
        raise Refusal(501, "5.7.0", "given up")

    def decoded(self, response: bytes) -> bytes:
        """Decode a response."""
        try:
            return base64.b64decode(response, validate=True)
        except binascii.Error as error:
            raise Refusal(501, "5.5.2", "no base64") from error

    def end_exchange(self, user: bytes, password: bytes) -> None:
        """Let the client in, or not."""
        if not self.is_right(user, password):
            raise Refusal(535, "5.7.8", "wrong credentials")
        self.user = user
        self.reply(235, "2.7.0", "welcome")

    def is_right(self, user: bytes, password: bytes) -> bool:
        """Say whether these are the credentials."""
        return (user, password) == (USER, PASSWORD)
