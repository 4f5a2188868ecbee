"""smtpsession: an SMTP and LMTP server framework for Trio."""

from smtpsession.auth.mechanism import Challenge as Challenge
from smtpsession.auth.mechanism import Claim as Claim
from smtpsession.auth.mechanism import Mechanism as Mechanism
from smtpsession.auth.scram_keys import SCRAMKeys as SCRAMKeys
from smtpsession.authentication import Authentication as Authentication
from smtpsession.authentication import scram_keys as scram_keys
from smtpsession.dialogue.limits import Limits as Limits
from smtpsession.errors import AuthenticationFailedError as AuthenticationFailedError
from smtpsession.errors import ClientGone as ClientGone
from smtpsession.errors import ContentRefused as ContentRefused
from smtpsession.errors import MessageAborted as MessageAborted
from smtpsession.errors import MessageTooLarge as MessageTooLarge
from smtpsession.errors import Reject as Reject
from smtpsession.errors import SMTPSessionError as SMTPSessionError
from smtpsession.extensions.extension import Extension as Extension
from smtpsession.handler import Handler as Handler
from smtpsession.message import Message as Message
from smtpsession.server.config import Config as Config
from smtpsession.server.serve import Server as Server
from smtpsession.server.serve import serve as serve
from smtpsession.server.serve import serve_listeners as serve_listeners
from smtpsession.server.serve import serve_stream as serve_stream
from smtpsession.server.timeouts import Timeouts as Timeouts
from smtpsession.server.tls_context import tls_context as tls_context
from smtpsession.server.unix_listener import open_unix_listener as open_unix_listener
from smtpsession.session.envelope import DSN as DSN
from smtpsession.session.envelope import BodyType as BodyType
from smtpsession.session.envelope import Envelope as Envelope
from smtpsession.session.session import Session as Session
from smtpsession.session.tls_options import TLSOptions as TLSOptions
from smtpsession.session.trace_fields import received_field as received_field
from smtpsession.session.trace_fields import return_path_field as return_path_field
from smtpsession.wire.addresses import Address as Address
from smtpsession.wire.proxy_header import ProxyHeader as ProxyHeader
from smtpsession.wire.replies import Reply as Reply

__all__ = [
    "DSN",
    "Address",
    "Authentication",
    "AuthenticationFailedError",
    "BodyType",
    "Challenge",
    "Claim",
    "ClientGone",
    "Config",
    "ContentRefused",
    "Envelope",
    "Extension",
    "Handler",
    "Limits",
    "Mechanism",
    "Message",
    "MessageAborted",
    "MessageTooLarge",
    "ProxyHeader",
    "Reject",
    "Reply",
    "SCRAMKeys",
    "SMTPSessionError",
    "Server",
    "Session",
    "TLSOptions",
    "Timeouts",
    "open_unix_listener",
    "received_field",
    "return_path_field",
    "scram_keys",
    "serve",
    "serve_listeners",
    "serve_stream",
    "tls_context",
]
