"""What MAIL and RCPT say, and the envelope that comes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

#: A parameter's name in upper case, and its value.
Parameter = tuple[str, str | None]


class Refusal(Exception):
    """A command is answered with this reply instead."""

    def __init__(self, code: int, enhanced: str, text: str) -> None:
        super().__init__(code, enhanced, text)
        self.code = code
        self.enhanced = enhanced
        self.text = text


@dataclass
class Envelope:
    """A mail transaction, or that there is none."""

    #: The path of the sender; None outside of a transaction.
    sender: str | None = None
    #: The parameter BODY in upper case.
    body: str = ""
    recipients: list[str] = field(default_factory=list[str])
    #: A chunk has come, or one was refused (RFC 3030 2).
    chunks: Literal["none", "open", "failed"] = "none"
    #: How many recipients a message had of which a chunk was refused.
    failed_recipients: int = 0
    #: The chunks so far.
    content: bytearray = field(default_factory=bytearray)


_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"
_LOCAL_PART = rf'{_ATOM}(?:\.{_ATOM})*|"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])*"'
_LABEL = r"[A-Za-z0-9\x80-\U0010ffff](?:[A-Za-z0-9\x80-\U0010ffff-]*"
_LABEL += r"[A-Za-z0-9\x80-\U0010ffff])?"
_NAME = rf"{_LABEL}(?:\.{_LABEL})*"
_DOMAIN = rf"{_NAME}|\[[!-Z^-~]+\]"
_PATH = re.compile(
    rf"<(?:(?:@{_NAME}(?:,@{_NAME})*:)?(?P<mailbox>(?P<local>{_LOCAL_PART})"
    rf"@(?P<domain>{_DOMAIN}))|(?P<postmaster>postmaster)|)>",
    re.IGNORECASE,
)
_HELLO_NAME = re.compile(_DOMAIN.replace(r"\x80-\U0010ffff", ""))
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\x80-\U0010ffff]+))?")


def is_hello_name(argument: bytes) -> bool:
    """Say whether it is a domain or an address literal (RFC 5321 4.1.1.1)."""
    return _HELLO_NAME.fullmatch(argument.decode("latin-1")) is not None


def parse_path(
    argument: bytes, prefix: str, *, local_octets: int = 64
) -> tuple[str, list[Parameter]]:
    """Read ``FROM:<path> parameters`` (RFC 5321 4.1.2).

    Raises:
        Refusal: it is none.
    """
    try:
        text = argument.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(501, "5.5.4", "no UTF-8") from error
    path = _PATH.match(text, len(prefix))
    if path is None or text[: len(prefix)].upper() != prefix:
        raise Refusal(501, "5.5.4", "no path")
    local_part, domain = path["local"] or "", path["domain"] or ""
    if len(local_part.encode()) > local_octets or len(domain.encode()) > 255:
        raise Refusal(501, "5.1.7", "path too long")
    mailbox = path["mailbox"] or path["postmaster"] or ""
    return mailbox, _parameters(text[path.end() :])


def _parameters(text: str) -> list[Parameter]:
    if not text:
        return []
    found: list[Parameter] = []
    for word in text.removeprefix(" ").split(" ") if text[0] == " " else [""]:
        match = _PARAMETER.fullmatch(word)
        if match is None:
            raise Refusal(501, "5.5.4", "no parameter")
        found.append((match[1].upper(), match[2]))
    return found
