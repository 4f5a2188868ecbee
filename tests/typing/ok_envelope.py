"""What a handler reads from the session and its envelope."""

from smtpsession import Handler, Message, MessageTooLarge, Reject, Session, TLSOptions


class Audit(Handler):
    async def on_data(self, session: Session, message: Message) -> None:
        envelope = session.envelope
        sender = envelope.mail_from
        if sender is None:
            raise Reject(554, "no sender")
        parameters: dict[str, str | bool] = sender.args
        domains: list[str] = [recipient.domain for recipient in envelope.rcpt_to]
        tls: TLSOptions | None = session.tls_options
        secure: bool = session.secure
        try:
            content = await message.read()
        except MessageTooLarge:
            raise Reject(452, "too much for today") from None
        print(parameters, domains, tls, secure, len(content), message.size)
