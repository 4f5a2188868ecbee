"""The pytest plugin of smtpsession: fixtures, and nothing that costs time.

It stands outside of the package because pytest imports it in every run, and to import
anything of the package is to import Trio: the fixtures do so once they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from smtpsession import Server
    from smtpsession.testing import Catcher, MemoryClient


@pytest.fixture
def smtp_client() -> Callable[..., AbstractAsyncContextManager[MemoryClient]]:
    """Open clients in memory: ``async with`` what it gives for a handler."""
    from smtpsession.testing import open_client

    return open_client


@pytest.fixture
def smtp_server() -> Callable[..., AbstractAsyncContextManager[Server]]:
    """Open servers on a port: ``async with`` what it gives for a handler."""
    from smtpsession.testing import open_server

    return open_server


def _catcher() -> Iterator[Catcher]:
    from smtpsession.testing import Catcher

    with Catcher() as catcher:
        yield catcher


@pytest.fixture
def smtp_catcher() -> Iterator[Catcher]:
    """Give a server in a thread that catches messages; each test has its own."""
    yield from _catcher()


@pytest.fixture(scope="module")
def smtp_catcher_module() -> Iterator[Catcher]:
    """Give a catcher for all tests of a module; ``clear()`` empties it."""
    yield from _catcher()


@pytest.fixture(scope="session")
def smtp_catcher_session() -> Iterator[Catcher]:
    """Give a catcher for all tests of a run; ``clear()`` empties it."""
    yield from _catcher()
