from typing import Any

import pytest
import trio
import trio.testing

from smtpsession import Config, Handler, Reject
from smtpsession.handlers import Chain, SinkHandler
from smtpsession.testing import Failures, RecordingHandler, open_client
from tests.server.recorder import Recorder
from tests.testing.certificates import contexts

MAIL = "MAIL FROM:<a@c.test>"


async def codes(handler: Handler[Any], *commands: str) -> list[int]:
    async with open_client(handler) as client:
        return [(await client.ask(command)).code for command in commands]


@pytest.mark.parametrize(
    ("place", "command"),
    [
        ("EHLO", "EHLO c"),
        ("LHLO", "HELO c"),
        ("helo", "EHLO c"),
        ("VRFY", "VRFY x"),
        ("EXPN", "EXPN x"),
        ("HELP", "HELP"),
    ],
)
async def test_verbs_are_refused(place: str, command: str) -> None:
    async with open_client(Failures().refuse(place, 450, "later")) as client:
        reply = await client.ask(command)
        assert (reply.code, reply.text) == (450, "later")


async def test_all_of_a_message_can_be_refused() -> None:
    for place, count in (("MAIL", 1), ("RCPT", 2), ("DATA", 3), ("MESSAGE", 4)):
        inner = RecordingHandler()
        async with open_client(Failures(inner).refuse(place, 451, "later")) as client:
            delivery = await client.deliver("a@c.test", "b@d.test", "x")
        assert [reply.code for reply in delivery.replies][-1] == 451
        assert len(delivery.replies) == count


async def test_the_reply_is_as_told() -> None:
    failures = Failures().refuse("MAIL", 552, "full", enhanced="5.2.2")
    async with open_client(failures) as client:
        await client.hello()
        assert str(await client.ask(MAIL)) == "552 5.2.2 full"


async def test_connections_are_refused() -> None:
    async with open_client(Failures().refuse("CONNECT", 554, "no")) as client:
        assert client.greeting is not None
        assert client.greeting.code == 554


async def test_tls_is_refused_after_the_handshake() -> None:
    server, trusting = contexts()
    failures = Failures().refuse("STARTTLS", 554, "no", when="")
    async with open_client(failures, Config(hostname="mx.test", tls=server)) as client:
        assert (await client.start_tls(trusting)).code == 220
        assert [reply.code for reply in await client.rest()] == [554]


async def test_users_are_refused() -> None:
    config = Config(hostname="mx.test", allow_insecure_auth=True)
    # Any user is let in by the answer, whatever was proven.
    inner = RecordingHandler().answer("on_auth", "a", "a")
    failures = Failures(inner).refuse("AUTH", 454, "later", when="A", times=1)
    async with open_client(failures, config) as client:
        await client.hello()
        said = [(await client.ask("AUTH PLAIN AGEAYg==")).code for _ in range(2)]
    assert said == [454, 235]


async def test_it_fails_so_often() -> None:
    failures = Failures().refuse("EHLO", 450, "later", times=2)
    assert await codes(failures, *["EHLO c"] * 4) == [450, 450, 250, 250]


async def test_it_fails_for_an_address() -> None:
    failures = Failures().refuse("RCPT", 450, "later", when="B@d.test")
    commands = ["EHLO c", MAIL, "RCPT TO:<a@d.test>", "RCPT TO:<b@D.test>"]
    assert await codes(failures, *commands) == [250, 250, 250, 450]


async def test_it_fails_as_a_function_says() -> None:
    failures = Failures().refuse("RCPT", 550, "no", when=lambda a: a.domain == "d.test")
    commands = ["EHLO c", MAIL, "RCPT TO:<a@d.test>", "RCPT TO:<b@e.test>"]
    assert await codes(failures, *commands) == [250, 250, 550, 250]


async def test_the_first_rule_wins() -> None:
    failures = Failures().refuse("EHLO", 450, "first", times=1)
    failures.refuse("EHLO", 550, "second")
    assert await codes(failures, "EHLO c", "EHLO c") == [450, 550]


async def test_everything_can_be_forgotten() -> None:
    failures = Failures().refuse("EHLO", 450, "later")
    failures.clear()
    assert await codes(failures, "EHLO c") == [250]


async def test_answers_can_come_later(autojump_clock: trio.testing.MockClock) -> None:
    inner = RecordingHandler()
    failures = Failures(inner).delay("RCPT", 20, times=1).delay("MESSAGE", 7)
    async with open_client(failures) as client:
        start = trio.current_time()
        assert (await client.deliver("a@c", ["b@d", "e@f"], "x")).accepted
        assert trio.current_time() - start == 27
        assert len(inner.messages) == 1


@pytest.mark.parametrize("place", ["EHLO", "MAIL", "RCPT", "DATA", "MESSAGE"])
async def test_connections_can_be_lost(place: str) -> None:
    inner = RecordingHandler()
    failures = Failures(inner).disconnect(place)
    async with open_client(failures) as client:
        with pytest.raises(EOFError):
            await client.deliver("a@c", "b@d", "x")
    assert inner.called[-1] == "on_close"


async def test_connections_can_be_lost_before_the_greeting() -> None:
    failures = Failures().disconnect("CONNECT", times=1)
    async with open_client(failures, greeting=False) as client:
        assert await client.rest() == []
    async with open_client(failures) as client:
        assert client.greeting is not None


async def test_what_was_lost_once_works_again() -> None:
    inner = RecordingHandler()
    failures = Failures(inner).disconnect("DATA", times=1)
    for lost in (True, False):
        async with open_client(failures) as client:
            try:
                assert (await client.deliver("a@c", "b@d", "x")).accepted
                assert not lost
            except EOFError:
                assert lost


async def test_in_lmtp_one_recipient_can_fail_at_the_end() -> None:
    config = Config.for_lmtp(hostname="mx.test")
    to = ["a@d.test", "b@d.test"]
    wanted = {None: [250, 452], "several": [250, 452], "short": [250, 451]}
    for said, expected in wanted.items():
        inner = RecordingHandler()
        if said == "several":
            inner.answer("on_data", [None, "yes"])
        elif said == "short":
            inner.answer("on_data", [None])
        failures = Failures(inner).refuse("MESSAGE", 452, "full", when="b@d.test")
        async with open_client(failures, config) as client:
            delivery = await client.deliver("a@c", to, "x")
        assert [reply.code for reply in delivery.message] == expected


async def test_it_stands_in_a_chain() -> None:
    sink = SinkHandler()
    chain = Chain(Failures().refuse("RCPT", 450, "later", times=1), sink)
    async with open_client(chain) as client:
        assert not (await client.deliver("a@c", "b@d", "x")).accepted
        assert (await client.deliver("a@c", "b@d", "x")).accepted
    assert sink.messages == 1


async def test_without_rules_it_is_the_inner_handler() -> None:
    said: list[list[Any]] = []
    for handler in (Recorder(), Failures(Recorder())):
        async with open_client(handler) as client:
            said.append((await client.deliver("a@c", "b@d", "x")).replies)
    assert said[0] == said[1]


async def test_refusals_of_the_inner_handler_stay() -> None:
    inner = RecordingHandler().answer("on_mail_from", Reject(550, "no"))
    assert await codes(Failures(inner), "EHLO c", MAIL) == [250, 550]


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        (("NOOP", 450, "x"), {}, ValueError, "place must be in"),
        (("MAIL", 250, "x"), {}, ValueError, "reply code must be within 400"),
        (("MAIL", 450, "x\n"), {}, ValueError, "printable ASCII"),
        (("MAIL", 450, "x"), {"enhanced": "5.0.0"}, ValueError, "4.y.z"),
        (("MAIL", 450, "x"), {"times": 0}, ValueError, "times must be at least 1"),
        (("MAIL", 450, "x"), {"when": 5}, TypeError, "when must be a str"),
    ],
)
def test_what_makes_no_sense_is_told(
    arguments: Any, options: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        Failures().refuse(*arguments, **options)


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan")])
def test_a_delay_has_an_end(seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds must be 0 or more"):
        Failures().delay("MAIL", seconds)
