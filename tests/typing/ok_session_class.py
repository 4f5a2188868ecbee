"""A session with fields of one's own."""

import attrs
import trio

from smtpsession import Address, Handler, Message, Reply, Session, serve


@attrs.define(slots=False, kw_only=True)
class MySession(Session):
    greylisted: bool = False
    seen: list[str] = attrs.field(factory=list[str])


class Inbox(Handler[MySession]):
    session_class = MySession

    async def on_connect(self, session: MySession) -> None:
        session.greylisted = session.remote_address == "192.0.2.1"

    async def on_rcpt_to(self, session: MySession, address: Address) -> str | None:
        session.seen.append(address.local_part)
        return "noted" if session.greylisted else None

    async def on_data(self, session: MySession, message: Message) -> Reply:
        content: bytes = await message.read(max_octets=1_000)
        return Reply(250, f"{len(content)} octets for {len(session.seen)}")

    async def on_close(self, session: MySession) -> None:
        session.seen.clear()


trio.run(serve, Inbox(), 2525)
