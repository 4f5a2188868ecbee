"""The smallest program, annotated."""

import trio

from smtpsession import Address, Handler, Message, Reject, Session, serve


class Inbox(Handler):
    async def on_rcpt_to(self, session: Session, address: Address) -> None:
        if address.domain != "example.org":
            raise Reject(550, "we do not handle that domain", enhanced="5.7.1")

    async def on_data(self, session: Session, message: Message) -> str:
        async for chunk in message:
            print(len(chunk))
        return "queued as 42"


trio.run(serve, Inbox(), 2525)
