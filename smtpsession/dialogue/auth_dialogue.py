"""AUTH in a dialogue: its exchange of lines (RFC 4954 4).

What a mechanism makes of a response is decided outside, because who asks for a
secret waits for it; here is when a line is a response, and what ends an exchange.
"""

from __future__ import annotations

from typing import Any

from smtpsession.auth.mechanism import Mechanism
from smtpsession.dialogue.command_order import State
from smtpsession.dialogue.dialogue_base import DialogueBase
from smtpsession.dialogue.error_counts import AUTH_FAILURE_DELAY
from smtpsession.dialogue.events import SlowDown
from smtpsession.errors import (
    InitialResponseError,
    LocalProtocolError,
    RemoteProtocolError,
    UnknownMechanismError,
)
from smtpsession.wire import replies
from smtpsession.wire.commands import Auth
from smtpsession.wire.events import AuthResponse, Event
from smtpsession.wire.replies import Reply
from smtpsession.wire.strict_base64 import encode_base64


class AuthDialogue(DialogueBase):
    """The part of a dialogue that authenticates."""

    #: The last challenge has told the client that it is refused.
    _has_failed: bool

    def begin_exchange(self) -> Mechanism:
        """Give a new object of the mechanism that the owed AUTH asks for.

        Raises:
            LocalProtocolError: no AUTH is owed.
        """
        event, policy = self._owed, self._settings.auth
        if not isinstance(event, Auth) or policy is None:
            raise LocalProtocolError("begin_exchange() without AUTH")
        return policy.begin(policy.mechanisms[event.mechanism], self.session)

    def challenge(self, data: bytes, *, refuses: bool = False) -> None:
        """Answer the owed AUTH, or response in it, with a challenge.

        The next event is ``AuthResponse`` then, or ``state`` has left AUTH because the
        client gave up or its line was no response; it has been told so.

        Args:
            data: the octets of the challenge.
            refuses: they say that the user is refused for good (RFC 7628 3.2.3), so
                that to give up afterwards is a failed attempt all the same.

        Raises:
            LocalProtocolError: neither is owed.
        """
        line = b"334 " + encode_base64(data) + b"\r\n"
        self._take_owed()
        if self._parser.buffered_octets:
            # The mechanism had promised to need no more than its initial response.
            self._end(replies.SYNCHRONIZATION)
            return
        self._has_failed = refuses
        self._replies.put_line(line)
        self._enter(State.AUTH)
        self._parser.begin_auth_line()

    def accept_user(self, user: Any) -> None:
        """Answer the owed AUTH, or response in it, with 235: *user* is in.

        Raises:
            LocalProtocolError: neither is owed.
        """
        event = self._take_owed()
        self.session.user = user
        self._settle(event, None)

    def _take_owed(self) -> Event:
        event = self._owed
        if not isinstance(event, (Auth, AuthResponse)):
            raise LocalProtocolError("no AUTH exchange is waiting for an answer")
        self._owed = None
        return event

    def _read_auth(self, event: Auth) -> Event | None:
        if self._is_one_too_many(Auth):
            return None
        refusal = self._refusal(Auth)
        if refusal is not None:
            self._refuse(refusal)
            return None
        mechanism = self._mechanism(event.mechanism)
        if mechanism is None:
            self._refuse_by(UnknownMechanismError())
            return None
        is_whole = mechanism.one_round_trip and event.initial is not None
        if self._parser.buffered_octets and not is_whole:
            # They would be taken for a response, or a response for a command.
            self._end(replies.SYNCHRONIZATION)
            return None
        if mechanism.server_first and event.initial is not None:
            self._refuse_by(InitialResponseError())
            return None
        return self._ask(event)

    def _mechanism(self, name: str) -> type[Mechanism] | None:
        policy = self._settings.auth
        return None if policy is None else policy.available(self.session).get(name)

    def _read_auth_response(self, event: AuthResponse) -> Event | None:
        if self._parser.buffered_octets:
            self._end(replies.SYNCHRONIZATION)
            return None
        return self._ask(event)

    def _read_bad_auth_line(self, error: RemoteProtocolError) -> None:
        self._enter(State.READY)
        if self._parser.buffered_octets:
            self._end(replies.SYNCHRONIZATION)
            return
        self._refuse_by(error)
        if self._has_failed and not self.is_over:
            self._count_failure()

    def _refuse_auth(self, reply: Reply) -> None:
        """Refuse a user; one that is refused for good is a failure that counts."""
        self._refuse(reply)
        if reply.code // 100 == 5:
            self._count_failure()

    def _count_failure(self) -> None:
        if self._counts.count_auth_failure() and not self.is_over:
            self._end(replies.TOO_MANY_AUTH_FAILURES)
        self._told = SlowDown(AUTH_FAILURE_DELAY)
