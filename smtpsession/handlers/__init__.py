"""Ready-made handlers."""

from smtpsession.handlers.maildir import MaildirHandler as MaildirHandler
from smtpsession.handlers.print import PrintHandler as PrintHandler
from smtpsession.handlers.sink import SinkHandler as SinkHandler

__all__ = ["MaildirHandler", "PrintHandler", "SinkHandler"]
