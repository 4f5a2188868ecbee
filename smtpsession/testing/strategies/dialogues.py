"""Whole dialogues of a client, from its hello to its end."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis import strategies as st

from smtpsession.testing.strategies.client_steps import ClientDialogue
from smtpsession.testing.strategies.dialogue_options import (
    DialogueOptions,
    check_credentials,
    check_extensions,
)
from smtpsession.testing.strategies.dialogue_writer import DialogueWriter
from smtpsession.testing.strategies.parameters import USUAL_EXTENSIONS


def dialogues(
    *,
    lmtp: bool = False,
    pipelining: bool = True,
    chunking: bool = True,
    auth: bool = False,
    starttls: bool = False,
    credentials: tuple[str, str] = ("user", "secret"),
    extensions: Collection[str] = USUAL_EXTENSIONS,
    senders: st.SearchStrategy[str] | None = None,
    recipients: st.SearchStrategy[str] | None = None,
    contents: st.SearchStrategy[bytes] | None = None,
    allow_violations: bool = False,
) -> st.SearchStrategy[ClientDialogue]:
    """What a client does behind the greeting: nearly always mail that gets through.

    It knows the state it is in (RFC 5321 4.1.4): after STARTTLS it says hello anew,
    after HELO it uses no extension, and a group of commands ends where it must
    (RFC 2920 3.1). It cannot see replies, so it counts on a server that accepts what
    is right.
    A dialogue shrinks to ``EHLO a.example`` and ``QUIT``.

    Args:
        lmtp: LMTP (RFC 2033).
        pipelining: commands may come in groups (RFC 2920).
        chunking: content may come by BDAT (RFC 3030).
        auth: the client may authenticate by PLAIN (RFC 4616) or LOGIN, inside TLS only
            where *starttls* is on; it may try with a wrong password, or give up.
        starttls: the client may begin TLS (RFC 3207).
        credentials: a name and its right password.
        extensions: whose parameters MAIL and RCPT may have, see ``parameters``.
        senders: mailboxes for MAIL without their brackets, "" for the null one; None
            for any.
        recipients: the same for RCPT.
        contents: messages, not dot-stuffed; None for well-formed ones, and for binary
            ones where BODY=BINARYMIME was said.
        allow_violations: now and then a rule is broken: a line that does not belong
            there, an address, a parameter, an order, a group, a size, or octets behind
            STARTTLS.

    Raises:
        TypeError: an option is of another type.
        ValueError: an extension is unknown, BINARYMIME comes without *chunking*, or
            credentials are empty or hold a NUL.
    """
    options = DialogueOptions(
        lmtp=lmtp,
        pipelining=pipelining,
        chunking=chunking,
        auth=auth,
        starttls=starttls,
        credentials=check_credentials(credentials),
        extensions=check_extensions(extensions),
        senders=senders,
        recipients=recipients,
        contents=contents,
        allow_violations=allow_violations,
    )
    return _written(options)


@st.composite
def _written(draw: st.DrawFn, options: DialogueOptions) -> ClientDialogue:
    return DialogueWriter(draw, options).write()
