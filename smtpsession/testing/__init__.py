"""Tools for the tests of programs that use smtpsession, or that send mail.

``session_machine`` and ``strategies`` are modules of their own, because they need the
extra ``testing``.
"""

from smtpsession.testing.catcher import Catcher as Catcher
from smtpsession.testing.client import MemoryClient as MemoryClient
from smtpsession.testing.client import open_client as open_client
from smtpsession.testing.delivery import Delivery as Delivery
from smtpsession.testing.failures import Failures as Failures
from smtpsession.testing.model import Model as Model
from smtpsession.testing.model_catalogue import CATALOGUE as CATALOGUE
from smtpsession.testing.model_catalogue import RuleEntry as RuleEntry
from smtpsession.testing.model_violation import Violation as Violation
from smtpsession.testing.model_violation import ViolationError as ViolationError
from smtpsession.testing.received_message import ReceivedMessage as ReceivedMessage
from smtpsession.testing.received_reply import ReceivedReply as ReceivedReply
from smtpsession.testing.recording import HookCall as HookCall
from smtpsession.testing.recording import RecordingHandler as RecordingHandler
from smtpsession.testing.schedules import shuffle_schedule as shuffle_schedule
from smtpsession.testing.server import open_server as open_server
from smtpsession.testing.transcripts import run_transcript as run_transcript

__all__ = [
    "CATALOGUE",
    "Catcher",
    "Delivery",
    "Failures",
    "HookCall",
    "MemoryClient",
    "Model",
    "ReceivedMessage",
    "ReceivedReply",
    "RecordingHandler",
    "RuleEntry",
    "Violation",
    "ViolationError",
    "open_client",
    "open_server",
    "run_transcript",
    "shuffle_schedule",
]
