"""Programs that still annotate with trio-typing work with `serve`."""

import pytest
import trio

from smtpsession import Handler, Server, serve

trio_typing = pytest.importorskip("trio_typing")


async def test_serve_starts_under_trio_typing_annotations() -> None:
    async def start(
        task_status: trio.TaskStatus[Server] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        assert isinstance(task_status, trio_typing.TaskStatus)
        await serve(Handler(), 0, task_status=task_status)

    async with trio.open_nursery() as nursery:
        assert isinstance(nursery, trio_typing.Nursery)
        server = await nursery.start(start)
        assert isinstance(server, Server)
        nursery.cancel_scope.cancel()
