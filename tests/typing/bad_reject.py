"""A refusal whose code is a text."""

from smtpsession import Address, Handler, Reject, Session


class Inbox(Handler):
    async def on_rcpt_to(self, session: Session, address: Address) -> None:
        if address.is_null:
            raise Reject("550", "we do not handle that domain")  # error
        raise Reject(550, "we do not handle that domain", enhanced=571)  # error
