"""A server in a thread of the test, which writes down what each session knew."""

from __future__ import annotations

import concurrent.futures
import contextlib
import threading
from typing import TYPE_CHECKING, Any

import pytest
import trio
from attrs import field, frozen

from smtpsession import Handler, Reject, open_unix_listener, serve_listeners
from tests.peers.deadlines import WAIT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    from smtpsession import Address, Config, Message, Server, Session
    from smtpsession.authentication import Authentication
    from smtpsession.handler import HookResults

    Verdict: TypeAlias = Callable[["Delivery"], HookResults]

#: How long sessions may take to end when the server is stopped, in seconds.
DRAIN_SECONDS = 5.0


@frozen(kw_only=True)
class Delivery:
    """One message as its handler saw it, with what the session knew at that time."""

    session_id: str
    transaction: int
    remote_address: str
    remote_port: int
    transport_peer: tuple[str, int]
    client_hostname: str
    host_name_appears_as: str | None
    transmission_type: str
    user: object
    xclient: dict[str, str | int | None]
    xforward: dict[str, str | int | None]
    sender: str
    recipients: list[str]
    body_type: str
    content: bytes = field(repr=False)

    @classmethod
    def of(cls, session: Session, content: bytes) -> Delivery:
        """Write down a session in the middle of a mail transaction."""
        sender = session.envelope.mail_from
        assert sender is not None
        return cls(
            session_id=session.id,
            transaction=session.transaction,
            remote_address=session.remote_address,
            remote_port=session.remote_port,
            transport_peer=session.transport_peer,
            client_hostname=session.client_hostname,
            host_name_appears_as=session.host_name_appears_as,
            transmission_type=session.transmission_type,
            user=session.user,
            xclient=dict(session.xclient),
            xforward=dict(session.xforward),
            sender=sender.address,
            recipients=[each.address for each in session.envelope.rcpt_to],
            body_type=session.envelope.body_type,
            content=content,
        )


def accept(delivery: Delivery) -> None:
    """Accept the message for every recipient."""


class Recorder(Handler):
    """Writes each message down and answers as the test says.

    Args:
        verdict: what ``on_data`` answers or raises; it is called in a thread of its
            own, so that it may do things that block.
    """

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict
        self._changed = threading.Condition()
        self._deliveries: list[Delivery] = []

    async def on_data(self, session: Session, message: Message) -> HookResults:
        delivery = Delivery.of(session, await message.read())
        try:
            return await trio.to_thread.run_sync(self._verdict, delivery)
        finally:
            with self._changed:
                self._deliveries.append(delivery)
                self._changed.notify_all()

    @property
    def deliveries(self) -> list[Delivery]:
        """The messages so far, refused ones included."""
        with self._changed:
            return list(self._deliveries)

    def wait_for(self, count: int) -> list[Delivery]:
        """Return all messages once there are so many; fail at the deadline."""
        with self._changed:
            if not self._changed.wait_for(
                lambda: len(self._deliveries) >= count, WAIT_SECONDS
            ):
                pytest.fail(f"{len(self._deliveries)} of {count} messages came")
            return list(self._deliveries)


class Doorkeeper(Recorder):
    """Refuses one recipient at RCPT.

    Args:
        verdict: as for ``Recorder``.
        unknown: the mailbox of whom it does not know.
    """

    def __init__(self, verdict: Verdict, unknown: str) -> None:
        super().__init__(verdict)
        self._unknown = unknown

    async def on_rcpt_to(self, session: Session, address: Address) -> None:
        if address.address == self._unknown:
            raise Reject(550, "nobody of that name", enhanced="5.1.1")


class AuthenticatingRecorder(Recorder):
    """Also writes down who was let in, which is everybody that has a secret.

    Args:
        verdict: as for ``Recorder``.
        users: secrets by user name.
    """

    def __init__(self, verdict: Verdict, users: dict[str, str]) -> None:
        super().__init__(verdict)
        self._users = users
        self.methods: list[str] = []

    async def on_auth(self, session: Session, auth: Authentication) -> object:
        self.methods.append(auth.method)
        if await auth.verify(self._users.get(auth.username)):
            return auth.username
        return None


@frozen
class _Running:
    server: Server
    nursery: trio.Nursery
    token: trio.lowlevel.TrioToken

    def stop(self) -> None:
        """Have the server drain; to be called from another thread."""
        trio.from_thread.run_sync(
            self.nursery.start_soon,
            self.server.drain,
            DRAIN_SECONDS,
            trio_token=self.token,
        )


@contextlib.contextmanager
def recording_server(
    recorder: Recorder, config: Config, *, unix_path: Path | None = None
) -> Iterator[int]:
    """Serve on a free port of 127.0.0.1, or on a Unix socket for owner and group.

    Gives the port, 0 for a Unix socket.
    """
    started: concurrent.futures.Future[_Running] = concurrent.futures.Future()
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        ended = threads.submit(trio.run, _serve, recorder, config, unix_path, started)
        either: list[concurrent.futures.Future[Any]] = [started, ended]
        concurrent.futures.wait(
            either, WAIT_SECONDS, concurrent.futures.FIRST_COMPLETED
        )
        if ended.done():
            ended.result()
        running = started.result(0)
        try:
            yield running.server.addresses[0][1]
        finally:
            running.stop()
            ended.result(WAIT_SECONDS)


async def _serve(
    recorder: Recorder,
    config: Config,
    unix_path: Path | None,
    started: concurrent.futures.Future[_Running],
) -> None:
    listeners: list[trio.abc.Listener[Any]]
    if unix_path is None:
        listeners = [*await trio.open_tcp_listeners(0, host="127.0.0.1")]
    else:
        listeners = [await open_unix_listener(str(unix_path), mode=0o660)]
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(
            lambda task_status: serve_listeners(
                recorder, listeners, config=config, task_status=task_status
            )
        )
        token = trio.lowlevel.current_trio_token()
        started.set_result(_Running(server, nursery, token))
