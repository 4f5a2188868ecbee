"""The situations that ``model_rules`` tells apart, each a question with yes or no."""

from __future__ import annotations

from smtpsession.testing.model_lines import PARAMETERS, Line, is_base64
from smtpsession.testing.model_state import ModelState


def always(state: ModelState, line: Line) -> bool:
    """In any other situation."""
    return True


def is_bad(state: ModelState, line: Line) -> bool:
    """The argument breaks its grammar."""
    return line.syntax == "bad"


def has_argument(state: ModelState, line: Line) -> bool:
    """Something follows the verb."""
    return bool(line.argument)


def is_refused(state: ModelState, line: Line) -> bool:
    """The greeting has refused all but QUIT (RFC 5321 3.1)."""
    return state.refused and line.verb != "QUIT"


def has_plain_argument(state: ModelState, line: Line) -> bool:
    """Letters and digits follow the verb, and nothing else."""
    return line.has_plain_argument


def has_trailing_blanks(state: ModelState, line: Line) -> bool:
    """Something invisible stands at the end of the line."""
    return line.has_trailing_blanks


def has_bare_newline(state: ModelState, line: Line) -> bool:
    """A CR or LF stands alone in the line (RFC 5321 2.3.8)."""
    return line.has_bare_newline


def is_of_other_protocol(state: ModelState, line: Line) -> bool:
    """It is LHLO in SMTP, or another hello in LMTP (RFC 2033 4.1)."""
    return (line.verb == "LHLO") is not state.lmtp


def before_hello(state: ModelState, line: Line) -> bool:
    """No hello has been accepted."""
    return state.hello is None


def in_transaction(state: ModelState, line: Line) -> bool:
    """MAIL has been accepted."""
    return state.in_transaction


def outside(state: ModelState, line: Line) -> bool:
    """No mail transaction is open."""
    return not state.in_transaction


def behind_chunk(state: ModelState, line: Line) -> bool:
    """A chunk has been accepted, or one was refused for certain."""
    return state.chunks in ("open", "failed")


def behind_refused_chunk(state: ModelState, line: Line) -> bool:
    """A chunk has been refused."""
    return state.chunks in ("failed", "doubt")


def has_failed(state: ModelState, line: Line) -> bool:
    """A chunk of the message has been refused for certain."""
    return state.chunks == "failed"


def has_nobody(state: ModelState, line: Line) -> bool:
    """No recipient has been accepted."""
    return not state.recipients


def is_first_chunk_for_nobody(state: ModelState, line: Line) -> bool:
    """It is a chunk for nobody, and not the last one."""
    return not state.recipients and line.chunk is not None and not line.chunk[1]


def has_nobody_in_lmtp(state: ModelState, line: Line) -> bool:
    """No recipient has been accepted, in LMTP."""
    return state.lmtp and not state.recipients


def has_no_chunking(state: ModelState, line: Line) -> bool:
    """CHUNKING has not been offered."""
    return "CHUNKING" not in state.offered


def is_binary(state: ModelState, line: Line) -> bool:
    """MAIL has said BODY=BINARYMIME (RFC 3030 3)."""
    return state.body == "BINARYMIME"


def has_foreign_parameter(state: ModelState, line: Line) -> bool:
    """A parameter belongs to an extension that is not offered."""
    # Behind HELO nobody has said what there is.
    return state.hello != "HELO" and any(
        not any(keyword in state.offered for keyword in PARAMETERS[name])
        for name in line.parameters
        if name in PARAMETERS
    )


def is_secure(state: ModelState, line: Line) -> bool:
    """The session is inside TLS."""
    return state.secure


def is_authenticated(state: ModelState, line: Line) -> bool:
    """AUTH has been answered by 235."""
    return state.authenticated


def is_not_offered(state: ModelState, line: Line) -> bool:
    """A hello has been accepted, and has not offered the verb."""
    return state.hello in ("EHLO", "LHLO") and line.verb not in state.offered


def is_basic(state: ModelState, line: Line) -> bool:
    """HELO was the hello, so that nobody has said what there is."""
    return state.hello == "HELO"


def has_foreign_mechanism(state: ModelState, line: Line) -> bool:
    """The SASL mechanism has not been offered."""
    if is_basic(state, line):
        return False
    mechanism = line.argument.partition(b" ")[0].decode("latin-1").upper()
    return mechanism not in state.offered.get("AUTH", "").split()


def is_offered(state: ModelState, line: Line) -> bool:
    """The verb is an offered extension's."""
    return line.verb in state.offered


def is_private(state: ModelState, line: Line) -> bool:
    """The verb is a private one (RFC 5321 4.1.5)."""
    return line.verb.startswith("X")


def is_turn(state: ModelState, line: Line) -> bool:
    """It is ETRN (RFC 1985), and nobody has said what there is."""
    return line.verb == "ETRN" and state.hello not in ("EHLO", "LHLO")


def is_cancel(state: ModelState, line: Line) -> bool:
    """The client gives AUTH up (RFC 4954 4)."""
    return line.octets == b"*"


def is_no_base64(state: ModelState, line: Line) -> bool:
    """The response cannot be decoded (RFC 4954 4)."""
    return not is_base64(line.octets)
