"""The floor: a Trio program that moves the octets of SMTP and parses nothing.

It tells DATA, QUIT and the end of content apart, because a client needs that,
and answers 250 to every other line.
No Trio server on `trio.SocketStream` that does more can use less CPU.

Usage: python bare_trio_loop.py PORT
"""

import sys
from contextlib import suppress

import trio

RECEIVE_OCTETS = 65536
END_OF_CONTENT = b"\r\n.\r\n"
REPLIES = {
    b"DATA": b"354 End data with <CR><LF>.<CR><LF>\r\n",
    b"QUIT": b"221 Bye\r\n",
}
OK = b"250 OK\r\n"


class ClosedError(Exception):
    """The client closed the connection."""


async def receive(stream: trio.SocketStream) -> bytes:
    """Return the next octets, or raise `ClosedError`."""
    chunk = await stream.receive_some(RECEIVE_OCTETS)
    if not chunk:
        raise ClosedError
    return bytes(chunk)


async def skip_content(stream: trio.SocketStream, received: bytes) -> bytes:
    """Read to the end of content and return the octets that follow it."""
    # The CRLF of the DATA line counts as the first of an empty message's end.
    chunk = b"\r\n" + received
    while (end := chunk.find(END_OF_CONTENT)) < 0:
        chunk = chunk[-4:] + await receive(stream)
    return chunk[end + len(END_OF_CONTENT) :]


async def answer_lines(stream: trio.SocketStream) -> None:
    """Answer one line after the other until the client quits or closes."""
    await stream.send_all(b"220 server.example.com ESMTP\r\n")
    received = b""
    while True:
        while (end := received.find(b"\r\n")) < 0:
            received += await receive(stream)
        verb = received[:4].upper()
        received = received[end + 2 :]
        await stream.send_all(REPLIES.get(verb, OK))
        if verb == b"QUIT":
            return
        if verb == b"DATA":
            received = await skip_content(stream, received)
            await stream.send_all(OK)


async def converse(stream: trio.SocketStream) -> None:
    """Serve one connection, however the client leaves it."""
    with suppress(ClosedError, trio.BrokenResourceError):
        await answer_lines(stream)
    await stream.aclose()


async def main(port: int) -> None:
    """Serve on the loopback address until the process is ended."""
    await trio.serve_tcp(converse, port, host="127.0.0.1")


if __name__ == "__main__":
    trio.run(main, int(sys.argv[1]))
