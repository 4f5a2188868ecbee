"""Ready-made handlers."""

from smtpsession.handlers.chain import Chain as Chain
from smtpsession.handlers.maildir import MaildirHandler as MaildirHandler
from smtpsession.handlers.password_file import (
    PasswordFileHandler as PasswordFileHandler,
)
from smtpsession.handlers.print import PrintHandler as PrintHandler
from smtpsession.handlers.sink import SinkHandler as SinkHandler

__all__ = [
    "Chain",
    "MaildirHandler",
    "PasswordFileHandler",
    "PrintHandler",
    "SinkHandler",
]
