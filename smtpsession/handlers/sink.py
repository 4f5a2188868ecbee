"""Messages that are read and thrown away."""

from __future__ import annotations

from smtpsession.handler import Handler, SessionT
from smtpsession.message import Message


class SinkHandler(Handler[SessionT]):
    """Accepts each message and throws it away, for tests and measurements."""

    def __init__(self) -> None:
        #: Messages accepted so far.
        self.messages = 0
        #: Octets of content in them.
        self.octets = 0

    async def on_data(self, session: SessionT, message: Message) -> None:
        """Read to the end and count."""
        async for _ in message:
            pass
        self.messages += 1
        self.octets += message.size
