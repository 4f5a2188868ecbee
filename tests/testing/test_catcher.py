import smtplib
import socket
import threading
from typing import Any

import pytest

from smtpsession import Config, Handler, Reject, Session
from smtpsession.testing import Catcher


def send(catcher: Catcher, to: str = "b@d.test", content: str = "hello") -> None:
    with smtplib.SMTP(catcher.host, catcher.port, timeout=10) as client:
        client.sendmail("a@c.test", to, f"Subject: x\n\n{content}\n")


def test_messages_are_caught() -> None:
    with Catcher() as catcher:
        send(catcher)
        [message] = catcher.messages
        assert message.sender == "a@c.test"
        assert message.recipients == ("b@d.test",)
        assert message.content == b"Subject: x\r\n\r\nhello\r\n"
        assert message.parse()["Subject"] == "x"


def test_messages_are_waited_for() -> None:
    with Catcher() as catcher:
        senders = [threading.Thread(target=send, args=[catcher]) for _ in range(3)]
        for sender in senders:
            sender.start()
        assert len(catcher.wait_for(3, timeout=30)) == 3
        for sender in senders:
            sender.join()


def test_a_certain_message_is_waited_for() -> None:
    with Catcher() as catcher:
        send(catcher, "e@f.test")
        sender = threading.Thread(target=send, args=[catcher])
        sender.start()
        [message] = catcher.wait_for(lambda m: "b@d.test" in m.recipients, timeout=30)
        assert message.recipients == ("b@d.test",)
        assert catcher.wait_for() == catcher.messages
        sender.join()


def test_what_does_not_come_is_told() -> None:
    with Catcher() as catcher:
        send(catcher)
        with pytest.raises(TimeoutError, match=r"waited 0 s for 2 and got .*b@d.test"):
            catcher.wait_for(2, timeout=0)
        with pytest.raises(TimeoutError):
            catcher.wait_for(lambda message: False, timeout=0)


def test_it_refuses() -> None:
    with Catcher() as catcher:
        catcher.refuse("RCPT", 450, "later", when="b@d.test", times=1)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(catcher)
        send(catcher)
        catcher.refuse("MESSAGE", 550, "spam")
        with pytest.raises(smtplib.SMTPDataError):
            send(catcher)
        assert len(catcher.messages) == 1


def test_it_is_emptied() -> None:
    with Catcher() as catcher:
        send(catcher)
        catcher.refuse("MAIL", 450, "later")
        catcher.clear()
        assert catcher.messages == []
        send(catcher)
        assert len(catcher.messages) == 1


def test_it_has_a_handler_and_options() -> None:
    class Picky(Handler):
        async def on_rcpt_to(self, session: Session, address: Any) -> None:
            raise Reject(550, "no")

    config = Config(hostname="other.test", reverse_lookup=False)
    with Catcher(Picky(), config) as catcher:
        with smtplib.SMTP(catcher.host, catcher.port, timeout=10) as client:
            assert client.ehlo()[1].startswith(b"other.test")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(catcher)


def test_nobody_listens_after_the_end() -> None:
    with Catcher() as catcher:
        address = catcher.host, catcher.port
        assert repr(catcher) == f"<Catcher on {address[0]}:{address[1]}>"
        connection = socket.create_connection(address, timeout=10)
        lines = connection.makefile("rb")
        assert lines.readline().startswith(b"220")
    assert repr(catcher) == "Catcher()"
    with connection, lines:
        assert [line[:3] for line in lines] == [b"421"]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(address, timeout=10)
    assert catcher.messages == []


def test_it_can_be_closed_again() -> None:
    catcher = Catcher().start()
    catcher.close()
    catcher.close()


class Failing(Handler):
    async def on_hello(self, session: Session, name: str) -> None:
        raise RuntimeError("deliberate")


def greet(catcher: Catcher) -> None:
    with smtplib.SMTP(catcher.host, catcher.port, timeout=10) as client:
        client.ehlo()


def test_failures_of_the_handler_are_raised_at_the_end() -> None:
    catcher = Catcher(Failing()).start()
    greet(catcher)
    with pytest.raises(ExceptionGroup) as caught:
        catcher.close()
    assert [str(error) for error in caught.value.exceptions] == ["deliberate"]


def test_what_the_test_says_matters_more() -> None:
    def fail_after_a_failing_hook() -> None:
        with Catcher(Failing()) as catcher:
            greet(catcher)
            raise KeyError

    with pytest.raises(KeyError):
        fail_after_a_failing_hook()


class Deadly(Handler):
    async def on_hello(self, session: Session, name: str) -> None:
        raise KeyboardInterrupt


def test_the_end_of_the_server_is_told_to_those_who_wait() -> None:
    catcher = Catcher(Deadly()).start()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        greet(catcher)
    with pytest.raises((KeyboardInterrupt, BaseExceptionGroup)) as caught:
        catcher.wait_for(timeout=30)
    with pytest.raises(type(caught.value)):
        catcher.close()


def test_an_address_that_cannot_be_bound_is_told() -> None:
    with pytest.raises(OSError, match="assign"):
        Catcher(host="203.0.113.1").start()


def test_before_the_start_there_is_no_port() -> None:
    with pytest.raises(RuntimeError, match="has not been started"):
        _ = Catcher().port


def test_it_starts_once() -> None:
    with Catcher() as catcher, pytest.raises(RuntimeError):
        catcher.start()


@pytest.mark.parametrize(
    ("wanted", "error"), [(0, ValueError), (True, TypeError), ("b@d", TypeError)]
)
def test_nonsense_is_not_waited_for(wanted: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="wanted must be"):
        Catcher().wait_for(wanted)
