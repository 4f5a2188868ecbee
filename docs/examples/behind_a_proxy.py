"""Who is there when a proxy speaks for its clients by XCLIENT, XFORWARD or PROXY."""

from smtpsession import Address, Config, Handler, Session

#: Proxies on this machine may say whom they speak for.
config = Config(
    xclient=["127.0.0.0/8", "::1"],
    xforward=["127.0.0.0/8", "::1"],
    reverse_lookup=False,
)


class ProxyAware(Handler):
    """Tells the client that a proxy speaks for from the proxy itself."""

    async def on_connect(self, session: Session) -> None:
        """Come here at accept, and again for each client that XCLIENT names."""
        if "ADDR" in session.xclient:
            print(f"real client: {session.xclient['ADDR']}", flush=True)
            print(f"proxy: {session.xclient['ADDR:DEFAULT']}", flush=True)
        else:
            print(f"connected: {session.remote_address}", flush=True)

    async def on_mail_from(self, session: Session, address: Address) -> None:
        """Come here with what XFORWARD has said about this one message."""
        if session.xforward.get("ADDR"):
            print(f"forwarded from: {session.xforward['ADDR']}", flush=True)
        print(
            f"client: {session.remote_address} {session.client_hostname},"
            f" socket: {session.transport_peer[0]}",
            flush=True,
        )
