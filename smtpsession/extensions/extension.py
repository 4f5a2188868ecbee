"""What a service extension is (RFC 5321 2.2)."""

from __future__ import annotations

from typing import ClassVar

from smtpsession.errors import ParameterSyntaxError
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session
from smtpsession.wire.addresses import Address
from smtpsession.wire.replies import Reply


class Extension:
    """One ESMTP keyword with the parameters that it adds to MAIL and RCPT."""

    #: The keyword in the reply to EHLO.
    keyword: ClassVar[str]
    #: A verb that comes with the extension and can be disabled, in upper case; "" for
    #: none. One of one's own goes with ``on_command``.
    verb: ClassVar[str] = ""
    #: Parameters of MAIL that belong to this extension, in upper case.
    mail_parameters: ClassVar[frozenset[str]] = frozenset()
    #: Parameters of RCPT that belong to this extension, in upper case.
    rcpt_parameters: ClassVar[frozenset[str]] = frozenset()

    def offer(self, session: Session) -> str | None:
        """Give the line of the reply to EHLO, or None when not available now."""
        return self.keyword

    def is_available(self, session: Session) -> bool:
        """Say whether MAIL and RCPT take the extension's parameters now."""
        return self.offer(session) is not None

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        """Put a parameter of MAIL into the envelope that is being filled.

        Args:
            name: one of ``mail_parameters``.
            value: the value as sent, or True when there was none.
            envelope: the envelope of the new mail transaction.
            session: the session.

        Raises:
            RemoteProtocolError: the value is not acceptable.
            Reject: the same, with a reply of one's own.
        """
        raise NotImplementedError

    def check_mail(self, sender: Address, envelope: Envelope, session: Session) -> None:
        """Check the parameters of MAIL together, once all of them are read.

        Called when at least one of them was this extension's.

        Args:
            sender: the sender.
            envelope: the envelope of the new mail transaction, filled.
            session: the session.

        Raises:
            RemoteProtocolError: they do not go together.
            Reject: the same, with a reply of one's own.
        """

    def rcpt_parameter(
        self, name: str, value: str | bool, address: Address, session: Session
    ) -> Address:
        """Give the recipient with a parameter of RCPT put into it.

        Args:
            name: one of ``rcpt_parameters``.
            value: the value as sent, or True when there was none.
            address: the recipient.
            session: the session; its envelope is the open mail transaction's.

        Raises:
            RemoteProtocolError: the value is not acceptable.
            Reject: the same, with a reply of one's own.
        """
        raise NotImplementedError

    async def on_command(self, session: Session, argument: str) -> Reply | str | None:
        """Answer the command that the extension's ``verb`` is.

        It may come at any time outside of a message, also before a hello.

        Args:
            session: the session.
            argument: what stands behind the verb; may be empty.

        Returns:
            None or a text for 250, or a whole reply.

        Raises:
            Reject: the command is refused.
        """
        raise NotImplementedError

    @property
    def has_command(self) -> bool:
        """The extension answers a command of its own."""
        return type(self).on_command is not Extension.on_command


def need_value(value: str | bool) -> str:
    """Give the value of a parameter that must have one."""
    if not isinstance(value, str):
        raise ParameterSyntaxError
    return value


def need_flag(value: str | bool) -> None:
    """Raise unless a parameter came without a value."""
    if value is not True:
        raise ParameterSyntaxError
