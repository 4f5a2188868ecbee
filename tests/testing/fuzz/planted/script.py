"""What shows a fault: a few lines of a client, and the codes of the replies."""

from __future__ import annotations

from dataclasses import dataclass

from tests.testing.fuzz.planted.playing import Step
from tests.testing.fuzz.planted.session import PlantedSession

EHLO = b"EHLO c.example\r\n"
LHLO = b"LHLO c.example\r\n"
MAIL = b"MAIL FROM:<a@c.example>\r\n"
RCPT = b"RCPT TO:<a@planted.example>\r\n"
RCPT_B = b"RCPT TO:<b@planted.example>\r\n"
BAD_RCPT = b"RCPT TO:<a@other.example>\r\n"
DATA = b"DATA\r\n"
NOOP = b"NOOP\r\n"
STARTTLS = b"STARTTLS\r\n"
#: The right credentials, and others.
AUTH = b"AUTH PLAIN AHVzZXIAc2VjcmV0\r\n"
WRONG_AUTH = b"AUTH PLAIN AHVzZXIAd3Jvbmc=\r\n"
#: Behind it, DATA or BDAT is in order.
BEGIN = EHLO + MAIL + RCPT
LMTP_BEGIN = LHLO + MAIL + RCPT
#: A whole message.
MESSAGE = MAIL + RCPT + DATA + b"x\r\n.\r\n"
#: A chunk larger than SIZE offers.
HUGE_CHUNK = b"BDAT 140000\r\n" + b"x" * 140_000


@dataclass(frozen=True)
class Script:
    """What is sent, and the codes that come behind the greeting, ``?`` for no code."""

    steps: list[Step]
    right: str
    wrong: str


#: By the fault that they show.
Scripts = dict[type[PlantedSession], Script]
