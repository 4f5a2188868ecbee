"""Content, read naively: all of it as one bytes object, and octet by octet.

Nothing here is shared with what it judges; slow and plain is the point.
"""

from __future__ import annotations

CRLF = b"\r\n"
END_OF_MESSAGE = b"\r\n.\r\n"


def split_message(octets: bytes) -> tuple[bytes, bytes | None]:
    """Find the end of what follows 354: the literal CRLF.CRLF (RFC 5321 4.1.1.4).

    Returns:
        The octets in front of the dot of the end, still stuffed, and those behind the
        end, or None when the end is not there.
    """
    # "The first CRLF is the one that ends the DATA command": as if it were here.
    place = (CRLF + octets).find(END_OF_MESSAGE)
    if place < 0:
        return octets, None
    return octets[:place], octets[place + len(END_OF_MESSAGE) - len(CRLF) :]


def without_beginning_of_end(stuffed: bytes) -> bytes:
    """Give what is certain of a message that has no end: less what may begin it."""
    for octets in (4, 3, 2, 1):
        if (CRLF + stuffed).endswith(END_OF_MESSAGE[:octets]):
            return stuffed[: max(len(stuffed) - octets, 0)]
    return stuffed


def unstuff(stuffed: bytes) -> bytes:
    """Take the first dot of each line away (RFC 5321 4.5.2)."""
    lines = stuffed.split(CRLF)
    return CRLF.join(line[1:] if line.startswith(b".") else line for line in lines)


def without_last_cr(content: bytes) -> bytes:
    """Give what is certain of content that goes on: a CR may get its LF."""
    return content[:-1] if content.endswith(b"\r") else content


def faults(content: bytes, *, bare_lf: bool, nul: bool) -> list[tuple[int, str]]:
    """Tell where which octet is not to be; bare CR always, the others if so said."""
    found: list[tuple[int, str]] = []
    for place in range(len(content)):
        before = content[place - 1 : place] if place else b""
        here = content[place : place + 1]
        behind = content[place + 1 : place + 2]
        if here == b"\r" and behind != b"\n":
            found.append((place, "bare newline"))
        if here == b"\n" and before != b"\r" and bare_lf:
            found.append((place, "bare newline"))
        if here == b"\0" and nul:
            found.append((place, "NUL"))
    return found


def normalize(content: bytes, *, ended: bool) -> bytes:
    """Make a bare LF a CRLF, and drop a lone dot that touches one.

    Args:
        content: without a bare CR.
        ended: it has ended; where not, a lone dot at its end is not certain.
    """
    *lines, last = content.split(b"\n")
    given = b""
    bare_before = False
    for line in lines:
        bare_behind = not line.endswith(b"\r")
        text = line.removesuffix(b"\r")
        if not (text == b"." and (bare_before or bare_behind)):
            given += text + CRLF
        bare_before = bare_behind
    if last == b"." and (bare_before or not ended):
        last = b""
    return given + last


def judge(
    content: bytes, *, normalizes: bool, nul: bool, ended: bool
) -> tuple[bytes, str | None, str | None]:
    """Apply the policy to the content of a message from its beginning.

    Args:
        content: unstuffed, and certain.
        normalizes: bare LF is made CRLF instead of being a fault.
        nul: NUL is a fault.
        ended: nothing of the message follows.

    Returns:
        What is to be handed on, the first fault, and the gravest.
    """
    found = faults(content, bare_lf=not normalizes, nul=nul)
    good = content[: found[0][0]] if found else content
    if normalizes:
        good = normalize(good, ended=ended and not found)
    if not found:
        return good, None, None
    kinds = [kind for _, kind in found]
    return good, kinds[0], "bare newline" if "bare newline" in kinds else "NUL"
