"""A support desk: each message becomes a ticket for the teams that it is sent to."""

import attrs

from smtpsession import Config, Handler, Reject

TEAMS = {"help@desk.example", "billing@desk.example", "postmaster"}
PASSWORDS = {"ann": "correct horse"}

#: Only this machine can connect, so that passwords may come without TLS.
config = Config(
    hostname="desk.example",
    auth_methods=["PLAIN", "LOGIN"],
    allow_insecure_auth=True,
    reverse_lookup=False,
)


@attrs.frozen
class Ticket:
    teams: list[str]
    content: bytes


class SupportDesk(Handler):
    def __init__(self):
        self.tickets = []

    async def on_auth(self, session, auth):
        if await auth.verify(PASSWORDS.get(auth.username)):
            return auth.username

    async def on_rcpt_to(self, session, address):
        if address.address not in TEAMS:
            raise Reject(550, "no such team", enhanced="5.1.1")

    async def on_data(self, session, message):
        teams = [recipient.address for recipient in session.envelope.rcpt_to]
        self.tickets.append(Ticket(teams, await message.read()))
        return f"ticket {len(self.tickets)}"
