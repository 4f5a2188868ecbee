"""Writes a dialogue by drawing, and knows the state that it is in.

Theory of operation: the writer makes units, each a command, a line or content, in an
order that RFC 5321 4.1.4 allows, as if the server accepted all of it. A unit says
whether another may follow without waiting for its reply (RFC 2920 3.1); at the end,
units are joined to groups, and the ending is drawn. A violation replaces a unit, adds
one, or joins two that must not be.
"""

from __future__ import annotations

import base64
import functools
import itertools
from typing import Literal, TypeVar

import attrs
from hypothesis import strategies as st

from smtpsession.testing.strategies.addresses import addresses, hostile_addresses
from smtpsession.testing.strategies.almost_valid_addresses import (
    almost_valid_addresses,
)
from smtpsession.testing.strategies.client_steps import (
    ClientDialogue,
    HangUp,
    Send,
    StartTLS,
    Step,
)
from smtpsession.testing.strategies.command_lines import command_lines
from smtpsession.testing.strategies.dialogue_options import DialogueOptions
from smtpsession.testing.strategies.domains import address_literals, domains
from smtpsession.testing.strategies.messages import messages
from smtpsession.testing.strategies.parameters import parameters
from smtpsession.wire.dot_stuffing import dot_stuff

T = TypeVar("T")

_SELDOM = st.sampled_from([False] * 7 + [True])
_HELLO_NAMES = domains() | address_literals()
_ASIDES = st.sampled_from([b"NOOP", b"HELP", b"VRFY a", b"NOOP a", b"noop", b"EXPN a"])


@attrs.frozen
class _Unit:
    """What is sent without looking at a reply in between."""

    octets: bytes
    #: What follows may be sent without waiting for the reply.
    may_continue: bool = False


class DialogueWriter:
    """One dialogue while it is being drawn.

    Args:
        draw: draws from a strategy.
        options: what the dialogue may hold.
    """

    def __init__(self, draw: st.DrawFn, options: DialogueOptions) -> None:
        self._draw = draw
        self._options = options
        self._units: list[_Unit | StartTLS] = []
        self._extended = True
        self._secure = False

    def write(self) -> ClientDialogue:
        """Draw the whole dialogue."""
        if not self._breaks_a_rule():
            self._say_hello()
        if self._options.starttls and self._draws(st.booleans()):
            self._start_tls()
        if self._options.auth and (self._secure or not self._options.starttls):
            self._authenticate()
        for _ in range(self._draws(st.integers(0, 3))):
            self._write_transaction()
        return self._finished()

    # Drawing.

    def _draws(self, strategy: st.SearchStrategy[T]) -> T:
        return self._draw(strategy)

    def _breaks_a_rule(self) -> bool:
        return self._options.allow_violations and self._draws(_SELDOM)

    def _add(self, octets: bytes, *, may_continue: bool = False) -> None:
        if self._breaks_a_rule():
            self._units.append(_Unit(self._draws(_stray(self._options.lmtp))))
        continues = may_continue and self._extended and self._options.pipelining
        self._units.append(_Unit(octets, continues))

    def _add_line(self, line: str, *, may_continue: bool = False) -> None:
        self._add(line.encode() + b"\r\n", may_continue=may_continue)

    # The parts of a session.

    def _say_hello(self) -> None:
        verb = "LHLO"
        if not self._options.lmtp:
            # RFC 5321 4.1.1.1: what HELO opens has no extensions.
            verb = self._draws(st.sampled_from(["EHLO", "EHLO", "EHLO", "HELO"]))
        self._extended = verb != "HELO"
        self._add_line(f"{verb} {self._draws(_HELLO_NAMES)}")

    def _start_tls(self) -> None:
        # RFC 3207 4.2: the client says hello anew.
        if not self._extended:
            return
        injected = b"RSET\r\n" if self._breaks_a_rule() else b""
        self._add(b"STARTTLS\r\n" + injected)
        self._units.append(StartTLS())
        self._secure = True
        self._say_hello()

    def _authenticate(self) -> None:
        if not self._extended:
            return
        name, password = self._options.credentials
        for outcome in self._draws(st.sampled_from(_ATTEMPTS)):
            # RFC 4954 4: "*" gives an exchange up.
            exchanges = [["AUTH PLAIN", "*"], ["AUTH LOGIN", _base64(name), "*"]]
            if outcome != "given up":
                said = password if outcome == "right" else password + "x"
                exchanges = _exchanges(name, said)
            for line in self._draws(st.sampled_from(exchanges)):
                self._add_line(line)

    # A mail transaction.

    def _write_transaction(self) -> None:
        options = self._options
        if self._draws(_SELDOM):
            self._say_hello()
        self._say_aside()
        utf8 = "SMTPUTF8" in options.extensions and self._draws(st.booleans())
        utf8 = utf8 and self._extended
        said = self._say_mail(utf8)
        for _ in range(self._draws(st.integers(1, 3))):
            self._say_rcpt(utf8)
            self._say_aside()
        outcomes = ["message"] * 7 + ["RSET"]
        if self._draws(st.sampled_from(outcomes)) == "RSET":
            self._add(b"RSET\r\n", may_continue=True)
        else:
            self._send_content("BINARYMIME" in said, "8BITMIME" in said or utf8)

    def _say_aside(self) -> None:
        if self._draws(_SELDOM):
            self._add(self._draws(_ASIDES) + b"\r\n")

    def _say_mail(self, utf8: bool) -> str:
        said = self._parameters("MAIL", utf8)
        if self._options.senders is not None:
            senders = self._options.senders
        else:
            # RFC 4865 3: somebody must be there to be told.
            null = "HOLD" not in said.upper()
            senders = addresses(smtp_utf8=utf8, allow_null=null)
        if utf8:
            said = f"{said} SMTPUTF8".strip()
        self._say_path(b"MAIL FROM:", senders, said, utf8)
        return said

    def _say_rcpt(self, utf8: bool) -> None:
        recipients = self._options.recipients
        if recipients is None:
            recipients = addresses(smtp_utf8=utf8, allow_postmaster=True)
        self._say_path(b"RCPT TO:", recipients, self._parameters("RCPT", utf8), utf8)

    def _say_path(
        self, start: bytes, mailboxes: st.SearchStrategy[str], said: str, utf8: bool
    ) -> None:
        if self._breaks_a_rule():
            path = self._draws(_dangerous_paths(utf8))
        else:
            path = f"<{self._draws(mailboxes)}>".encode()
        behind = f" {said}".encode() if said else b""
        self._add(start + path + behind + b"\r\n", may_continue=True)

    def _parameters(self, command: Literal["MAIL", "RCPT"], utf8: bool) -> str:
        left_out = set[str]() if self._secure else {"REQUIRETLS"}
        if command == "MAIL" or not utf8:
            # MAIL gets it where the whole transaction is to have it.
            left_out.add("SMTPUTF8")
        names = [name for name in self._options.extensions if name not in left_out]
        valid = not self._breaks_a_rule()
        said = self._draws(parameters(command=command, extensions=names, valid=valid))
        # Drawn also where it is not said: HELO is no simpler to shrink to than EHLO.
        return said if self._extended else ""

    def _send_content(self, binary: bool, eight_bit: bool) -> None:
        if binary and self._options.contents is None:
            contents = messages(binary=True)
        elif self._breaks_a_rule():
            contents = messages()
        elif self._options.contents is not None:
            contents = self._options.contents
        else:
            contents = messages(well_formed=True, eight_bit=eight_bit)
        content = self._draws(contents)
        chunked = self._options.chunking and self._draws(st.booleans())
        if binary or (chunked and self._extended):
            self._send_chunks(content)
        else:
            self._send_data(content)

    def _send_data(self, content: bytes) -> None:
        self._add(b"DATA\r\n")
        stuffed = (
            content + b"\r\n.\r\n" if self._breaks_a_rule() else dot_stuff(content)
        )
        self._add(stuffed, may_continue=True)

    def _send_chunks(self, content: bytes) -> None:
        places = self._draws(st.sets(st.integers(0, len(content)), max_size=3))
        bounds = [0, *sorted(places), len(content)]
        for start, end in itertools.pairwise(bounds[:-1]):
            self._send_chunk(content[start:end], b"")
        if self._draws(_SELDOM):
            # RFC 3030 2: a message may be given up between two chunks.
            self._add(b"RSET\r\n", may_continue=True)
        else:
            self._send_chunk(content[bounds[-2] :], b" LAST")

    def _send_chunk(self, chunk: bytes, last: bytes) -> None:
        octets = len(chunk) + (1 if self._breaks_a_rule() else 0)
        command = b"BDAT %d%s\r\n" % (octets, last)
        self._add(command + chunk, may_continue=True)

    # The end.

    def _finished(self) -> ClientDialogue:
        ending = self._draws(st.sampled_from(["QUIT"] * 6 + ["hang up", "cut off"]))
        if ending == "QUIT":
            self._add(b"QUIT\r\n")
        steps = self._grouped()
        if ending == "QUIT":
            return ClientDialogue(tuple(steps))
        if ending == "cut off":
            steps = self._cut_off(steps)
        return ClientDialogue((*steps, HangUp()))

    def _grouped(self) -> list[Step]:
        steps: list[Step] = []
        may_join = False
        for unit in self._units:
            if isinstance(unit, StartTLS):
                steps.append(unit)
                may_join = False
                continue
            before = steps[-1] if steps else None
            # Drawn also where it has no say, so that shrinking favours no other hello.
            joins = self._draws(st.booleans()) and may_join
            if joins and isinstance(before, Send):
                steps[-1] = Send(before.octets + unit.octets)
            else:
                steps.append(Send(unit.octets))
            may_join = unit.may_continue or self._breaks_a_rule()
        return steps

    def _cut_off(self, steps: list[Step]) -> list[Step]:
        last = b"".join(step.octets for step in steps[-1:] if isinstance(step, Send))
        kept = last[: self._draws(st.integers(0, max(len(last) - 1, 0)))]
        return steps[:-1] + ([Send(kept)] if kept else [])


#: What becomes of the attempts to authenticate; after "right" there is no other.
_ATTEMPTS = (
    *(("right",), ("wrong", "right"), ("given up", "right"), ("right",)),
    *(("wrong",), ()),
)


def _exchanges(name: str, password: str) -> list[list[str]]:
    """Give the lines of PLAIN (RFC 4616) and LOGIN, with initial responses or not."""
    plain = _base64(f"\0{name}\0{password}")
    user, secret = _base64(name), _base64(password)
    return [
        [f"AUTH PLAIN {plain}"],
        ["AUTH PLAIN", plain],
        ["AUTH LOGIN", user, secret],
        [f"AUTH LOGIN {user}", secret],
    ]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


@functools.cache
def _dangerous_paths(utf8: bool) -> st.SearchStrategy[bytes]:
    hostile = hostile_addresses(smtp_utf8=utf8)
    return hostile.map(lambda text: f"<{text}>".encode()) | almost_valid_addresses()


@functools.cache
def _stray(lmtp: bool) -> st.SearchStrategy[bytes]:
    """Give a line that has no business where it comes."""
    return command_lines(lmtp=lmtp)
