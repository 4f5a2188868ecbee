"""How the model reads replies (RFC 5321 4.2): code, hyphen or space, text, CRLF."""

from __future__ import annotations

import attrs


@attrs.frozen
class SeenReply:
    """One reply, of one line or several."""

    code: int
    #: The texts behind the code, a line each.
    lines: tuple[str, ...]
    #: What is wrong with its form; "" if nothing is.
    fault: str = ""
    #: In spite of that, it is one reply, and what it does is known.
    is_sure: bool = True
    #: As it was received.
    octets: bytes = attrs.field(default=b"", eq=False, repr=False)

    @property
    def is_positive(self) -> bool:
        """It accepts, or asks for more (2yz, 3yz)."""
        return 200 <= self.code < 400

    @property
    def keywords(self) -> dict[str, str]:
        """What a hello's reply offers: keywords and their parameters (4.1.1.1)."""
        offered: dict[str, str] = {}
        for line in self.lines[1:]:
            keyword, _, parameters = line.upper().partition(" ")
            if keyword.startswith("AUTH="):
                # Some clients of old wait for it.
                keyword, parameters = "AUTH", f"{keyword[5:]} {parameters}"
            known = offered.get(keyword, "")
            offered[keyword] = f"{known} {parameters}".strip()
        return offered

    def __str__(self) -> str:
        if not self.code:
            return repr(self.octets)
        return " / ".join(f"{self.code} {line}".rstrip() for line in self.lines)


def take_reply(octets: bytearray) -> SeenReply | None:
    """Take one whole reply from the front of *octets*; None if there is none yet."""
    lines: list[bytes] = []
    start = 0
    while True:
        end = octets.find(b"\r\n", start)
        if end < 0:
            return None
        lines.append(bytes(octets[start:end]))
        start = end + 2
        if lines[-1][3:4] != b"-":
            break
    del octets[:start]
    return _reply(lines)


def _reply(lines: list[bytes]) -> SeenReply:
    fault = next((fault for line in lines if (fault := _fault(line, lines[0]))), "")
    code = lines[0][:3]
    texts = tuple(line[4:].decode("latin-1") for line in lines)
    return SeenReply(
        code=int(code) if _has_code(lines[0]) else 0,
        lines=texts,
        fault=fault,
        is_sure=all(_is_sure(line, lines[0]) for line in lines),
        octets=b"".join(line + b"\r\n" for line in lines),
    )


def _is_sure(line: bytes, first: bytes) -> bool:
    # A bare CR or LF may hide where one reply ends and the next begins.
    return (
        _has_code(line)
        and line[:1] == first[:1]
        and not any(octet in line for octet in b"\r\n")
    )


def _has_code(line: bytes) -> bool:
    code = line[:3]
    return code.isdigit() and len(code) == 3 and code[:1] in b"2345"


def _fault(line: bytes, first: bytes) -> str:
    code = line[:3]
    if not _has_code(line):
        return f"no reply code in {line!r}"
    if code != first[:3]:
        return f"two codes in one reply, {first[:3]!r} and {code!r}"
    if line[3:4] not in (b" ", b"-", b""):
        return f"neither space nor hyphen behind the code of {line!r}"
    return ""
