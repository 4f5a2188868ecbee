"""A server in a nursery, with options."""

import trio

from smtpsession import Config, Handler, Limits, Server, Timeouts, serve, tls_context


async def main() -> None:
    context = tls_context("cert.pem", "key.pem", password=lambda: "secret")
    config = Config(
        hostname="mx.example.org",
        tls=context,
        sni={"shop.example.net": tls_context("shop.pem", None)},
        limits=Limits(recipients=50, message_octets=None),
        timeouts=Timeouts(command=60, session=None),
    )

    async def start(
        task_status: trio.TaskStatus[Server] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        await serve(
            Handler(), 0, host="127.0.0.1", config=config, task_status=task_status
        )

    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(start)
        for host, port in server.addresses:
            print(f"listening on {host}:{port}")
        server.reload_tls()
        server.reload_tls(context, sni={"*.example.net": context})
        await server.drain(grace=5)


trio.run(main)
