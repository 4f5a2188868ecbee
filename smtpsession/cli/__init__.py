"""The command ``smtpsession``: arguments to a ``Config`` and a ``Handler``."""

from smtpsession.cli.command import main as main

__all__ = ["main"]
