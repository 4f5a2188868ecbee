"""aiosmtpd in the main thread's event loop, with a handler that keeps nothing.

Usage: python aiosmtpd_server.py PORT
"""

import asyncio
import sys

from aiosmtpd.smtp import SMTP, Envelope, Session


class SinkHandler:
    """Accept every message; aiosmtpd finds the hook by its name."""

    async def handle_DATA(
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Return the reply to a message that aiosmtpd has read to its end."""
        return "250 OK"


def new_protocol() -> SMTP:
    """Return the protocol of one connection.

    The host name is given because aiosmtpd otherwise looks it up for each one.
    """
    return SMTP(SinkHandler(), hostname="server.example.com")


async def serve(port: int) -> None:
    """Serve on the loopback address until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(new_protocol, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
