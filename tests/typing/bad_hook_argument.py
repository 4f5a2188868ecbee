"""A hook that expects something else than it is given."""

from smtpsession import Address, Handler, Message, Session


class WrongArgument(Handler):
    async def on_rcpt_to(self, session: Session, address: int) -> None:  # error
        print(session, address)


class WrongMessage(Handler):
    async def on_data(self, session: Session, message: bytes) -> str:  # error
        return f"{session.id} {len(message)}"


class WrongSession(Handler):
    async def on_mail_from(self, session: str, address: Address) -> None:  # error
        print(session, address)


class WrongResult(Handler):
    async def on_data(self, session: Session, message: Message) -> int:  # error
        return message.size
