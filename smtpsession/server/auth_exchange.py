"""One attempt to authenticate: a mechanism, its client, and ``on_auth``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio

from smtpsession.auth.mechanism import Challenge, Claim, Mechanism, Secret
from smtpsession.authentication import ITERATIONS, Authentication
from smtpsession.dialogue.command_order import State
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.errors import (
    AuthenticationFailedError,
    ClientGone,
    LocalProtocolError,
)
from smtpsession.server.hook_calls import HookCalls, User
from smtpsession.server.hook_failures import log_error
from smtpsession.server.peer_io import PeerIO
from smtpsession.wire import replies
from smtpsession.wire.commands import Auth
from smtpsession.wire.events import AuthResponse, ConnectionLost, Event
from smtpsession.wire.replies import Reply

_Decide = Callable[[Event], Awaitable[None]]


class AuthExchange:
    """Drives one AUTH command to its end.

    Args:
        io: waits for the client.
        dialogue: owes the answer to AUTH.
        hooks: calls ``on_auth``.
        decide: does what the dialogue asks between two responses.
    """

    def __init__(
        self, io: PeerIO, dialogue: Dialogue, hooks: HookCalls, decide: _Decide
    ) -> None:
        self._io = io
        self._dialogue = dialogue
        self._hooks = hooks
        self._decide = decide
        #: The client gave up, or its response was none; it has been told so.
        self._given_up = False
        #: What ``verify`` has found; None while it was not asked.
        self._verified: bool | None = None
        self._is_played = False

    async def run(self, event: Auth) -> None:
        """Let the client in, or refuse it."""
        self._mechanism: Mechanism = self._dialogue.begin_exchange()
        try:
            said = await self._outcome(event)
        except ClientGone:
            if self._given_up:
                return
            raise
        if self._given_up:
            return
        if isinstance(said, User):
            self._dialogue.accept_user(said.user)
        else:
            self._dialogue.answer(said)

    async def _outcome(self, event: Auth) -> User | Reply:
        """Give the user who is in, or the reply that refuses."""
        try:
            claim = await self._claim(event.initial)
            said = await self._ask(Authentication(event.mechanism, claim, self._verify))
            final = self._mechanism.finish(accepted=isinstance(said, User))
            if final is not None:
                await self._respond(final)
        except AuthenticationFailedError:
            return replies.AUTH_FAILED
        except ClientGone:
            raise
        except Exception as error:
            # A mechanism of somebody's own that fails.
            log_error(self._dialogue.session.id, f"{event.mechanism} failed", error)
            return replies.AUTH_FAILED_FOR_NOW
        return said

    async def _claim(self, initial: bytes | None) -> Claim:
        step = self._mechanism.step(initial)
        while isinstance(step, Challenge):
            step = self._mechanism.step(await self._respond(step))
        return step

    async def _ask(self, authentication: Authentication) -> User | Reply:
        said = await self._hooks.ask_user(authentication)
        if self._given_up:
            raise ClientGone
        if not isinstance(said, User):
            if said is replies.AUTH_FAILED and self._verified is None:
                # An unknown user is not to be told from a wrong password.
                await self._verify(None, ITERATIONS)
            return said
        if self._mechanism.needs_verify and self._verified is not True:
            return self._unproven()
        return said if authentication.is_considered else replies.AUTH_FAILED

    def _unproven(self) -> Reply:
        if self._verified is False:
            return replies.AUTH_FAILED
        log_error(
            self._dialogue.session.id,
            f"on_auth let {self._mechanism.name} in without auth.verify()",
        )
        return replies.AUTH_FAILED_FOR_NOW

    async def _verify(self, secret: Secret, iterations: int) -> bool:
        """Check a secret, as ``Authentication.verify`` says."""
        if self._is_played:
            raise LocalProtocolError(
                f"auth.verify() can be asked only once with {self._mechanism.name}"
            )
        # The work is done on purpose, and long enough for others to wait for it.
        found = await trio.to_thread.run_sync(
            lambda: self._mechanism.verify(secret, iterations=iterations)
        )
        if isinstance(found, Challenge):
            self._is_played = True
            found = self._mechanism.prove(await self._respond(found))
        self._verified = found
        return found

    async def _respond(self, challenge: Challenge) -> bytes:
        """Send a challenge and give the client's response.

        Raises:
            ClientGone: the client is gone, or has given up.
        """
        self._hooks.pause()
        try:
            return await self._response(challenge)
        finally:
            self._hooks.resume()

    async def _response(self, challenge: Challenge) -> bytes:
        dialogue = self._dialogue
        dialogue.challenge(challenge.data)
        while True:
            event = dialogue.next_event()
            match event:
                case AuthResponse():
                    return event.data
                case ConnectionLost():
                    raise ClientGone
                case None if dialogue.state is State.AUTH:
                    await self._io.flush()
                    await self._io.receive_command()
                case None:
                    self._given_up = True
                    raise ClientGone
                case _:
                    await self._decide(event)
