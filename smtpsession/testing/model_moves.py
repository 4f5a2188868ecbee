"""What a reply does to the session, as a client sees it: one table by verb."""

from __future__ import annotations

from collections.abc import Callable

from smtpsession.testing.model_lines import HELLOS, Line
from smtpsession.testing.model_replies import SeenReply
from smtpsession.testing.model_state import ModelState


def _hello(state: ModelState, line: Line, reply: SeenReply) -> None:
    # RFC 5321 4.1.4: it clears what RSET clears.
    state.end_transaction()
    state.needs_rset = False
    state.hello = line.verb
    state.offered = {} if line.verb == "HELO" else reply.keywords


def _mail(state: ModelState, line: Line, reply: SeenReply) -> None:
    # What a refused chunk has left is over.
    state.end_transaction()
    state.sender = line.path
    state.body = line.parameters.get("BODY", "").upper()
    state.smtputf8 = "SMTPUTF8" in line.parameters


def _rcpt(state: ModelState, line: Line, reply: SeenReply) -> None:
    state.recipients.append(line.path)


def _data(state: ModelState, line: Line, reply: SeenReply) -> None:
    state.mode = "content"


def _rset(state: ModelState, line: Line, reply: SeenReply) -> None:
    state.end_transaction()
    state.needs_rset = False


def _starttls(state: ModelState, line: Line, reply: SeenReply) -> None:
    # RFC 3207 4.2: both sides forget what was said in plain text.
    state.forget_client()
    state.secure = True


def _auth(state: ModelState, line: Line, reply: SeenReply) -> None:
    state.mode = "auth" if reply.code == 334 else "command"
    state.authenticated = reply.code == 235


def _xclient(state: ModelState, line: Line, reply: SeenReply) -> None:
    # Postfix's XCLIENT_README: the session is another client's from here on.
    state.forget_client()
    login = [w for w in line.argument.upper().split() if w.startswith(b"LOGIN=")]
    state.authenticated = bool(login) and login[-1] != b"LOGIN=[UNAVAILABLE]"


def _quit(state: ModelState, line: Line, reply: SeenReply) -> None:
    state.mode = "over"


_ACCEPTED: dict[str, Callable[[ModelState, Line, SeenReply], None]] = {
    **dict.fromkeys(HELLOS, _hello),
    "MAIL": _mail,
    "RCPT": _rcpt,
    "DATA": _data,
    "RSET": _rset,
    "STARTTLS": _starttls,
    "AUTH": _auth,
    "XCLIENT": _xclient,
    "QUIT": _quit,
}


def move_by_command(state: ModelState, line: Line, reply: SeenReply) -> None:
    """Do what the reply to a command does; a refused one changes nothing."""
    accept = _ACCEPTED.get(line.verb)
    if line.verb == "BDAT" and not reply.is_positive:
        state.needs_rset = True
    if reply.is_positive and accept is not None:
        accept(state, line, reply)


def move_by_auth_line(state: ModelState, line: Line, reply: SeenReply) -> None:
    """Do what the reply to a response inside AUTH does (RFC 4954 4)."""
    _auth(state, line, reply)


def move_by_refused_chunk(state: ModelState, *, last: bool) -> None:
    """A chunk was refused: its message has failed, if it was one's (RFC 3030 2)."""
    state.needs_rset = True
    if state.chunks == "failed":
        if last:
            state.end_transaction()
    elif state.recipients or (last and state.lmtp):
        recipients = len(state.recipients)
        state.end_transaction()
        if not last:
            state.chunks, state.failed_recipients = "failed", recipients
    elif state.in_transaction or not last:
        state.chunks = "doubt"
