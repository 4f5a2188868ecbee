from __future__ import annotations

import ssl
from typing import Any, ClassVar

import pytest
import trustme
from hypothesis import Phase, settings
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from smtpsession import (
    Address,
    Authentication,
    Config,
    Handler,
    Message,
    Reject,
    Reply,
    Session,
)
from smtpsession.testing.model_violation import ViolationError
from smtpsession.testing.session_machine import SessionMachine
from smtpsession.testing.session_machine_peers import Received

CONTEXT = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
trustme.CA().issue_cert("mx.test").configure_cert(CONTEXT)
OPTIONS: dict[str, Any] = {
    "hostname": "mx.test",
    "tls": CONTEXT,
    "allow_insecure_auth": True,
    "auth_methods": ["PLAIN", "LOGIN"],
}
PROFILE = settings(
    max_examples=30,
    stateful_step_count=10,
    derandomize=True,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
)


class Shop(Handler):
    """Refuses some of everything, and knows one user."""

    def __init__(self) -> None:
        self.orders = 0

    async def on_rcpt_to(self, session: Session, address: Address) -> None:
        if address.local_part == "bad":
            raise Reject(550, "no such user")

    async def on_auth(self, session: Session, auth: Authentication) -> Any:
        return auth.username if await auth.verify("secret") else None

    async def on_data(self, session: Session, message: Message) -> Any:
        if b"bad" in await message.read(64):
            raise Reject(554, "no")
        self.orders += 1
        if session.lmtp and len(session.envelope.rcpt_to) > 1:
            return [Reject(450, "later"), *[None] * (len(session.envelope.rcpt_to) - 1)]
        return None


class ShopMachine(SessionMachine):
    handler = Shop
    config = Config(**OPTIONS, xclient=["unix"], extensions=["BINARYMIME"])

    @invariant()
    def every_accepted_message_is_an_order(self) -> None:
        assert isinstance(self.served, Shop)
        assert self.served.orders >= len(self.model.deliveries)


class LMTPShopMachine(SessionMachine):
    handler = Shop
    config = Config.for_lmtp(**OPTIONS)


class ImplicitTLSMachine(SessionMachine):
    handler = Shop
    config = Config(**OPTIONS, implicit_tls=True)


@pytest.mark.parametrize(
    "machine", [ShopMachine, LMTPShopMachine, ImplicitTLSMachine, SessionMachine]
)
def test_a_handler_keeps_the_rules(machine: type[SessionMachine]) -> None:
    run_state_machine_as_test(machine, settings=PROFILE)


# A machine is a test case of unittest, which pytest finds.
TestShop: Any = ShopMachine.TestCase
TestShop.settings = settings(PROFILE, max_examples=3)


def test_an_invariant_of_ones_own_is_held() -> None:
    class Picky(ShopMachine):
        @invariant()
        def nobody_orders(self) -> None:
            assert isinstance(self.served, Shop)
            assert self.served.orders == 0

    profile = settings(PROFILE, max_examples=100, phases=[Phase.generate])
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Picky, settings=profile)


def test_a_rule_of_ones_own_is_judged() -> None:
    class Odd(Shop):
        async def on_verify(self, session: Session, argument: str) -> Any:
            return Reply(253, "perhaps") if argument == "odd" else None

    class OddMachine(SessionMachine):
        handler = Odd

        @rule()
        def ask(self) -> None:
            self.say("VRFY odd")

    with pytest.raises(ViolationError) as caught:
        run_state_machine_as_test(OddMachine, settings=PROFILE)
    assert caught.value.violation.rule == "VRFY"
    assert caught.value.violation.seen.startswith("253")


def test_a_handler_with_arguments() -> None:
    class Made(SessionMachine):
        def make_handler(self) -> Handler[Any]:
            return Shop()

    machine = Made()
    assert isinstance(machine.served, Shop)
    assert machine.say("NOOP") == [250]
    machine.teardown()


def test_what_is_said_and_heard() -> None:
    machine = SessionMachine()
    assert machine.say("EHLO c") == [250]
    assert machine.say("NOOP\r\nNOOP", cuts=[0, 3, 900]) == [250, 250]
    assert machine.send(b"NO") == []
    assert machine.send(b"OP\r\n") == [250]
    assert machine.say("QUIT") == [221]
    assert machine.peer.is_closed
    machine.session_agrees()
    # Another connection begins.
    assert machine.say("NOOP") == [250]


class Lying(SessionMachine):
    """Says that another message has arrived."""

    lie: ClassVar[dict[int, Received]] = {}

    def deliver(self) -> None:
        self.open_transaction("a@c.example", ["b@s.example"])
        self.data(b"x", begins=False, cuts=())
        self.peer.received.clear()
        self.peer.received.update(self.lie)
        self.messages_agree()


@pytest.mark.parametrize(
    ("lie", "name"),
    [
        ({}, "the message is for others"),
        (
            {1: Received("z@c.example", ("b@s.example",), b"x\r\n")},
            "the message is for others",
        ),
        (
            {1: Received("a@c.example", ("b@s.example",), b"y\r\n")},
            "the content is another",
        ),
    ],
)
def test_another_message_is_a_violation(lie: dict[int, Received], name: str) -> None:
    machine = Lying()
    machine.lie = lie  # type: ignore[misc]
    with pytest.raises(ViolationError) as caught:
        machine.deliver()
    assert caught.value.violation.rule == name
    assert caught.value.violation.sent == b"x\r\n.\r\n"


def test_another_session_is_a_violation() -> None:
    machine = SessionMachine()
    machine.session.transaction = 7
    with pytest.raises(ViolationError) as caught:
        machine.session_agrees()
    assert caught.value.violation.rule == "the session is another"
    assert caught.value.violation.sent == b""


def test_a_wrong_greeting_is_found_and_leaves_no_trio_behind() -> None:
    class Farewell(Handler):
        async def on_connect(self, session: Session) -> Reply:
            return Reply(221, "bye")

    class FarewellMachine(SessionMachine):
        handler = Farewell

    for _ in range(2):
        with pytest.raises(ViolationError) as caught:
            FarewellMachine()
        assert caught.value.violation.rule == "greeting"
