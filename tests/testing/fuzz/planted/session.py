"""A right SMTP or LMTP session, small, and made to be broken by its subclasses."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from tests.testing.fuzz.planted.authenticating import Authenticating
from tests.testing.fuzz.planted.envelope import (
    Envelope,
    Parameter,
    Refusal,
    is_hello_name,
    parse_path,
)
from tests.testing.fuzz.planted.octet_reader import MESSAGE_OCTETS
from tests.testing.fuzz.planted.stream import Stream

if TYPE_CHECKING:
    from tests.testing.fuzz.planted.server import PlantedServer

HOST = "mx.planted.example"
#: Its mailboxes exist, and no others but the postmaster's.
DOMAIN = "planted.example"

_CHUNK = re.compile(rb"([0-9]{1,9})( LAST)?")
_SIZE = re.compile(r"[0-9]{1,20}")
_AUTH = re.compile(r"<>|(?:[!-*,-<>-~]|\+[0-9A-F]{2})+")
_BARE_NEWLINE = re.compile(rb"(?<!\r)\n|\r(?!\n)")


class PlantedSession(Authenticating):
    """One session, from the greeting on.

    Args:
        stream: its octets.
        server: whose session it is.
    """

    MOST_RECIPIENTS: ClassVar[int] = 1_000
    MOST_OCTETS: ClassVar[int] = MESSAGE_OCTETS
    LOCAL_PART_OCTETS: ClassVar[int] = 64

    def __init__(self, stream: Stream, server: PlantedServer) -> None:
        super().__init__(stream)
        self.server = server
        #: The last hello was EHLO or LHLO.
        self.is_extended = False
        self.is_secure = False
        self.is_over = False
        hellos = (b"EHLO", b"HELO", b"LHLO")
        self.commands: dict[bytes, Callable[[bytes], None]] = {
            **{verb: functools.partial(self.hello, verb) for verb in hellos},
            b"MAIL": self.mail,
            b"RCPT": self.rcpt,
            b"DATA": self.data,
            b"BDAT": self.bdat,
            b"RSET": self.rset,
            b"NOOP": self.noop,
            b"QUIT": self.quit,
            b"VRFY": self.vrfy,
            b"EXPN": self.expn,
            b"HELP": self.help,
            b"AUTH": self.auth,
            b"STARTTLS": self.starttls,
        }

    def run(self) -> None:
        """Greet, and answer until the end.

        Raises:
            ClientGone: that was the end.
        """
        self.reply(220, "", f"{HOST} ready")
        while not self.is_over:
            self.on_line(self.read_line())

    def on_line(self, line: bytes | None) -> None:
        """Answer a command line; None is one that was too long."""
        if line is None:
            self.reply(500, "5.5.2", "line too long")
        elif b"\r" in line or b"\n" in line:
            self.on_bare_newline(line)
        else:
            self.on_command(*self.split(line))

    def on_bare_newline(self, line: bytes) -> None:
        """Answer a line with a CR or LF of its own."""
        self.reply(500, "5.5.2", "bare CR or LF")

    def split(self, line: bytes) -> tuple[bytes, bytes]:
        """Give the verb in upper case, and the argument."""
        verb, _, argument = line.rstrip(b" \t").partition(b" ")
        return verb.upper(), argument

    def on_command(self, verb: bytes, argument: bytes) -> None:
        """Answer a command."""
        try:
            self.commands.get(verb, self.unknown)(argument)
        except Refusal as refusal:
            self.reply(refusal.code, refusal.enhanced, refusal.text)

    # Commands that belong to no mail transaction.

    def hello(self, verb: bytes, argument: bytes) -> None:
        """Do EHLO, HELO or LHLO."""
        if (verb == b"LHLO") is not self.server.lmtp:
            raise Refusal(500, "5.5.1", "this is the other protocol")
        if not is_hello_name(argument):
            raise Refusal(501, "5.5.4", "no name")
        self.reset()
        self.hello_verb, self.is_extended = verb, verb != b"HELO"
        self.reply(250, "", HOST, *(self.keywords() if self.is_extended else []))

    def keywords(self) -> list[str]:
        """Give what is offered."""
        offered = ["PIPELINING", f"SIZE {MESSAGE_OCTETS}", "8BITMIME", "SMTPUTF8"]
        offered += ["ENHANCEDSTATUSCODES", "CHUNKING", "BINARYMIME", "AUTH PLAIN LOGIN"]
        return offered + ["STARTTLS"] * self.offers_tls()

    def offers_tls(self) -> bool:
        """Say whether STARTTLS is offered now."""
        return self.server.tls is not None and not self.is_secure

    def noop(self, argument: bytes) -> None:
        """Do nothing."""
        self.reply(250, "2.0.0", "done")

    def vrfy(self, argument: bytes) -> None:
        """Neither confirm nor deny."""
        if not argument:
            raise Refusal(501, "5.5.4", "whom?")
        self.reply(252, "2.0.0", "send some mail")

    def expn(self, argument: bytes) -> None:
        """Expand nothing."""
        raise Refusal(502, "5.5.1", "no lists here")

    def help(self, argument: bytes) -> None:
        """Help."""
        self.reply(214, "2.0.0", "see RFC 5321")

    def unknown(self, argument: bytes) -> None:
        """Answer an unknown verb."""
        raise Refusal(500, "5.5.2", "unknown command")

    def rset(self, argument: bytes) -> None:
        """End the transaction."""
        if argument:
            raise Refusal(501, "5.5.4", "RSET has no argument")
        self.reset()
        self.reply(250, "2.0.0", "flushed")

    def quit(self, argument: bytes) -> None:
        """End the session."""
        if argument:
            raise Refusal(501, "5.5.4", "QUIT has no argument")
        self.reply(221, "2.0.0", f"{HOST} says goodbye")
        self.is_over = True

    def starttls(self, argument: bytes) -> None:
        """Begin TLS (RFC 3207)."""
        if argument:
            raise Refusal(501, "5.5.4", "STARTTLS has no argument")
        self.may_starttls()
        self.reply(220, "2.0.0", "go ahead")
        self.begin_tls()

    def may_starttls(self) -> None:
        """Refuse STARTTLS where it has no place."""
        if self.server.tls is None:
            raise Refusal(502, "5.5.1", "no TLS here")
        if self.is_secure:
            raise Refusal(503, "5.5.1", "this is TLS")
        self.may_leave_transaction()

    def begin_tls(self) -> None:
        """Begin TLS, where nothing said before counts (RFC 3207 4.2)."""
        assert self.server.tls is not None
        self.buffer.clear()
        self.stream.start_tls(self.server.tls)
        self.is_secure = True
        self.forget()

    def forget(self) -> None:
        """Forget the client."""
        self.hello_verb, self.user, self.is_extended = b"", b"", False
        self.reset()

    # A mail transaction.

    def reset(self) -> None:
        """End the mail transaction."""
        self.envelope = Envelope()

    def begin(self, sender: str, body: str) -> None:
        """Begin a mail transaction."""
        self.envelope = Envelope(sender, body)

    def mail(self, argument: bytes) -> None:
        """Do MAIL."""
        self.may_mail()
        sender, parameters = self.parsed(argument, "FROM:")
        self.check_parameters(parameters)
        said = dict(parameters)
        if not sender.isascii() and "SMTPUTF8" not in said:
            raise Refusal(553, "5.6.7", "SMTPUTF8 is needed")
        self.begin(sender, (said.get("BODY") or "").upper())
        self.reply(250, "2.1.0", "sender taken")

    def may_mail(self) -> None:
        """Refuse MAIL where it has no place."""
        if not self.hello_verb:
            raise Refusal(503, "5.5.1", "say hello first")
        self.may_leave_transaction()

    def parsed(self, argument: bytes, prefix: str) -> tuple[str, list[Parameter]]:
        """Read the argument of MAIL or RCPT."""
        return parse_path(argument, prefix, local_octets=self.LOCAL_PART_OCTETS)

    def check_parameters(self, parameters: list[Parameter]) -> None:
        """Refuse parameters of MAIL that are unknown or wrong."""
        names = [name for name, _ in parameters]
        if not self.is_extended and names:
            raise Refusal(555, "5.5.4", "HELO has no parameters")
        if len(set(names)) < len(names):
            raise Refusal(501, "5.5.4", "parameter said twice")
        for name, value in parameters:
            self.check_parameter(name, value)

    def check_parameter(self, name: str, value: str | None) -> None:
        """Refuse a parameter of MAIL."""
        checks: dict[str, Callable[[str], object]] = {
            "SIZE": _SIZE.fullmatch,
            "BODY": lambda text: text.upper() in ("7BIT", "8BITMIME", "BINARYMIME"),
            "SMTPUTF8": lambda text: value is None,
            "AUTH": _AUTH.fullmatch,
        }
        if name not in checks:
            raise Refusal(555, "5.5.4", "unknown parameter")
        if not checks[name](value or ""):
            raise Refusal(501, "5.5.4", "wrong parameter")
        if name == "SIZE":
            self.check_size(int(value or ""))

    def check_size(self, octets: int) -> None:
        """Refuse a message for its declared size (RFC 1870 6.1)."""
        if octets > self.MOST_OCTETS:
            raise Refusal(552, "5.3.4", "message too large")

    def rcpt(self, argument: bytes) -> None:
        """Do RCPT."""
        self.may_rcpt()
        recipient, parameters = self.parsed(argument, "TO:")
        if not recipient:
            raise Refusal(501, "5.1.3", "nobody")
        if parameters:
            raise Refusal(555, "5.5.4", "unknown parameter")
        if not self.is_known(recipient):
            raise Refusal(550, "5.1.1", "no such mailbox")
        if len(self.envelope.recipients) >= self.MOST_RECIPIENTS:
            raise Refusal(452, "4.5.3", "too many recipients")
        self.envelope.recipients.append(recipient)
        self.reply(250, "2.1.5", "recipient taken")

    def may_rcpt(self) -> None:
        """Refuse RCPT where it has no place."""
        if self.envelope.sender is None or self.envelope.chunks != "none":
            raise Refusal(503, "5.5.1", "MAIL comes first")

    def is_known(self, recipient: str) -> bool:
        """Say whether there is such a mailbox."""
        local_part, _, domain = recipient.rpartition("@")
        return domain.lower() == (DOMAIN if local_part else "postmaster")

    # The message, by DATA.

    def data(self, argument: bytes) -> None:
        """Do DATA, and all that follows."""
        if argument:
            raise Refusal(501, "5.5.4", "DATA has no argument")
        self.may_data()
        self.reply(354, "", "go ahead")
        self.end_of_message(self.read_content())

    def may_data(self) -> None:
        """Refuse DATA where it has no place."""
        if self.envelope.sender is None or self.envelope.chunks != "none":
            raise Refusal(503, "5.5.1", "MAIL comes first")
        if self.envelope.body == "BINARYMIME":
            raise Refusal(503, "5.5.1", "binary content comes by BDAT")
        self.need_recipients()

    def need_recipients(self) -> None:
        """Refuse a message for nobody."""
        if not self.envelope.recipients:
            raise Refusal(503 if self.server.lmtp else 554, "5.5.1", "for whom?")

    def end_of_message(self, content: bytes | None) -> None:
        """Answer a whole message; None is one that was too large."""
        self.answer_message(*self.verdict(content))
        self.reset()

    def verdict(self, content: bytes | None) -> tuple[int, str, str]:
        """Give the reply to a message."""
        if content is None or len(content) > self.MOST_OCTETS:
            return 552, "5.3.4", "message too large"
        if self.envelope.body != "BINARYMIME" and _BARE_NEWLINE.search(content):
            return 550, "5.6.0", "bare CR or LF"
        return 250, "2.0.0", "message taken"

    def answer_message(self, code: int, enhanced: str, text: str) -> None:
        """Answer once, in LMTP once a recipient (RFC 2033 4.2)."""
        for _ in range(self.replies_due()):
            self.reply(code, enhanced, text)

    def replies_due(self) -> int:
        """Give how many replies the end of a message has."""
        return len(self.envelope.recipients) if self.server.lmtp else 1

    # The message, by BDAT (RFC 3030).

    def bdat(self, argument: bytes) -> None:
        """Do BDAT, and read its chunk whatever becomes of it."""
        octets, is_last = self.parsed_chunk(argument)
        self.on_chunk(self.read_chunk(octets), is_last)

    def parsed_chunk(self, argument: bytes) -> tuple[int, bool]:
        """Give the size of a chunk in octets, and whether it is the last one."""
        match = _CHUNK.fullmatch(argument.upper())
        if match is None:
            # How much of what follows is content, nobody knows.
            self.is_over = True
            raise Refusal(501, "5.5.4", "no size")
        return int(match[1]), match[2] is not None

    def on_chunk(self, chunk: bytes, is_last: bool) -> None:
        """Answer a chunk."""
        envelope = self.envelope
        if envelope.chunks == "failed":
            self.on_chunk_of_failed(is_last)
        elif envelope.sender is None:
            raise Refusal(503, "5.5.1", "MAIL comes first")
        elif not envelope.recipients:
            self.on_chunk_for_nobody(is_last)
        else:
            self.on_good_chunk(chunk, is_last)

    def on_chunk_of_failed(self, is_last: bool) -> None:
        """Answer a chunk behind one that was refused."""
        is_each = is_last and self.server.lmtp
        for _ in range(self.envelope.failed_recipients if is_each else 1):
            self.reply(503, "5.5.1", "a chunk was refused")
        if is_last:
            self.reset()

    def on_chunk_for_nobody(self, is_last: bool) -> None:
        """Answer a chunk that has no recipients; in LMTP the last has no reply."""
        if is_last and self.server.lmtp:
            self.reset()
        else:
            self.need_recipients()

    def on_good_chunk(self, chunk: bytes, is_last: bool) -> None:
        """Answer a chunk that is where it belongs."""
        envelope = self.envelope
        envelope.chunks = "open"
        envelope.content += chunk
        if is_last:
            self.end_of_message(bytes(envelope.content))
        elif len(envelope.content) > self.MOST_OCTETS:
            self.fail_message()
        else:
            self.reply(250, "2.0.0", "chunk taken")

    def fail_message(self) -> None:
        """Refuse a chunk, and with it its message."""
        self.reply(552, "5.3.4", "message too large")
        recipients = len(self.envelope.recipients)
        self.envelope = Envelope(chunks="failed", failed_recipients=recipients)
