"""When AUTH is offered, accepted and required (RFC 4954 3, 4 and 6)."""

from __future__ import annotations

from typing import Any

import pytest
from trio.testing import MockClock

from smtpsession import (
    Authentication,
    Config,
    Handler,
    Session,
    TLSOptions,
)
from smtpsession.dialogue.dialogue import Dialogue
from tests.server.sasl_client import (
    METHODS,
    USER_PASS,
    ScramClient,
    Users,
    b64,
    insecure,
)
from tests.server.smtp_client import open_session
from tests.standards.auth_sessions import (
    ALICE,
    EXPORTER,
    MAIL,
    RIGHT,
    WITH_PLUS,
    client_context,
    mechanisms,
    secured,
    server_context,
    with_tls,
)

# S65: see tests/server/test_auth_exchange.py. S66:


async def test_external_needs_a_client_certificate(autojump_clock: MockClock) -> None:
    class Certified(Handler):
        async def on_auth(self, session: Session, auth: Authentication) -> str | None:
            seen.append((auth.username, auth.authorization_id, auth.password))
            return auth.authorization_id or auth.username

    seen: list[Any] = []
    config = with_tls(asks=True, auth_methods=["EXTERNAL", "PLAIN"])
    async with secured(Certified(), config) as client:
        assert await mechanisms(client) == ["PLAIN"]
        assert (await client.ask("AUTH EXTERNAL ="))[:9] == "504 5.5.4"
    async with secured(Certified(), config, certificate=ALICE) as client:
        assert await mechanisms(client) == ["EXTERNAL", "PLAIN"]
        # u CR LF X: y
        assert (await client.ask("AUTH EXTERNAL dQ0KWDogeQ=="))[:9] == "535 5.7.8"
        assert (await client.ask("AUTH EXTERNAL ="))[:3] == "235"
    async with secured(Certified(), config, certificate=ALICE) as client:
        assert await client.ask("AUTH EXTERNAL") == "334 "
        assert (await client.ask(b64(b"boss")))[:3] == "235"
    assert seen == [
        ("alice@c.example", "", None),
        ("alice@c.example", "boss", None),
    ]


# What EHLO lists is what would be accepted.


async def test_auth_is_listed_exactly_while_it_goes() -> None:
    async with open_session(Users(), with_tls()) as client:
        assert await mechanisms(client) is None
        await client.ask("STARTTLS")
        await client.start_tls(client_context())
        assert await mechanisms(client) == list(METHODS)
        await client.ask(RIGHT)
        assert await mechanisms(client) is None
        # A14: neither a hello nor RSET logs out.
        await client.ask("RSET")
        assert (await client.ask(RIGHT))[:9] == "503 5.5.1"


async def test_implicit_tls_is_as_good() -> None:
    config = with_tls(implicit_tls=True)
    async with open_session(Users(), config, greeting=False) as client:
        await client.start_tls(client_context())
        assert (await client.reply())[:3] == "220"
        assert await mechanisms(client) == list(METHODS)
        assert (await client.ask(RIGHT))[:3] == "235"


@pytest.mark.parametrize(
    ("handler", "options", "code"),
    [
        (Handler(), {}, "502 5.5.1"),
        (Users(), {"hidden_extensions": ["AUTH"]}, "502 5.5.1"),
        (Users(), {"disabled_commands": ["AUTH"]}, "502 5.5.1"),
        (Users(), {"auth_methods": ()}, "504 5.5.4"),
        (Users(), {"auth_methods": ["EXTERNAL"]}, "504 5.5.4"),
    ],
)
async def test_it_is_neither_listed_nor_accepted_where_there_is_none(
    handler: Handler, options: dict[str, Any], code: str
) -> None:
    async with open_session(handler, insecure(**options)) as client:
        assert await mechanisms(client) is None
        assert (await client.ask(RIGHT))[:9] == code


@pytest.mark.parametrize("line", ["auth plain", "Auth Plain", "AUTH pLAIN"])
async def test_a_mechanism_is_named_in_any_case(line: str) -> None:
    async with open_session(Users(), insecure()) as client:
        await client.ask("EHLO c")
        assert (await client.ask(f"{line} {USER_PASS}"))[:3] == "235"


async def test_an_unknown_mechanism_is_not_available() -> None:
    async with open_session(Users(), insecure()) as client:
        await client.ask("EHLO c")
        for name in ("DIGEST-MD5", "X" * 20, "SCRAM-SHA-256-PLUS", "EXTERNAL"):
            assert (await client.ask(f"AUTH {name}"))[:9] == "504 5.5.4"
        for wrong in ("", "X" * 21, "PL.AIN", "*"):
            assert (await client.ask(f"AUTH {wrong}"))[:9] == "501 5.5.4"


def dialogue(auth_methods: tuple[str, ...]) -> Dialogue:
    config = Config(hostname="mx.test", auth_methods=auth_methods)
    return Dialogue(Session("1"), config.dialogue_settings(authenticates=True), asks=())


def test_plus_is_listed_where_the_channel_can_be_bound_to() -> None:
    for bindings, listed in (
        ({EXPORTER: b"x"}, b"AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN"),
        ({}, b"AUTH SCRAM-SHA-256 SCRAM-SHA-1 PLAIN"),
        (None, b"AUTH SCRAM-SHA-256 SCRAM-SHA-1 PLAIN"),
    ):
        talk = dialogue(WITH_PLUS)
        talk.greet()
        options = TLSOptions("TLS_AES_256_GCM_SHA384", "TLSv1.3")
        talk.tls_established(options, channel_bindings=bindings)
        talk.receive_data(b"EHLO c\r\n")
        assert talk.next_event() is None
        assert listed + b"\r\n" in talk.data_to_send()


# 530, and what TLS makes of it all.


async def test_what_goes_before_auth_where_it_is_required() -> None:
    config = with_tls(auth_required=True)
    async with secured(Users(), config) as client:
        closed = (MAIL, "VRFY x", "EXPN x", "HELP", "XYZZY", "DATA", "BDAT 0 LAST")
        for command in closed:
            assert (await client.ask(command))[:9] == "530 5.7.0"
        assert await client.codes("NOOP", "RSET", "HELO c", "EHLO c") == ["250"] * 4
        assert (await client.ask(RIGHT))[:3] == "235"
        assert (await client.deliver(b"hi\r\n"))[:3] == "250"
        assert (await client.ask("QUIT"))[:3] == "221"


async def test_t_tls_3_tls_begins_a_session_anew() -> None:
    handler = Users()
    config = with_tls(allow_insecure_auth=True, auth_required=True)
    async with open_session(handler, config) as client:
        assert await mechanisms(client) == list(METHODS)
        assert (await ScramClient().authenticate(client))[:3] == "235"
        assert (await client.ask(MAIL))[:3] == "250"
        assert (await client.ask("RSET"))[:3] == "250"
        await client.ask("STARTTLS")
        await client.start_tls(client_context())
        assert (await client.ask(MAIL))[:3] in ("503", "530")
        assert handler.sessions[0].user is None
        assert await mechanisms(client) == list(METHODS)
        assert (await client.ask(MAIL))[:9] == "530 5.7.0"
        assert (await client.ask(RIGHT))[:3] == "235"
        assert handler.sessions[0].transmission_type == "ESMTPSA"


async def test_the_submission_preset() -> None:
    config = Config.submission(hostname="mx.test", tls=server_context())
    async with open_session(Users(), config) as client:
        await client.ask("EHLO c")
        assert (await client.ask(RIGHT))[:9] == "530 5.7.0"
        assert (await client.ask(MAIL))[:9] == "530 5.7.0"
        await client.ask("STARTTLS")
        await client.start_tls(client_context())
        assert await mechanisms(client) == ["SCRAM-SHA-256", "PLAIN", "LOGIN"]
        assert (await client.ask(MAIL))[:9] == "530 5.7.0"
        assert (await client.ask(RIGHT))[:3] == "235"
        assert (await client.ask(MAIL))[:3] == "250"
