"""Any dialogue of AUTH ends well, and no secret is ever shown."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from smtpsession import (
    Authentication,
    Session,
)
from smtpsession.auth.mechanisms import MECHANISMS
from tests.server.sasl_client import (
    NOBODY_PASS,
    USER_PASS,
    USER_WRONG,
    ScramClient,
    Users,
    b64,
    insecure,
)
from tests.server.smtp_client import SMTPClient, open_session
from tests.standards.auth_sessions import (
    MAIL,
)

# S71: secrets stay where they are.

# Such as no log line has it by chance.
passwords = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20
).map("\u00a7{}\u00a7".format)


@given(password=passwords, known=st.booleans())
@settings(max_examples=50)
async def test_no_secret_is_ever_logged_or_shown(
    password: str,
    known: bool,
    autojump_clock: MockClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []

    class Showing(Users):
        async def on_auth(self, session: Session, auth: Authentication) -> Any:
            user = None
            try:
                user = await super().on_auth(session, auth)
            finally:
                shown.extend(map(repr, (auth, session, self.secrets and auth)))
            raise RuntimeError(f"{auth!r} {session!r} {user is None}")

    handler = Showing(user=password if known else "something else")
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        encoded = b64(f"\0user\0{password}".encode())
        await client.ask(f"AUTH PLAIN {encoded}")
        await client.ask(f"AUTH LOGIN {b64(b'user')}")
        await client.ask(b64(password.encode()))
        await client.ask(f"AUTH PLAIN {encoded}!")
        await client.ask("AUTH PLAIN")
        await client.ask(encoded + "=")
    text = caplog.text + "".join(shown)
    for secret in (password, encoded, b64(password.encode()), repr(password)[1:-1]):
        assert secret not in text
    assert "RuntimeError" in text


# Any dialogue: one reply a line, no exception, and it goes on or ends with a code.

names = st.sampled_from([*MECHANISMS, "DIGEST-MD5", "plain", "X"])
words = st.sampled_from(
    [
        *("", "=", "*", "!!!", "AAAA", "AQ==", USER_PASS, USER_WRONG, NOBODY_PASS),
        *(
            "dXNlcg==",
            "cGFzcw==",
            b64(ScramClient().first),
            "QUIT",
            "DATA",
            "A" * 13_000,
        ),
        b64(b"user=user\x01auth=Bearer pass\x01\x01"),
        b64(b"n,a=user,\x01auth=Bearer wrong\x01\x01"),
    ]
) | st.binary(max_size=30).map(b64)
lines = (
    st.builds("AUTH {} {}".format, names, words)
    | st.builds("AUTH {}".format, names)
    | words
    | st.sampled_from(["EHLO c", "RSET", "NOOP", MAIL])
)


@given(said=st.lists(lines, max_size=12), cuts=st.lists(st.integers(1, 40), max_size=4))
@settings(max_examples=150)
async def test_any_dialogue_has_one_reply_a_line(
    said: list[str],
    cuts: list[int],
    autojump_clock: MockClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    handler = Users()
    config = insecure(auth_methods=[*MECHANISMS])
    async with open_session(handler, config) as client:
        replies = [await client.ask("EHLO c")]
        for line in (*said, "*", "NOOP"):
            if line == "*" and replies[-1][:3] != "334":
                continue
            try:
                await send_cut(client, line.encode() + b"\r\n", cuts)
            except trio.BrokenResourceError:
                break
            replies.append(await client.reply())
            if not replies[-1]:
                break
            assert replies[-1][:3].isdigit()
        codes = [reply[:3] for reply in replies if reply]
        assert codes[-1] in ("250", "221", "421", "500", "554")
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


async def send_cut(client: SMTPClient, octets: bytes, cuts: list[int]) -> None:
    for cut in cuts:
        piece, octets = octets[:cut], octets[cut:]
        if piece:
            await client.send(piece)
            await trio.testing.wait_all_tasks_blocked()
    if octets:
        await client.send(octets)
