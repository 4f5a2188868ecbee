"""What the first reply says, and what stands in its place."""

from __future__ import annotations

import pytest

from smtpsession import Reply
from smtpsession.dialogue.greeting import greeting
from smtpsession.dialogue.settings import Settings

PLAIN = Settings(hostname="mx.test")
LMTP = Settings(hostname="mx.test", banner="local mail", lmtp=True)
BANNER = Settings(hostname="mx.test", banner="no spam please")


@pytest.mark.parametrize(
    ("settings", "said", "expected"),
    [
        (PLAIN, None, "220 mx.test ESMTP"),
        (PLAIN, "", "220 mx.test ESMTP"),
        (BANNER, None, "220 mx.test ESMTP no spam please"),
        (BANNER, "hello", "220 mx.test ESMTP hello"),
        (BANNER, "two\r\n220 lines", "220 mx.test ESMTP two??220 lines"),
        (
            BANNER,
            Reply(250, ["at your", "service"]),
            "220 mx.test ESMTP at your service",
        ),
        (LMTP, None, "220 mx.test LMTP local mail"),
        (LMTP, "hello", "220 mx.test LMTP hello"),
        (BANNER, Reply(221, "nobody home"), "221 nobody home"),
        (BANNER, Reply(554, "go away"), "554 go away"),
    ],
)
def test_the_first_reply(
    settings: Settings, said: Reply | str | None, expected: str
) -> None:
    reply = greeting(settings, said)
    assert reply.to_bytes(enhanced=False).decode() == f"{expected}\r\n"
