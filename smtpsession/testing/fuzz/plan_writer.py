"""Draws the steps of which plans are made: lines, groups, segments and content."""

from __future__ import annotations

from typing import Final, Literal, TypeVar

from hypothesis import strategies as st

from smtpsession.testing.fuzz.login_steps import login_steps
from smtpsession.testing.fuzz.offer import STRANGER, Offer
from smtpsession.testing.fuzz.plans import HangUp, Plan, Send, Situation, StartTLS, Step
from smtpsession.testing.session_machine_octets import chunk_of, dot_stuffed
from smtpsession.testing.strategies.messages import messages
from smtpsession.testing.strategies.parameters import (
    PARAMETER_EXTENSIONS,
    parameters,
)

T = TypeVar("T")

_SELDOM: Final = st.sampled_from([False] * 7 + [True])
_CUTS: Final = st.sampled_from(["none"] * 8 + ["each", "CR LF", "CRLF", "anywhere"])
_EACH_OCTETS: Final = 24
#: A message that is taken everywhere.
CONTENT: Final = b"Subject: a\r\n\r\na\r\n"
_ENDINGS: Final = ("QUIT", "QUIT", "QUIT", "NOOP and QUIT", "RSET and QUIT", "none")


class PlanWriter:
    """One plan while it is being drawn.

    Args:
        draw: draws from a strategy.
        offer: what the server offers.
    """

    def __init__(self, draw: st.DrawFn, offer: Offer) -> None:
        self._draw = draw
        self._offer = offer
        self._session = 0
        #: What is drawn so far.
        self.steps: list[Step] = []

    # Drawing and adding.

    def _draws(self, strategy: st.SearchStrategy[T]) -> T:
        return self._draw(strategy)

    def _one_of(self, *choices: T) -> T:
        return self._draw(st.sampled_from(choices))

    def _seldom(self) -> bool:
        return self._draw(_SELDOM)

    def _send(self, octets: bytes, only_in: Situation = "any") -> None:
        cuts = self._cuts(octets)
        self.steps.append(Send(octets, cuts, only_in, self._session))

    def _cuts(self, octets: bytes) -> tuple[int, ...]:
        match self._draw(_CUTS):
            case "each" if len(octets) <= _EACH_OCTETS:
                return tuple(range(1, len(octets)))
            case "CR LF":
                return (octets.rfind(b"\n"),) if len(octets) > 2 else ()
            case "CRLF":
                return (octets.find(b"\r\n"),) if octets.find(b"\r\n") > 0 else ()
            case "anywhere" if len(octets) > 1:
                places = st.integers(1, len(octets) - 1)
                drawn = self._draws(st.sets(places, min_size=1, max_size=4))
                return tuple(sorted(drawn))
            case _:
                return ()

    def _say(self, *lines: str) -> None:
        """Say lines, each for itself, or in one group where that is offered."""
        octets = [self._cased(line).encode() + b"\r\n" for line in lines]
        if len(lines) > 1 and self._offer.is_pipelining and self._one_of(True, False):
            octets = [b"".join(octets)]
        for piece in octets:
            self._send(piece)

    def _cased(self, line: str) -> str:
        # RFC 5321 2.4: the case of verbs does not matter.
        if self._seldom():
            verb, space, rest = line.partition(" ")
            return verb.lower() + space + rest
        return line

    # Lines.

    def _hello(self) -> str:
        verb = self._offer.hello
        if verb == "EHLO" and self._seldom():
            verb = "HELO"
        return f"{verb} a.example"

    def _mail(self) -> str:
        return f"MAIL FROM:<{self._sender()}>" + self._parameters("MAIL")

    def _sender(self) -> str:
        return "" if self._seldom() else self._offer.sender

    def _parameters(self, command: Literal["MAIL", "RCPT"]) -> str:
        names = [name for name in PARAMETER_EXTENSIONS if name in self._offer.keywords]
        if "BINARYMIME" in names and "CHUNKING" not in self._offer.keywords:
            names.remove("BINARYMIME")
        if not names or not self._seldom():
            return ""
        valid = not self._seldom()
        return self._draws(parameters(command=command, extensions=names, valid=valid))

    def _rcpt(self) -> str:
        known = self._offer.recipients or (STRANGER,)
        recipient = STRANGER if self._seldom() else self._one_of(*known)
        return f"RCPT TO:<{recipient}>" + self._parameters("RCPT")

    def _envelope(self) -> list[str]:
        recipients = [self._rcpt() for _ in range(self._one_of(1, 1, 1, 2, 3))]
        return [self._mail(), *recipients]

    def _good_envelope(self) -> list[str]:
        known = self._offer.recipients or (STRANGER,)
        return [f"MAIL FROM:<{self._offer.sender}>", f"RCPT TO:<{known[0]}>"]

    # The parts of a session.

    def begin(self, *, logs_in: bool = True) -> None:
        """Say hello, behind STARTTLS and before AUTH where these are wanted."""
        offer = self._offer
        if offer.begins_tls:
            self._send(f"{offer.hello} a.example\r\n".encode())
            self._start_tls()
        if not self._seldom():
            self._send(f"{self._hello()}\r\n".encode())
        if logs_in and offer.has_user and not self._seldom():
            self._log_in()

    def _start_tls(self, injected: bytes = b"") -> None:
        self.steps.append(Send(b"STARTTLS\r\n" + injected, (), "any", self._session))
        self.steps.append(StartTLS(self._session))

    def _log_in(self) -> None:
        for step in login_steps(self._offer.mechanisms):
            self._send(step.octets, step.only_in)

    def end(self) -> None:
        """Say QUIT, or hang up."""
        match self._draw(st.sampled_from(_ENDINGS)):
            case "QUIT":
                self._say("QUIT")
            case "NOOP and QUIT":
                self._say("NOOP", "QUIT")
            case "RSET and QUIT":
                self._say("RSET")
                self._say("QUIT")
            case _:
                self.steps.append(HangUp(self._session))

    def _content(self, content: bytes = CONTENT) -> None:
        """Say DATA, and the content behind 354."""
        self._send(b"DATA\r\n")
        end = b".\r\n" if not content or content.endswith(b"\r\n") else b"\r\n.\r\n"
        self._send(dot_stuffed(content) + end, "content")

    def _any_content(self) -> bytes:
        return self._draws(messages(well_formed=True, eight_bit=False))

    def _message(self) -> None:
        if "CHUNKING" in self._offer.keywords and self._one_of(True, False):
            self._send(chunk_of(CONTENT, last=True))
        else:
            self._content()


def wrong_login(offer: Offer) -> Plan:
    """Give a plan that authenticates wrongly, and does nothing else."""
    hello = Send(f"{offer.hello} a.example\r\n".encode())
    steps: list[Step] = [hello]
    if offer.begins_tls:
        steps += [Send(b"STARTTLS\r\n"), StartTLS(), hello]
    return Plan((*steps, *login_steps(offer.mechanisms, is_wrong=True)))
