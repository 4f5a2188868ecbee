"""A whole session, written down from its first moment to its last."""

import time
from typing import Any

import trio

from smtpsession import Address, Authentication, Handler, Message, Session

PASSWORDS = {"bob": "builder"}


class Tracker(Handler):
    """Tells each event of each session on a line that begins with the session's id."""

    def tell(self, session: Session, text: str) -> None:
        """Print one line."""
        print(f"[{session.id}] {text}", flush=True)

    async def on_connect(self, session: Session) -> None:
        """Note when the session began."""
        session.start_time = time.monotonic()
        self.tell(session, f"Connected from {session.remote_address}")

    async def on_secure(self, session: Session, stream: trio.SSLStream[Any]) -> None:
        """Keep what is known of TLS."""
        session.tls_info = session.tls_options
        self.tell(session, f"Upgraded to TLS, {stream.version()}")

    async def on_auth(self, session: Session, auth: Authentication) -> object:
        """Let in who knows the password."""
        self.tell(session, f"Auth attempt: {auth.username}")
        if await auth.verify(PASSWORDS.get(auth.username)):
            return {"email": auth.username}
        return None

    async def on_mail_from(self, session: Session, address: Address) -> None:
        """Tell the sender."""
        self.tell(session, f"MAIL FROM: {address.address}")

    async def on_rcpt_to(self, session: Session, address: Address) -> None:
        """Tell the recipient, and how many there were before it."""
        before = len(session.envelope.rcpt_to)
        self.tell(session, f"RCPT TO: {address.address} after {before} others")

    async def on_data(self, session: Session, message: Message) -> str:
        """Count the content as it comes in."""
        self.tell(session, "Receiving message...")
        octets = 0
        async for chunk in message:
            octets += len(chunk)
        self.tell(session, f"Received {octets} octets")
        return "Message accepted"

    async def on_close(self, session: Session) -> None:
        """Tell how it went."""
        seconds = time.monotonic() - session.start_time
        self.tell(session, f"Closed after {seconds * 1000:.0f}ms")
        user = session.user["email"] if session.user else "none"
        self.tell(session, f"  User: {user}")
        self.tell(session, f"  Transactions: {session.transaction}")
        self.tell(session, f"  Secure: {session.secure}")
