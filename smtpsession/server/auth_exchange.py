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
        #: Nobody waits for an answer any more: that, or the connection is lost.
        self._is_gone = False
        #: A challenge was sent, and its response has not come.
        self._awaits_response = False
        #: ``on_auth`` has returned.
        self._is_decided = False
        #: ``verify`` is at work, or has asked the client.
        self._is_asked = False
        #: Whether a secret was proven; None while there was none to be proven.
        self._verified: bool | None = None
        #: There is no such user, the handler says.
        self._is_nobody = False
        #: The mechanism cannot work with the user's secret.
        self._is_unfit = False
        self._iterations = ITERATIONS

    async def run(self, event: Auth) -> None:
        """Let the client in, or refuse it."""
        try:
            said = await self._outcome(event)
        except ClientGone:
            if self._given_up:
                return
            raise
        if isinstance(said, User):
            self._dialogue.accept_user(said.user)
        else:
            self._dialogue.answer(said)

    async def _outcome(self, event: Auth) -> User | Reply:
        """Give the user who is in, or the reply that refuses."""
        try:
            self._mechanism: Mechanism = self._dialogue.begin_exchange()
            claim = await self._claim(event.initial)
            said = await self._ask(Authentication(event.mechanism, claim, self._verify))
            final = self._mechanism.finish(accepted=isinstance(said, User))
            if final is not None:
                refuses = isinstance(said, Reply) and said.code // 100 == 5
                await self._respond(final, refuses=refuses)
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
        self._is_decided = True
        if self._is_gone:
            raise ClientGone
        if self._awaits_response:
            # The hook has not waited for verify(). What comes must not be a command.
            await self._response()
        if not isinstance(said, User):
            return await self._like_any_other(said)
        if self._mechanism.needs_verify and not self._verified:
            return self._unproven()
        return said if authentication.is_considered else replies.AUTH_FAILED

    async def _like_any_other(self, refusal: Reply) -> Reply:
        """Play a refused attempt to its end, as that of a wrong password.

        An unknown user is not to be told from a known one, nor is one whose secret is
        of a kind that the mechanism cannot work with: that is only logged.
        """
        is_nobody = self._is_nobody or refusal.code == replies.AUTH_FAILED.code
        if (is_nobody or self._is_unfit) and not (
            self._verified is not None or self._is_asked
        ):
            await self._check(None, self._iterations)
        return replies.AUTH_FAILED if self._is_unfit else refusal

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
        if self._is_decided:
            raise LocalProtocolError("auth.verify() after on_auth has returned")
        if secret is None:
            # Nothing can be proven, so the exchange takes its course after the hook:
            # another handler may know the user.
            self._is_nobody, self._iterations = True, iterations
            return False
        if self._is_asked:
            raise LocalProtocolError(
                f"auth.verify() can be asked only once with {self._mechanism.name}"
            )
        return await self._check(secret, iterations)

    async def _check(self, secret: Secret, iterations: int) -> bool:
        try:
            found = await self._proof_of(secret, iterations)
        except AuthenticationFailedError:
            found = False
        self._verified = found or bool(self._verified)
        return found

    async def _proof_of(self, secret: Secret, iterations: int) -> bool:
        self._is_asked = True
        found: Challenge | bool = False
        try:
            # The work is done on purpose, and long enough for others to wait for it.
            found = await trio.to_thread.run_sync(
                lambda: self._mechanism.verify(secret, iterations=iterations)
            )
        except (TypeError, ValueError):
            self._is_unfit, self._iterations = True, iterations
            raise
        finally:
            # Who has asked the client cannot ask again; others may try more secrets.
            self._is_asked = isinstance(found, Challenge)
        if isinstance(found, Challenge):
            return self._mechanism.prove(await self._respond(found))
        return found

    async def _respond(self, challenge: Challenge, *, refuses: bool = False) -> bytes:
        """Send a challenge and give the client's response.

        Raises:
            ClientGone: the client is gone, or has given up.
        """
        self._dialogue.challenge(challenge.data, refuses=refuses)
        self._awaits_response = True
        return await self._response()

    async def _response(self) -> bytes:
        self._hooks.pause()
        try:
            response = await self._next_response()
        except ClientGone:
            self._is_gone = True
            raise
        finally:
            self._io.stop_clock()
            self._hooks.resume()
        self._awaits_response = False
        return response

    async def _next_response(self) -> bytes:
        dialogue = self._dialogue
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
