"""AUTH over the whole server: RFC 4954, RFC 4422, and attacks on them.

T-AUTH-1 to T-AUTH-14, and S55 to S72 as far as they are not elsewhere: what a single
mechanism makes of a response in tests/auth; how an exchange ends (S65) in
tests/server/test_auth_exchange.py; when AUTH goes (S56, S66) in
test_auth_availability.py; secrets (S71) in test_auth_any_dialogue.py.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from smtpsession import (
    Authentication,
    Handler,
    Limits,
    Mechanism,
    Session,
    scram_keys,
)
from smtpsession.auth.mechanism import ExchangeFacts, Secret
from smtpsession.auth.plain import Plain
from smtpsession.auth.plain_text_password import password_matches
from smtpsession.auth.scram import ScramSHA256
from tests.server.sasl_client import (
    USER_PASS,
    ScramClient,
    Users,
    b64,
    insecure,
    plain,
    unb64,
)
from tests.server.smtp_client import SMTPClient, open_session
from tests.standards.auth_sessions import (
    EXPORTER,
    MAIL,
    RIGHT,
    WITH_PLUS,
    WRONG,
    Bound,
    Send,
    mechanisms,
    secured,
    ways,
    with_tls,
)

# T-AUTH-1; S55


@ways
async def test_t_auth_1_no_password_in_plain_text(
    send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Users()
    async with open_session(handler, with_tls()) as client:
        assert await mechanisms(client) is None
        await send(client, b"AUTH PLAIN AHVzZXIAcGFzcw==\r\n")
        assert (await client.reply())[:9] == "504 5.5.4"
        for method in ("LOGIN", "SCRAM-SHA-256", "CRAM-MD5"):
            assert (await client.ask(f"AUTH {method}"))[:9] == "504 5.5.4"
        assert (await client.ask(MAIL))[:3] == "250"
    assert handler.asked == []
    assert USER_PASS not in caplog.text


async def test_a_required_tls_comes_first() -> None:
    async with open_session(Users(), with_tls(require_tls=True)) as client:
        assert await mechanisms(client) is None
        assert (await client.ask(RIGHT))[:9] == "530 5.7.0"


# T-AUTH-2; S57


@ways
async def test_t_auth_2_an_empty_challenge_keeps_its_space(send: Send) -> None:
    async with secured() as client:
        await send(client, b"AUTH PLAIN\r\n")
        octets = b""
        while not octets.endswith(b"\n"):
            octets += await client.stream.receive_some()
        assert octets == b"334 \r\n"
        await send(client, b"AHVzZXIAcGFzcw==\r\n")
        assert (await client.reply())[:9] == "235 2.7.0"


# T-AUTH-3; S62


@pytest.mark.parametrize(
    "initial",
    ["=", "AAA=", "dXNlcgBwYXNz", "AHVzZXIAcGEAc3M=", "AP8AcGFzcw=="],
)
@ways
async def test_t_auth_3_what_is_no_plain(
    send: Send, initial: str, autojump_clock: MockClock
) -> None:
    handler = Users()
    async with secured(handler) as client:
        await send(client, f"AUTH PLAIN {initial}\r\n".encode())
        assert (await client.reply())[:9] == "535 5.7.8"
        assert (await client.ask(RIGHT))[:3] == "235"
    assert len(handler.asked) == 1


# T-AUTH-4; S59


@pytest.mark.parametrize(
    "bad", ["!!!", "=AAA", "AAA=BBB", "AA==AA==", "AAA", "-_-_", "AHVz ZXI=", "AB=="]
)
async def test_t_auth_4_strict_base64(bad: str, autojump_clock: MockClock) -> None:
    handler = Users()
    async with secured(handler) as client:
        said = (await client.ask(f"AUTH PLAIN {bad}"))[:9]
        assert said == ("501 5.5.4" if " " in bad else "501 5.5.2")
        assert (await client.ask("NOOP"))[:3] == "250"
        assert await client.ask("AUTH PLAIN") == "334 "
        assert (await client.ask(bad))[:9] == "501 5.5.2"
        assert (await client.ask("NOOP"))[:3] == "250"
    assert handler.asked == []


# T-AUTH-5; S58


async def test_t_auth_5_a_cancelled_exchange_can_be_begun_again(
    autojump_clock: MockClock,
) -> None:
    async with secured() as client:
        assert await client.ask("AUTH PLAIN") == "334 "
        assert (await client.ask("*"))[:9] == "501 5.7.0"
        assert (await client.ask(RIGHT))[:3] == "235"


@pytest.mark.parametrize(
    ("begin", "responses"),
    [
        ("AUTH LOGIN", []),
        ("AUTH LOGIN", ["dXNlcg=="]),
        ("AUTH CRAM-MD5", []),
        ("AUTH SCRAM-SHA-256", []),
        (f"AUTH SCRAM-SHA-256 {b64(ScramClient().first)}", []),
    ],
)
async def test_every_exchange_can_be_cancelled(
    begin: str, responses: list[str], autojump_clock: MockClock
) -> None:
    async with secured() as client:
        said = await client.ask(begin)
        for response in responses:
            assert said[:3] == "334"
            said = await client.ask(response)
        assert said[:3] == "334"
        assert (await client.ask("*"))[:9] == "501 5.7.0"
        assert (await client.ask("NOOP"))[:3] == "250"


# T-AUTH-6; S60


async def send_without_end(client: SMTPClient) -> None:
    """Send 10 MB, or as many octets as the server takes."""
    with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
        for _ in range(10_000_000 // 50_000):
            await client.send(b"A" * 50_000)


async def test_t_auth_6_lines_have_a_length(autojump_clock: MockClock) -> None:
    async with secured() as client:
        for octets, code in ((12_288, "535 5.7.8"), (12_290, "500 5.5.6")):
            assert await client.ask("AUTH PLAIN") == "334 "
            assert (await client.ask("A" * octets))[:9] == code
            assert (await client.ask("NOOP"))[:3] == "250"
        assert await client.ask("AUTH PLAIN") == "334 "
        async with trio.open_nursery() as nursery:
            nursery.start_soon(send_without_end, client)
            assert (await client.reply())[:9] == "500 5.5.6"
            assert await client.reply() == ""


async def test_t_auth_6_without_an_end_it_is_said_before_the_close(
    autojump_clock: MockClock,
) -> None:
    async with secured() as client:
        await client.ask("AUTH PLAIN")
        await client.send(b"A" * 25_000)
        assert (await client.reply())[:9] == "500 5.5.6"
        assert await client.reply() == ""


# T-AUTH-7; S56


@ways
async def test_t_auth_7_once_and_not_in_a_mail_transaction(send: Send) -> None:
    async with secured() as client:
        await client.ask(RIGHT)
        await send(client, RIGHT.encode() + b"\r\n")
        assert (await client.reply())[:9] == "503 5.5.1"
    async with secured() as client:
        for command in (MAIL, "RCPT TO:<b@s.example>"):
            assert (await client.ask(command))[:3] == "250"
            await send(client, RIGHT.encode() + b"\r\n")
            assert (await client.reply())[:9] == "503 5.5.1"
        assert (await client.ask("DATA"))[:3] == "354"


async def test_not_before_a_hello() -> None:
    async with open_session(Users(), insecure()) as client:
        assert (await client.ask(RIGHT))[:9] == "503 5.5.1"
        await client.ask("HELO c.example")
        assert (await client.ask(RIGHT))[:3] == "235"


# T-AUTH-8; S67, S69


async def test_t_auth_8_an_attempt_leaves_nothing_to_the_next(
    autojump_clock: MockClock,
) -> None:
    async with secured() as client:
        assert (await client.ask(WRONG))[:9] == "535 5.7.8"
        assert unb64(await client.ask("AUTH LOGIN")) == b"Username:"
        assert unb64(await client.ask("dXNlcg==")) == b"Password:"
        assert (await client.ask("cGFzcw=="))[:3] == "235"


async def test_t_auth_8_three_failures_end_the_session(
    autojump_clock: MockClock,
) -> None:
    async with secured() as client:
        started = trio.current_time()
        for count in (1, 2, 3):
            assert (await client.ask(WRONG))[:9] == "535 5.7.8"
            assert trio.current_time() - started == pytest.approx(count)
        assert (await client.reply())[:9] == "421 4.7.0"
        assert await client.reply() == ""


async def test_what_was_known_before_the_failure_was_told_counts_too(
    autojump_clock: MockClock,
) -> None:
    """A client that has its answer in the last challenge cannot cancel the count."""
    token = b64(b"user=user\x01auth=Bearer wrong\x01\x01")
    async with secured() as client:
        for _ in range(3):
            assert (await client.ask(f"AUTH XOAUTH2 {token}"))[:3] == "334"
            assert (await client.ask("*"))[:9] == "501 5.7.0"
        assert (await client.reply())[:9] == "421 4.7.0"
        assert await client.reply() == ""


@pytest.mark.parametrize("failures", [1, 5, None])
async def test_how_many_failures_is_an_option(
    failures: int | None, autojump_clock: MockClock
) -> None:
    limits = Limits(auth_failures=failures)
    async with secured(config=with_tls(limits=limits)) as client:
        for _ in range(failures or 9):
            assert (await client.ask(WRONG))[:3] == "535"
        if failures is None:
            assert (await client.ask(RIGHT))[:3] == "235"
        else:
            assert (await client.reply())[:9] == "421 4.7.0"


async def test_a_failure_delays_nobody_else(autojump_clock: MockClock) -> None:
    handler, config = Users(), insecure()
    async with (
        open_session(handler, config) as one,
        open_session(handler, config) as (two),
    ):
        await one.ask("EHLO c")
        await two.ask("EHLO c")
        await one.send(WRONG.encode() + b"\r\n")
        await trio.testing.wait_all_tasks_blocked()
        assert (await two.ask("NOOP"))[:3] == "250"
        assert (await one.reply())[:3] == "535"


@pytest.mark.parametrize("limit", [3, 4])
async def test_too_many_commands_and_none_of_them_the_right_one(limit: int) -> None:
    limits = Limits(unauthenticated_commands=limit)
    async with open_session(Users(), insecure(limits=limits)) as client:
        await client.ask("EHLO c")
        codes = await client.codes("NOOP", "RSET", RIGHT)
        if limit == 3:
            assert codes == ["250", "250", "421"]
            assert await client.reply() == ""
        else:
            assert codes == ["250", "250", "235"]
            assert await client.codes(*["NOOP"] * 9, "QUIT") == ["250"] * 9 + ["221"]


async def test_who_goes_may_go_at_any_time() -> None:
    limits = Limits(unauthenticated_commands=1)
    async with open_session(Users(), insecure(limits=limits)) as client:
        assert await client.codes("NOOP", "QUIT") == ["250", "221"]


# T-AUTH-9; S61


@ways
async def test_t_auth_9_no_initial_response_where_the_server_begins(
    send: Send,
) -> None:
    async with secured() as client:
        await send(client, b"AUTH CRAM-MD5 AAAA\r\n")
        assert (await client.reply())[:9] == "501 5.7.0"
        await send(client, b"AUTH CRAM-MD5 =\r\n")
        assert (await client.reply())[:9] == "501 5.7.0"
        assert (await client.ask("NOOP"))[:3] == "250"


# T-AUTH-10; S72


async def test_t_auth_10_one_round_trip_may_be_pipelined() -> None:
    for strict in (False, True):
        config = with_tls(strict_pipelining=strict)
        async with secured(config=config) as client:
            await client.send(f"{RIGHT}\r\n{MAIL}\r\n".encode())
            assert (await client.reply())[:9] == "235 2.7.0"
            assert (await client.reply())[:9] == "250 2.1.0"


async def test_t_auth_10_a_failure_changes_nothing_for_what_follows(
    autojump_clock: MockClock,
) -> None:
    config = with_tls(auth_required=True)
    async with secured(config=config) as client:
        await client.send(f"{WRONG}\r\n{MAIL}\r\nNOOP\r\n".encode())
        codes = [(await client.reply())[:3] for _ in range(3)]
        assert codes == ["535", "530", "250"]


@pytest.mark.parametrize("more", [USER_PASS, "MAIL FROM:<a@c.example>", "x"])
async def test_t_auth_10_nothing_may_follow_a_challenge(more: str) -> None:
    handler = Users()
    async with secured(handler) as client:
        await client.send(f"AUTH PLAIN\r\n{more}\r\n".encode())
        assert (await client.reply())[:9] == "554 5.5.0"
        assert await client.reply() == ""
    assert handler.asked == []


@pytest.mark.parametrize(
    "first",
    [
        "eSwsbj11c2VyLHI9YWJj",  # gs2 y, where -PLUS is offered
        "biwsbT1leHQsbj11c2VyLHI9YWJj",  # m=
        "biwsbj11cz1lcixyPWFiYw==",  # =er
        "cD10bHMtdW5pcXVlLCxuPXVzZXIscj1hYmM=",  # p= where no -PLUS was asked for
    ],
)
@ways
async def test_t_auth_11_what_no_scram_begins_with(
    send: Send, first: str, autojump_clock: MockClock
) -> None:
    handler = Bound()
    config = with_tls(auth_methods=WITH_PLUS)
    async with secured(handler, config) as client:
        await send(client, f"AUTH SCRAM-SHA-256 {first}\r\n".encode())
        assert (await client.reply())[:9] == "535 5.7.8"
    assert handler.asked == []


async def test_y_is_right_where_no_plus_is_offered(autojump_clock: MockClock) -> None:
    async with secured(config=with_tls(auth_methods=WITH_PLUS)) as client:
        assert "SCRAM-SHA-256-PLUS" not in (await mechanisms(client) or [])
        scram = ScramClient(header="y,,")
        assert (await scram.authenticate(client))[:3] == "235"


async def test_plus_binds_to_the_channel(autojump_clock: MockClock) -> None:
    header, right = f"p={EXPORTER},,", b"e" * 32
    config = with_tls(auth_methods=WITH_PLUS)
    for name, binding, code in (
        (header, right, "235"),
        (header, b"f" * 32, "535"),
        (header, b"", "535"),
        ("p=tls-unique,,", right, "535"),
        ("n,,", b"", "535"),
        ("y,,", b"", "535"),
    ):
        async with secured(Bound(), config) as client:
            scram = ScramClient(header=name, binding=binding)
            said = await scram.authenticate(client, "SCRAM-SHA-256-PLUS")
            assert said[:3] == code, (name, binding)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),  # the nonce
        lambda text: text.replace("c=biws,", "c=eSws,"),
        lambda text: text.replace("c=biws,", "c=biwsAA==,"),
        lambda text: text.replace("c=biws,", ""),
        lambda text: text + ",m=x",
    ],
    ids=["nonce", "header", "binding", "no binding", "extension"],
)
async def test_t_auth_12_what_the_client_has_not_been_asked(
    change: Callable[[str], str], autojump_clock: MockClock
) -> None:
    async with secured() as client:
        assert (await ScramClient(change=change).authenticate(client))[:3] == "535"
        assert (await ScramClient().authenticate(client))[:3] == "235"


async def test_t_auth_12_a_replay_proves_nothing(autojump_clock: MockClock) -> None:
    scram = ScramClient()
    begin = f"AUTH SCRAM-SHA-256 {b64(scram.first)}"
    async with secured() as client:
        final = b64(scram.final(unb64(await client.ask(begin))))
        assert unb64(await client.ask(final)) == scram.wanted
        assert (await client.ask("*"))[:3] == "501"
        assert (await client.ask(begin))[:3] == "334"
        assert (await client.ask(final))[:9] == "535 5.7.8"


# T-AUTH-13; S70


@pytest.mark.parametrize("authenticated", [False, True])
async def test_t_auth_13_the_submitter_of_a_message(*, authenticated: bool) -> None:
    submitters: list[str | None] = []

    class Reading(Users):
        async def on_mail_from(self, session: Session, address: Any) -> None:
            submitters.append(session.envelope.auth)

    async with secured(Reading()) as client:
        if authenticated:
            await client.ask(RIGHT)
        for value, code in (
            ("e+3Dmc2@example.com", "250 2.1.0"),
            ("<>", "250 2.1.0"),
            ("a+0D+0Ab@x", "501 5.5.4"),
            ("+zz", "501 5.5.4"),
        ):
            assert (await client.ask(f"{MAIL} AUTH={value}"))[:9] == code
            await client.ask("RSET")
        assert (await client.ask(MAIL))[:3] == "250"
    known = "e=mc2@example.com" if authenticated else ""
    assert submitters == [known, "", None]


async def test_the_parameter_goes_with_the_keyword() -> None:
    async with open_session(Users(), with_tls()) as client:
        await client.ask("EHLO c")
        assert (await client.ask(f"{MAIL} AUTH=<>"))[:9] == "555 5.5.4"
    async with open_session(Handler(), insecure()) as client:
        await client.ask("EHLO c")
        assert (await client.ask(f"{MAIL} AUTH=<>"))[:9] == "555 5.5.4"


async def test_a_command_line_has_room_for_it() -> None:
    submitter = "+3D" * 60 + "@" + ".".join(["d" * 60] * 4)
    async with secured() as client:
        line = f"MAIL FROM:<{'a' * 64}@{'.'.join(['d' * 60] * 3)}> AUTH={submitter}"
        assert len(line) > 512
        assert (await client.ask(line))[:3] == "250"


# T-AUTH-14; S68


def counting(counts: list[tuple[str, int]]) -> list[type[Mechanism]]:
    """Give mechanisms that note each derivation of a key: its hash and its rounds."""

    def pbkdf2(name: str, password: bytes, salt: bytes, rounds: int) -> bytes:
        counts.append((name, rounds))
        return hashlib.pbkdf2_hmac(name, password, salt, rounds)

    class CountedPlain(Plain):
        def verify(self, secret: Secret, *, iterations: int) -> bool:
            return password_matches(
                self._password, secret, iterations=iterations, pbkdf2=pbkdf2
            )

    class CountedScram(ScramSHA256):
        def __init__(self, facts: ExchangeFacts) -> None:
            super().__init__(facts, pbkdf2=pbkdf2)

    return [CountedPlain, CountedScram]


class Forgetful(Users):
    """Does not verify where there is nothing to verify."""

    async def on_auth(self, session: Session, auth: Authentication) -> str | None:
        known = auth.username in self.secrets
        return await super().on_auth(session, auth) if known else None


@pytest.mark.parametrize("secret", ["pass", scram_keys("pass")], ids=["text", "keys"])
@pytest.mark.parametrize("kind", [Users, Forgetful])
async def test_t_auth_14_the_same_work_and_words_for_nobody(
    secret: Secret, kind: type[Users], autojump_clock: MockClock
) -> None:
    counts: list[tuple[str, int]] = []
    limits = Limits(auth_failures=None, errors_soft=None, errors_hard=None)
    config = with_tls(auth_methods=counting(counts), limits=limits)
    seen: dict[str, set[tuple[Any, ...]]] = {"user": set(), "nobody": set()}
    async with secured(kind(user=secret), config) as client:
        for turn in range(200):
            user = ("user", "nobody")[turn % 2]
            if turn % 4 < 2:
                said = [await client.ask(f"AUTH PLAIN {plain(user, 'wrong')}")]
            else:
                scram = ScramClient(user, "wrong")
                first = await client.ask(f"AUTH SCRAM-SHA-256 {b64(scram.first)}")
                last = await client.ask(b64(scram.final(unb64(first))))
                said = [f"334 of {len(unb64(first))}", last]
            seen[user].add((*said, *counts))
            counts.clear()
    assert seen["user"] == seen["nobody"]
    assert all(row.count(("sha256", 4_096)) == 1 for row in seen["user"])
    assert {row[-2] for row in seen["user"]} == {
        "535 5.7.8 authentication credentials invalid"
    }


async def test_the_salt_of_nobody_stays_the_same(autojump_clock: MockClock) -> None:
    first = b64(ScramClient("nobody").first)
    salts: set[bytes] = set()
    async with secured(Users(user=scram_keys("pass"))) as client:
        for _ in range(2):
            said = unb64(await client.ask(f"AUTH SCRAM-SHA-256 {first}"))
            salts.add(said.split(b",")[1])
            assert (await client.ask("*"))[:3] == "501"
    assert len(salts) == 1
