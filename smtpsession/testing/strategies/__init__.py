"""Hypothesis strategies for everything that a client of a mail server may say.

They need the extra ``testing``: ``pip install 'smtpsession[testing]'``.
Options are keyword-only, a bad one is refused at once, and what is drawn shrinks to
what a person would write.
"""

from smtpsession.testing.strategies.addresses import addresses as addresses
from smtpsession.testing.strategies.addresses import (
    hostile_addresses as hostile_addresses,
)
from smtpsession.testing.strategies.almost_valid_addresses import (
    ALMOST_VALID_RULES as ALMOST_VALID_RULES,
)
from smtpsession.testing.strategies.almost_valid_addresses import (
    almost_valid_addresses as almost_valid_addresses,
)
from smtpsession.testing.strategies.auth_exchanges import (
    AUTH_MECHANISMS as AUTH_MECHANISMS,
)
from smtpsession.testing.strategies.auth_exchanges import (
    AuthExchange as AuthExchange,
)
from smtpsession.testing.strategies.auth_exchanges import (
    auth_exchanges as auth_exchanges,
)
from smtpsession.testing.strategies.chunkings import chunkings as chunkings
from smtpsession.testing.strategies.client_steps import (
    ClientDialogue as ClientDialogue,
)
from smtpsession.testing.strategies.client_steps import HangUp as HangUp
from smtpsession.testing.strategies.client_steps import Send as Send
from smtpsession.testing.strategies.client_steps import StartTLS as StartTLS
from smtpsession.testing.strategies.command_lines import (
    COMMAND_LINE_KINDS as COMMAND_LINE_KINDS,
)
from smtpsession.testing.strategies.command_lines import (
    command_lines as command_lines,
)
from smtpsession.testing.strategies.commands import ClientCommand as ClientCommand
from smtpsession.testing.strategies.commands import commands as commands
from smtpsession.testing.strategies.dialogues import dialogues as dialogues
from smtpsession.testing.strategies.domains import (
    address_literals as address_literals,
)
from smtpsession.testing.strategies.domains import domains as domains
from smtpsession.testing.strategies.messages import messages as messages
from smtpsession.testing.strategies.parameters import (
    PARAMETER_EXTENSIONS as PARAMETER_EXTENSIONS,
)
from smtpsession.testing.strategies.parameters import parameters as parameters
from smtpsession.testing.strategies.proxy_headers_v1 import (
    proxy_headers_v1 as proxy_headers_v1,
)
from smtpsession.testing.strategies.proxy_headers_v2 import (
    proxy_headers_v2 as proxy_headers_v2,
)

__all__ = [
    "ALMOST_VALID_RULES",
    "AUTH_MECHANISMS",
    "COMMAND_LINE_KINDS",
    "PARAMETER_EXTENSIONS",
    "AuthExchange",
    "ClientCommand",
    "ClientDialogue",
    "HangUp",
    "Send",
    "StartTLS",
    "address_literals",
    "addresses",
    "almost_valid_addresses",
    "auth_exchanges",
    "chunkings",
    "command_lines",
    "commands",
    "dialogues",
    "domains",
    "hostile_addresses",
    "messages",
    "parameters",
    "proxy_headers_v1",
    "proxy_headers_v2",
]
