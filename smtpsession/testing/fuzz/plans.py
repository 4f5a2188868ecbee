"""What a client does to a server, written down before it is done.

A plan is a value: it can be drawn, shortened, stored and repeated. Its steps do not
look at replies; those that make sense in one situation only say so, and are left out
elsewhere.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from typing import Any, Final, Literal, cast, get_args

import attrs

from smtpsession.testing.fuzz.secrets import Secrets

#: The number of the format of a stored plan.
FORMAT: Final = 1

#: When octets are sent: always, where a message's content is due, inside AUTH, or
#: behind an accepted MAIL.
Situation = Literal["any", "content", "auth", "transaction"]


@attrs.frozen
class Send:
    """Send octets, and wait for the replies that are due to them.

    Cuts that leave a segment empty are no cuts: the same steps are equal.
    """

    #: A secret stands in them as its name, see ``Secrets``.
    octets: bytes
    #: Where segments begin, in octets, ascending.
    cuts: tuple[int, ...] = ()
    #: The situation without which the step is left out.
    only_in: Situation = "any"
    #: The ordinal of the connection; several are open side by side.
    session: int = 0

    def __attrs_post_init__(self) -> None:
        inside = (cut for cut in set(self.cuts) if 0 < cut < len(self.octets))
        object.__setattr__(self, "cuts", tuple(sorted(inside)))


@attrs.frozen
class StartTLS:
    """Begin TLS, if STARTTLS has just been answered with 220 (RFC 3207 4)."""

    session: int = 0


@attrs.frozen
class HangUp:
    """Close the connection; a later step of the session opens another."""

    session: int = 0


#: What a client can do.
Step = Send | StartTLS | HangUp


@attrs.frozen
class Plan:
    """Steps on one connection or several, each opened when its first step comes."""

    steps: tuple[Step, ...]

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    @property
    def has_cuts(self) -> bool:
        """Some octets are sent in several segments."""
        return any(isinstance(step, Send) and step.cuts for step in self.steps)

    @property
    def needs_secrets(self) -> bool:
        """Some octets are a user's."""
        sent = [step.octets for step in self.steps if isinstance(step, Send)]
        return any(name in octets for octets in sent for name in Secrets.NAMES)

    def whole(self) -> Plan:
        """Give the same plan with each step's octets in one segment."""
        return Plan(
            tuple(
                attrs.evolve(step, cuts=()) if isinstance(step, Send) else step
                for step in self.steps
            )
        )

    def to_json(self) -> list[dict[str, Any]]:
        """Give the steps as values of JSON; octets are characters up to U+00FF."""
        return [_to_json(step) for step in self.steps]

    @classmethod
    def from_json(cls, given: object) -> Plan:
        """Read what ``to_json`` has given.

        Raises:
            ValueError: it is no list of steps; the message says which one is wrong,
                counted from 0.
        """
        if not isinstance(given, list):
            raise ValueError("steps must be a list")
        steps = cast(list[object], given)
        return cls(tuple(_from_json(step, place) for place, step in enumerate(steps)))


def _to_json(step: Step) -> dict[str, Any]:
    if isinstance(step, StartTLS):
        said: dict[str, Any] = {"do": "start TLS"}
    elif isinstance(step, HangUp):
        said = {"do": "hang up"}
    else:
        said = {"do": "send", "octets": step.octets.decode("latin-1")}
        if step.cuts:
            said["cuts"] = list(step.cuts)
        if step.only_in != "any":
            said["only_in"] = step.only_in
    if step.session:
        said["session"] = step.session
    return said


def _from_json(given: object, place: int) -> Step:
    rest = _members(given)
    match rest.pop("do", None):
        case "start TLS":
            step: Step = StartTLS(_session(rest, place))
        case "hang up":
            step = HangUp(_session(rest, place))
        case "send" if isinstance(text := rest.pop("octets", None), str):
            step = _send(text, rest, place)
        case _:
            raise ValueError(f"step {place} is no step: {_quoted(given)}")
    if rest:
        text = f"step {place} has what it cannot have: {_quoted(next(iter(rest)))}"
        raise ValueError(text)
    return step


def _members(given: object) -> dict[str, Any]:
    return {**cast(dict[str, Any], given)} if isinstance(given, dict) else {}


def _send(text: str, rest: dict[str, Any], place: int) -> Send:
    cuts, only_in = rest.pop("cuts", []), rest.pop("only_in", "any")
    if text and max(text) > "\xff":
        raise ValueError(f"step {place} has characters above U+00FF")
    if not isinstance(cuts, list) or not all(
        type(cut) is int and 0 < cut < len(text) for cut in cast(list[object], cuts)
    ):
        raise ValueError(f"step {place} has cuts that are not inside its octets")
    if only_in not in get_args(Situation):
        raise ValueError(f"step {place} has an unknown only_in: {_quoted(only_in)}")
    return Send(
        text.encode("latin-1"),
        tuple(cast(list[int], cuts)),
        cast(Situation, only_in),
        _session(rest, place),
    )


def _session(rest: dict[str, Any], place: int) -> int:
    session = rest.pop("session", 0)
    if type(session) is not int or not 0 <= session <= 9:
        text = f"step {place} has no session from 0 to 9: {_quoted(session)}"
        raise ValueError(text)
    return session


def _quoted(given: object) -> str:
    """Show what was read, on one line that is not long."""
    return reprlib.repr(given)
