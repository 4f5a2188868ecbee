"""What a server offers and whom it takes mail for, found out before it is fuzzed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import attrs

from smtpsession.testing.fuzz.login_steps import login_steps
from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.fuzz.target import Connection, Target
from smtpsession.testing.model_replies import SeenReply, take_reply

#: Who sends, where nothing else is said.
SENDER: Final = "a@a.example"
#: Somebody whom hardly any server knows.
STRANGER: Final = "nobody-at-all@nowhere.example"
#: How long a second connection may take to be greeted, in seconds.
_NEIGHBOUR_SECONDS: Final = 1.0


class CannotFuzzError(Exception):
    """The server does not get as far as a hello; the message says why."""


@attrs.frozen
class Offer:
    """What is known of a server."""

    #: "EHLO", "LHLO", or "HELO" where it knows no other.
    hello: str
    #: Keywords of its extensions and their parameters, inside TLS where there is some.
    keywords: dict[str, str]
    #: STARTTLS comes first in every session.
    begins_tls: bool
    sender: str
    #: For whom it takes mail; nobody, maybe.
    recipients: tuple[str, ...]
    #: It has checked our user.
    has_user: bool
    #: It takes a second connection while one is open.
    is_concurrent: bool

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms that it offers."""
        return tuple(self.keywords.get("AUTH", "").split())

    @property
    def is_pipelining(self) -> bool:
        """It takes commands in groups (RFC 2920)."""
        return "PIPELINING" in self.keywords


@attrs.frozen(kw_only=True)
class Wishes:
    """What the user knows of the server, and wants."""

    starttls: bool = False
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    #: How long a reply may take, in seconds.
    reply_seconds: float = 5.0


def explore(target: Target, wishes: Wishes, secrets: Secrets | None) -> Offer:
    """Find out what a server offers.

    Raises:
        CannotFuzzError: it takes no connection, greets with something else than 220,
            refuses hello, TLS or the user; the message says which.
    """
    with _Probe(target, wishes.reply_seconds) as probe:
        return _explore(probe, target, wishes, secrets)


def _explore(
    probe: _Probe, target: Target, wishes: Wishes, secrets: Secrets | None
) -> Offer:
    greeting = probe.read()
    if greeting.code != 220:
        raise CannotFuzzError(f"the greeting is {greeting}")
    hello, keywords = _say_hello(probe, target)
    if wishes.starttls:
        reply = probe.say("STARTTLS")
        if reply.code != 220:
            raise CannotFuzzError(f"STARTTLS is answered with {reply}")
        probe.start_tls()
        hello, keywords = _say_hello(probe, target)
    if secrets is not None:
        _log_in(probe, keywords, secrets)
    sender = SENDER if wishes.sender is None else wishes.sender
    name = (greeting.lines[0].split() or ["localhost"])[0]
    recipients = _find_recipients(probe, sender, name, wishes.recipients)
    return Offer(
        hello=hello,
        keywords=keywords,
        begins_tls=wishes.starttls,
        sender=sender,
        recipients=recipients,
        has_user=secrets is not None,
        is_concurrent=_is_concurrent(target),
    )


def _say_hello(probe: _Probe, target: Target) -> tuple[str, dict[str, str]]:
    verb = "LHLO" if target.lmtp else "EHLO"
    reply = probe.say(f"{verb} a.example")
    if reply.code == 250:
        return verb, reply.keywords
    if not target.lmtp and probe.say("HELO a.example").code == 250:
        return "HELO", {}
    raise CannotFuzzError(f"{verb} is answered with {reply}")


def _log_in(probe: _Probe, keywords: dict[str, str], secrets: Secrets) -> None:
    offered = keywords.get("AUTH", "").split()
    if not {"PLAIN", "LOGIN"} & set(offered):
        said = ", ".join(offered) or "no AUTH"
        raise CannotFuzzError(f"a user needs PLAIN or LOGIN; it offers {said}")
    lines = [secrets.fill_in(step.octets) for step in login_steps(offered)]
    # What it says may hold what was said.
    code = [probe.send(line).code for line in lines][-1]
    if code != 235:
        raise CannotFuzzError(f"it refuses the user: {code}")


def _find_recipients(
    probe: _Probe, sender: str, name: str, wanted: Sequence[str]
) -> tuple[str, ...]:
    # RFC 5321 4.5.1: mail for postmaster is taken everywhere.
    guesses = ("postmaster", f"postmaster@{name}", f"a@{name}", "a@a.example")
    if probe.say(f"MAIL FROM:<{sender}>").code != 250:
        return tuple(wanted)
    found = [
        recipient
        for recipient in wanted or guesses
        if probe.say(f"RCPT TO:<{recipient}>").is_positive
    ]
    if wanted and not found:
        raise CannotFuzzError(f"it takes no mail for {', '.join(wanted)}")
    return tuple(found[:2])


def _is_concurrent(target: Target) -> bool:
    try:
        with _Probe(target, _NEIGHBOUR_SECONDS) as probe:
            return probe.read().code == 220
    except CannotFuzzError:
        return False


class _Probe:
    """Says one line after the other."""

    def __init__(self, target: Target, reply_seconds: float) -> None:
        self._target = target
        self._seconds = reply_seconds
        self._octets = bytearray()

    def __enter__(self) -> _Probe:
        try:
            self._connection: Connection = self._target.open()
        except OSError as error:
            text = f"cannot connect to {self._target}: {error.strerror or error}"
            raise CannotFuzzError(text) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def say(self, line: str) -> SeenReply:
        return self.send(line.encode() + b"\r\n")

    def send(self, octets: bytes) -> SeenReply:
        self._connection.send(octets)
        return self.read()

    def read(self) -> SeenReply:
        deadline = time.monotonic() + self._seconds
        while (reply := take_reply(self._octets)) is None:
            self._octets += self._connection.receive(deadline - time.monotonic())
            if self._connection.is_closed:
                raise CannotFuzzError("it closes the connection")
            if time.monotonic() > deadline:
                raise CannotFuzzError(f"no reply within {self._seconds:g} seconds")
        return reply

    def start_tls(self) -> None:
        try:
            self._connection.start_tls()
        except OSError as error:
            raise CannotFuzzError(str(error)) from error
