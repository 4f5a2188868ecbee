"""Every exception of smtpsession; those that answer a peer know their reply.

SMTPSessionError
├── LocalProtocolError          our own caller misused a pure object
├── ProxyHeaderError            a proxy sent no PROXY header; closes without a reply
├── RemoteProtocolError         the peer sent what the RFCs forbid
│   ├── UnknownCommandError         500 5.5.2
│   ├── LineTooLongError            500 5.5.2
│   │   └── LineOverflowError           and closes
│   ├── BareNewlineError            500 5.5.2, closes
│   ├── ForeignProtocolError        421 4.7.0, closes
│   ├── ArgumentSyntaxError         501 5.5.4
│   ├── SenderSyntaxError           501 5.1.7
│   ├── RecipientSyntaxError        501 5.1.3
│   ├── InvalidUTF8Error            501 5.5.2
│   ├── ParameterSyntaxError        501 5.5.4
│   ├── UnknownParameterError       555 5.5.4
│   ├── SenderNeedsUTF8Error        550 5.6.7
│   ├── RecipientNeedsUTF8Error     553 5.6.7
│   ├── DeclaredSizeError           552 5.3.4
│   ├── TooManyRecipientsError      452 4.5.3
│   ├── TooManyTransactionsError    421 4.7.0, closes
│   ├── Base64Error                 501 5.5.2
│   ├── AuthCancelledError          501 5.7.0
│   ├── InitialResponseError        501 5.7.0
│   ├── AuthLineTooLongError        500 5.5.6
│   │   └── AuthLineOverflowError       and closes
│   ├── UnknownMechanismError       504 5.5.4
│   └── AuthenticationFailedError   535 5.7.8
├── Reject                      a handler refuses, with the reply it wants
│   ├── MessageTooLarge             552 5.3.4
│   └── ContentRefused              550 5.5.2 or 554 5.6.0
└── ClientGone                  the client vanished while a message was read
    └── MessageAborted              or gave up the message, but not the session
"""

from __future__ import annotations

import re
from typing import ClassVar

# RFC 5321 4.2: textstring = 1*(%d09 / %d32-126), and an empty text may be left out.
_REPLY_TEXT = re.compile(r"[\t\x20-\x7e]*")
# RFC 3463 2: status-code = class "." subject "." detail
_ENHANCED = re.compile(r"([245])\.(?:0|[1-9][0-9]{0,2})\.(?:0|[1-9][0-9]{0,2})")


def require_reply_code(code: object, lowest: int, highest: int) -> None:
    """Raise unless *code* is an int within lowest to highest (RFC 5321 4.2).

    Raises:
        TypeError: code is no int.
        ValueError: code is out of range, or its second digit is above 5.
    """
    if not isinstance(code, int) or isinstance(code, bool):
        raise TypeError(f"reply code must be an int, got {code!r}")
    if not lowest <= code <= highest or code // 10 % 10 > 5:
        raise ValueError(
            f"reply code must be within {lowest} to {highest} with a second digit"
            f" of at most 5, got {code}"
        )


def require_reply_text(text: object) -> None:
    """Raise unless *text* may stand in one reply line (RFC 5321 4.2).

    Raises:
        TypeError: text is no str.
        ValueError: text holds CR, LF, another control or a non-ASCII character.
    """
    if not isinstance(text, str):
        raise TypeError(f"reply text must be a str, got {text!r}")
    if _REPLY_TEXT.fullmatch(text) is None:
        raise ValueError(
            f"reply text must be printable ASCII on one line, got {text!r}"
        )


def require_enhanced(enhanced: object, code: int) -> None:
    """Raise unless *enhanced* is a status code of the class of *code* (RFC 2034 4).

    Raises:
        TypeError: enhanced is neither a str nor None.
        ValueError: its syntax is not RFC 3463's, or its class differs from the code's.
    """
    if enhanced is None:
        return
    if not isinstance(enhanced, str):
        raise TypeError(f"enhanced status code must be a str or None, got {enhanced!r}")
    match = _ENHANCED.fullmatch(enhanced)
    if match is None or int(match[1]) != code // 100:
        raise ValueError(
            f"enhanced status code must look like {code // 100}.y.z to go with"
            f" {code}, got {enhanced!r}"
        )


class SMTPSessionError(Exception):
    """Base of every exception that smtpsession defines."""


class LocalProtocolError(SMTPSessionError):
    """A pure object was used out of order, for example without an owed answer."""


class ProxyHeaderError(SMTPSessionError):
    """What came is no header of the PROXY protocol; nobody is answered.

    Its text holds none of the peer's octets.
    """


class RemoteProtocolError(SMTPSessionError):
    """The peer sent something that is answered with the class's own reply."""

    code: ClassVar[int] = 500
    enhanced: ClassVar[str] = "5.5.2"
    text: ClassVar[str] = "syntax error"
    #: The connection ends after the reply, because framing or trust is lost.
    closes: ClassVar[bool] = False


class UnknownCommandError(RemoteProtocolError):
    """The verb is not known here (RFC 5321 4.2.4)."""

    text = "command not recognized"


class LineTooLongError(RemoteProtocolError):
    """A command line is over its limit in octets (RFC 5321 4.5.3.1.9)."""

    text = "line too long"


class LineOverflowError(LineTooLongError):
    """A line went on so far past its limit that we stop looking for its end."""

    closes = True


class BareNewlineError(RemoteProtocolError):
    """A command line holds a CR or LF that is not part of CRLF (RFC 5321 2.3.8)."""

    text = "bare CR or LF in a command line"
    closes = True


class ForeignProtocolError(RemoteProtocolError):
    """The peer speaks another protocol, for example HTTP or TLS."""

    code = 421
    enhanced = "4.7.0"
    text = "this is a mail server"
    closes = True


class ArgumentSyntaxError(RemoteProtocolError):
    """A command's argument does not follow its grammar (RFC 5321 4.2.4)."""

    code = 501
    enhanced = "5.5.4"
    text = "syntax error in arguments"


class SenderSyntaxError(RemoteProtocolError):
    """The reverse-path of MAIL is malformed (RFC 5321 4.1.2)."""

    code = 501
    enhanced = "5.1.7"
    text = "bad sender address syntax"


class RecipientSyntaxError(RemoteProtocolError):
    """The forward-path of RCPT is malformed (RFC 5321 4.1.2)."""

    code = 501
    enhanced = "5.1.3"
    text = "bad recipient address syntax"


class InvalidUTF8Error(RemoteProtocolError):
    """A command's octets are not valid UTF-8 (RFC 6531 3.5)."""

    code = 501
    text = "invalid UTF-8"


class ParameterSyntaxError(RemoteProtocolError):
    """A known parameter of MAIL or RCPT has a value it cannot have."""

    code = 501
    enhanced = "5.5.4"
    text = "bad parameter value"


class UnknownParameterError(RemoteProtocolError):
    """A parameter of MAIL or RCPT is not one that EHLO offered (RFC 5321 4.1.1.11)."""

    code = 555
    enhanced = "5.5.4"
    text = "parameter not recognized or not implemented"


class SenderNeedsUTF8Error(RemoteProtocolError):
    """A non-ASCII sender came without the SMTPUTF8 parameter (RFC 6531 3.5)."""

    code = 550
    enhanced = "5.6.7"
    text = "sender address needs SMTPUTF8"


class RecipientNeedsUTF8Error(RemoteProtocolError):
    """A non-ASCII recipient came in a mail transaction without SMTPUTF8."""

    code = 553
    enhanced = "5.6.7"
    text = "recipient address needs SMTPUTF8"


class DeclaredSizeError(RemoteProtocolError):
    """MAIL declared a message above the size limit (RFC 1870 6.1)."""

    code = 552
    enhanced = "5.3.4"
    text = "message size exceeds the fixed limit"


class TooManyRecipientsError(RemoteProtocolError):
    """The mail transaction has as many recipients as it may (RFC 5321 4.5.3.1.10)."""

    code = 452
    enhanced = "4.5.3"
    text = "too many recipients"


class TooManyTransactionsError(RemoteProtocolError):
    """The session has had as many mail transactions as it may."""

    code = 421
    enhanced = "4.7.0"
    text = "too many messages in one session"
    closes = True


class Base64Error(RemoteProtocolError):
    """A response of the client in AUTH is no base64 (RFC 4954 4, RFC 4648 4)."""

    code = 501
    text = "cannot decode base64"


class AuthCancelledError(RemoteProtocolError):
    """The client has cancelled the authentication exchange (RFC 4954 4)."""

    code = 501
    enhanced = "5.7.0"
    text = "authentication cancelled"


class InitialResponseError(RemoteProtocolError):
    """An initial response came for a mechanism that has none (RFC 4954 4)."""

    code = 501
    enhanced = "5.7.0"
    text = "this mechanism takes no initial response"


class AuthLineTooLongError(RemoteProtocolError):
    """A response of the client in AUTH is over its limit in octets (RFC 4954 4)."""

    code = 500
    enhanced = "5.5.6"
    text = "authentication exchange line is too long"


class AuthLineOverflowError(AuthLineTooLongError):
    """A response went on so far past its limit that we stop looking for its end."""

    closes = True


class UnknownMechanismError(RemoteProtocolError):
    """The mechanism is unknown, or not available to this session (RFC 4954 4)."""

    code = 504
    enhanced = "5.5.4"
    text = "authentication mechanism not available"


class AuthenticationFailedError(RemoteProtocolError):
    """The credentials are malformed, wrong or unknown: all alike (RFC 4954 6)."""

    code = 535
    enhanced = "5.7.8"
    text = "authentication credentials invalid"


class Reject(SMTPSessionError):
    """Raised in a hook to refuse, with the reply that the client gets.

    Args:
        code: reply code, 400 to 599; 421 always closes the connection.
        text: one line of printable ASCII for people.
        enhanced: enhanced status code (RFC 3463) of the same class as the code;
            None gives ``x.0.0``.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: an argument is out of range; text with CR or LF among them.
    """

    def __init__(self, code: int, text: str, *, enhanced: str | None = None) -> None:
        require_reply_code(code, 400, 599)
        require_reply_text(text)
        require_enhanced(enhanced, code)
        super().__init__(code, text, enhanced)
        self.code = code
        self.text = text
        self.enhanced = enhanced

    def __str__(self) -> str:
        return " ".join(filter(None, [str(self.code), self.enhanced, self.text]))


class MessageTooLarge(Reject):
    """The content went over ``Limits.message_octets``; the rest is discarded."""

    def __init__(self) -> None:
        super().__init__(552, "message exceeds the size limit", enhanced="5.3.4")


class ContentRefused(Reject):
    """The content holds octets that are refused: bare CR, bare LF or NUL."""


class ClientGone(SMTPSessionError):
    """The client went away before the end of the message; nothing was accepted."""


class MessageAborted(ClientGone):
    """The client gave the message up between two chunks; nothing was accepted."""
