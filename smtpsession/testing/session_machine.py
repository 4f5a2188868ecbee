"""A state machine that talks to a server as it likes, and knows what must come of it.

Point it at a handler of your own::

    class Mine(SessionMachine):
        handler = MyHandler

    TestMine = Mine.TestCase

Everything that is sent goes through ``send``, where the independent model of the RFCs
(``model.py``) judges each reply. A connection that has ended is followed by another.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from smtpsession.handler import Handler
from smtpsession.server.config import Config
from smtpsession.session.session import Session
from smtpsession.testing.model import Model
from smtpsession.testing.model_violation import Violation, ViolationError
from smtpsession.testing.session_machine_octets import (
    MALFORMED,
    auth_responses,
    chunk_of,
    dot_stuffed,
    pieces,
    secret_responses,
)
from smtpsession.testing.session_machine_peers import DialoguePeer, HandlerPeer, Peer
from smtpsession.testing.strategies import AuthExchange, auth_exchanges

__all__ = ["SessionMachine"]


def _of_machine(attribute: str) -> st.SearchStrategy[str]:
    """Draw one of the values of the machine's *attribute*."""
    return st.runner().flatmap(
        lambda machine: st.sampled_from(getattr(machine, attribute))
    )


_BEGINS = st.sampled_from([True, True, False])
_CUTS = st.sampled_from([(), (), (1,), (4, 9), (13,), (23, 24, 25), tuple(range(99))])
_PARAMETERS = st.sampled_from(
    [
        *("", "", "", " SIZE=5", " BODY=8BITMIME", " BODY=BINARYMIME", " RET=HDRS"),
        *(" SIZE=5 BODY=7BIT", " SIZE=x", " FOO=1"),
    ]
)
_OTHERS = st.sampled_from(
    [
        *("NOOP", "NOOP x", "RSET", "RSET", "VRFY x", "EXPN x", "HELP", "HELP x"),
        *("XYZZY", "FROB x", "noop", "rset  "),
    ]
)
# Some look like the end of content, or like commands behind it.
_PIECES = st.sampled_from(
    [
        *(b"x", b".", b"\r\n", b"\r\n", b"\r\n.", b"..", b"\xe9", b"bad"),
        *(b"QUIT\r\n", b"MAIL FROM:<evil@x.example>\r\n", b"BDAT 3\r\n"),
    ]
)
_CONTENT = st.lists(_PIECES, max_size=4).map(b"".join)
# RFC 5321 4.1.1.4: none of these ends a message.
_SMUGGLED = st.sampled_from([b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\0"])
_CHUNK = st.tuples(st.lists(_PIECES, max_size=2).map(b"".join), st.booleans())
_MECHANISMS = st.sampled_from(["PLAIN", "LOGIN"])


class SessionMachine(RuleBasedStateMachine):
    """Drives a handler, and the model beside it; subclass it with your own handler.

    Without a handler it drives the dialogue alone, which is faster.
    Rules and invariants of your own find what they need in ``send``, ``say``,
    ``session``, ``served`` and ``model``.
    """

    #: The class of the handler; see ``make_handler`` for one with arguments. None takes
    #: a dialogue that refuses only what calls itself bad.
    handler: ClassVar[type[Handler[Any]] | None] = None
    #: The options of its server.
    config: ClassVar[Config] = Config(hostname="mx.example.org", reverse_lookup=False)
    #: Who sends; "" is the null sender.
    senders: ClassVar[Sequence[str]] = (
        *("a@c.example", "a@c.example", "", "bad@c.example", "early@c.example"),
    )
    #: Who receives.
    recipients: ClassVar[Sequence[str]] = (
        *("b@s.example", "b@s.example", "c@s.example", "bad@s.example"),
    )
    #: What clients call themselves.
    names: ClassVar[Sequence[str]] = ("c.example", "[192.0.2.1]", "bad.example")
    #: A user, and the right password.
    credentials: ClassVar[tuple[str, str]] = ("user", "secret")

    #: The server's side of the current connection.
    peer: Peer
    #: What is known of the current connection.
    model: Model

    def __init__(self) -> None:
        super().__init__()
        #: The handler of this example; None without one.
        self.served: Handler[Any] | None = self.make_handler()
        self._open()

    def make_handler(self) -> Handler[Any] | None:
        """Give the handler of an example."""
        return None if self.handler is None else self.handler()

    def open_peer(self) -> Peer:
        """Give the server's side of a new connection."""
        if self.served is not None:
            return HandlerPeer(self.served, self.config)
        return DialoguePeer(self.config.dialogue_settings(authenticates=True))

    @property
    def session(self) -> Session:
        """The session as the server has it."""
        return self.peer.session

    def say(self, line: str, *, cuts: Iterable[int] = ()) -> list[int]:
        """Send a command line and judge the reply.

        Args:
            line: the line without its CRLF.
            cuts: as for ``send``.

        Returns:
            The code of each reply.
        """
        return self.send(line.encode("utf-8") + b"\r\n", cuts=cuts)

    def send(self, octets: bytes, *, cuts: Iterable[int] = ()) -> list[int]:
        """Send octets, and judge what comes back.

        Args:
            octets: what the client sends; on a new connection if there is none.
            cuts: where segments begin, in octets.

        Returns:
            The code of each reply.

        Raises:
            ViolationError: a rule is broken.
        """
        if self.peer.is_closed or self.model.is_lost:
            self.peer.close()
            self._open()
        model, peer = self.model, self.peer
        before = len(model.codes)
        for piece in pieces(octets, cuts):
            if not peer.is_closed:
                model.sent(piece)
                model.received(peer.send(piece))
        self._listen()
        return model.codes[before:]

    def fail(self, rule: str, expected: object, seen: object) -> None:
        """Fail the example, with what was said so far.

        Raises:
            ViolationError: always.
        """
        lines = [line[3:] for line in self.model.transcript if line[:3] == "C: "]
        violation = Violation(
            rule=rule,
            section="the model",
            # The transcript shows octets as a literal.
            sent=ast.literal_eval(lines[-1]) if lines else b"",
            expected=str(expected),
            seen=str(seen),
        )
        raise ViolationError(violation, self.model.transcript)

    # Rules: what a client may do.

    @rule(name=_of_machine("names"), verb=_of_machine("hellos"), cuts=_CUTS)
    def hello(self, name: str, verb: str, cuts: Sequence[int]) -> None:
        """Say HELO, EHLO or LHLO."""
        self.say(f"{verb} {name}", cuts=cuts)

    @rule(
        sender=_of_machine("senders"),
        recipients=st.lists(_of_machine("recipients"), min_size=1, max_size=3),
    )
    def open_transaction(self, sender: str, recipients: list[str]) -> None:
        """Say all that comes before content."""
        self.say(f"{self.hellos[0]} {self.names[0]}")
        self.say(f"MAIL FROM:<{sender}>")
        for recipient in recipients:
            self.say(f"RCPT TO:<{recipient}>")

    def _greet(self) -> None:
        if self.peer.is_closed or self.model.state.hello is None:
            self.say(f"{self.hellos[0]} {self.names[0]}")

    def _end_content(self) -> None:
        if self.model.state.mode == "content":
            self.send(b".\r\n")

    def _prepare(self, begins: bool) -> None:
        if begins and (self.peer.is_closed or not self.model.state.in_transaction):
            self.open_transaction(self.senders[0], list(self.recipients[:2]))

    @rule(sender=_of_machine("senders"), parameters=_PARAMETERS, cuts=_CUTS)
    def mail(self, sender: str, parameters: str, cuts: Sequence[int]) -> None:
        """Say MAIL."""
        self.say(f"MAIL FROM:<{sender}>{parameters}", cuts=cuts)

    @rule(recipient=_of_machine("recipients"), cuts=_CUTS)
    def rcpt(self, recipient: str, cuts: Sequence[int]) -> None:
        """Say RCPT."""
        self.say(f"RCPT TO:<{recipient}>", cuts=cuts)

    @rule(content=_CONTENT, begins=_BEGINS, cuts=_CUTS)
    def data(self, content: bytes, begins: bool, cuts: Sequence[int]) -> None:
        """Say DATA, and after 354 the content."""
        self._prepare(begins)
        self.say("DATA")
        if self.model.state.mode == "content":
            self.send(dot_stuffed(content) + b"\r\n.\r\n", cuts=cuts)

    @rule(separator=_SMUGGLED, cuts=_CUTS)
    def smuggle(self, separator: bytes, cuts: Sequence[int]) -> None:
        """Hide commands behind what only looks like the end of the content."""
        self._prepare(True)
        self.say("DATA")
        if self.model.state.mode == "content":
            hidden = b"x" + separator + b"MAIL FROM:<evil@x.example>\r\n"
            self.send(hidden + b"\r\n.\r\n", cuts=cuts)

    @rule(
        chunks=st.lists(_CHUNK, min_size=1, max_size=3),
        behind=st.sampled_from([b"", b"", b"DATA\r\n", b"NOOP\r\n", b"RSET\r\n"]),
        begins=_BEGINS,
        cuts=_CUTS,
    )
    def bdat(
        self,
        chunks: list[tuple[bytes, bool]],
        behind: bytes,
        begins: bool,
        cuts: Sequence[int],
    ) -> None:
        """Send chunks, in one group."""
        self._prepare(begins)
        self.send(b"".join(chunk_of(*chunk) for chunk in chunks) + behind, cuts=cuts)
        self._end_content()

    @rule(line=_OTHERS, cuts=_CUTS)
    def other(self, line: str, cuts: Sequence[int]) -> None:
        """Say a command that brings no mail forward."""
        self.say(line, cuts=cuts)

    @rule(line=st.sampled_from(MALFORMED), cuts=_CUTS)
    def malformed(self, line: bytes, cuts: Sequence[int]) -> None:
        """Send a line that is wrong, or looks so."""
        self.send(line + b"\r\n", cuts=cuts)

    @rule(
        sender=_of_machine("senders"),
        recipients=st.lists(_of_machine("recipients"), max_size=3),
        last=st.sampled_from(["NOOP", "RSET", "DATA"]),
        cuts=_CUTS,
    )
    def group(
        self, sender: str, recipients: list[str], last: str, cuts: Sequence[int]
    ) -> None:
        """Send commands in one group (RFC 2920 3.1), after what allows that."""
        self._greet()
        lines = [f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{r}>" for r in recipients), last]
        self.say("\r\n".join(lines), cuts=cuts)
        self._end_content()

    @rule(mechanism=_MECHANISMS, right=st.booleans(), early=st.booleans())
    def auth(self, mechanism: str, right: bool, early: bool) -> None:
        """Authenticate, with the right password or a wrong one."""
        self._greet()
        user, password = self.credentials
        first, *rest = auth_responses(mechanism, user, password if right else "wrong")
        command = f"AUTH {mechanism}"
        if early:
            self.say(f"{command} {first}")
        else:
            self.say(command)
            rest.insert(0, first)
        while self.model.state.mode == "auth":
            self.say(rest.pop(0) if rest else "*")

    @rule(exchange=auth_exchanges())
    def give_up_auth(self, exchange: AuthExchange) -> None:
        """Begin to authenticate by any mechanism, and go astray."""
        command, *responses = exchange.to_lines()
        self.send(command)
        while self.model.state.mode == "auth":
            self.send(responses.pop(0) if responses else b"*\r\n")

    @rule(behind=st.sampled_from([b"", b"NOOP\r\n"]))
    def starttls(self, behind: bytes) -> None:
        """Begin TLS, perhaps with something said too early (RFC 3207 6)."""
        if 220 in self.send(b"STARTTLS\r\n" + behind):
            self.peer.start_tls()

    @precondition(lambda self: bool(self.config.xclient))
    @rule(attributes=st.sampled_from(["NAME=h.example", "LOGIN=user", "PORT=x"]))
    def xclient(self, attributes: str) -> None:
        """Say whom the client speaks for (XCLIENT)."""
        self.say(f"XCLIENT {attributes}")

    @rule()
    def quit(self) -> None:
        """Say QUIT."""
        self.say("QUIT")

    # Invariants: what holds between two rules.

    @invariant()
    def session_agrees(self) -> None:
        """What the server knows of the session is what a client must conclude."""
        if self.peer.is_closed or self.model.is_lost:
            return
        state, session = self.model.state, self.session
        told = {
            "secure": state.secure,
            "authenticated": state.authenticated,
            "hello": state.hello,
            "sender": None if state.sender is None else state.sender.decode(),
            "recipients": [path.decode() for path in state.recipients],
            "transaction": state.transaction,
        }
        sender = session.envelope.mail_from
        known = {
            "secure": session.secure,
            "authenticated": session.user is not None,
            "hello": session.opening_command,
            "sender": None if sender is None else sender.address,
            "recipients": [rcpt.address for rcpt in session.envelope.rcpt_to],
            "transaction": session.transaction,
        }
        if told != known:
            self.fail("the session is another", told, known)

    @invariant()
    def messages_agree(self) -> None:
        """What was accepted is what the handler has got, octet by octet."""
        for delivery in self.model.deliveries:
            got = self.peer.received.get(delivery.transaction)
            sender = delivery.sender.decode()
            envelope = tuple(path.decode() for path in delivery.envelope)
            if got is None or (got.sender, got.recipients) != (sender, envelope):
                self.fail("the message is for others", (sender, envelope), got)
            elif delivery.is_exact and got.content != delivery.content:
                self.fail("the content is another", delivery.content, got.content)

    def teardown(self) -> None:
        """End the connection."""
        self.peer.close()

    @property
    def hellos(self) -> Sequence[str]:
        """Verbs to say hello with, the right one first."""
        if self.config.lmtp:
            return ("LHLO", "LHLO", "EHLO")
        return ("EHLO", "EHLO", "HELO", "LHLO")

    def _open(self) -> None:
        self.peer = self.open_peer()
        self.model = Model(
            lmtp=self.config.lmtp,
            secure=self.config.implicit_tls,
            secrets=secret_responses(*self.credentials),
        )
        try:
            self.model.received(self.peer.send(b""))
            self._listen()
        except BaseException:
            self.peer.close()
            raise

    def _listen(self) -> None:
        model, peer = self.model, self.peer
        while (model.awaits_reply or model.is_over) and not peer.is_closed:
            octets = peer.wait()
            if not octets:
                break
            model.received(octets)
        violations = model.check(closed=peer.is_closed)
        if violations:
            raise ViolationError(violations[0], model.transcript)
