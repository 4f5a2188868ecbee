"""The command ``smtpsession``, from its arguments to its exit status."""

from __future__ import annotations

import argparse
import ssl
import sys
from collections.abc import Sequence
from typing import Any

import attrs
import trio

from smtpsession import Config, Handler
from smtpsession.cli.arguments import parse_arguments
from smtpsession.cli.auth_file import load_users, with_users
from smtpsession.cli.certificates import context_from_files, self_signed_context
from smtpsession.cli.command_error import (
    FAILURE,
    USAGE,
    CommandError,
    os_error_text,
)
from smtpsession.cli.listen_address import ListenAddress, TCPAddress
from smtpsession.cli.log_lines import log_lines
from smtpsession.cli.named_object import load_config, load_handler
from smtpsession.cli.service_run import ServiceRun
from smtpsession.server.serve import SMTP_PORT

#: Options that say whose word about other clients is taken, and by what it is said.
TRUSTING = {
    "proxy_protocol": "the PROXY protocol",
    "xclient": "XCLIENT",
    "xforward": "XFORWARD",
}


def main(words: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        words: what stands behind the command's name; None takes ``sys.argv``.

    Returns:
        The exit status: 0 after a drained end, 1 when the sessions were ended at once
        or the command could not do what it was asked to, 2 when it was asked wrongly.

    Raises:
        SystemExit: the arguments are wrong, or asked for help or the version.
    """
    arguments = parse_arguments(sys.argv[1:] if words is None else words)
    try:
        if arguments.command == "hash-password":
            from smtpsession.cli.hash_password import hash_password

            hash_password(iterations=arguments.iterations)
            return 0
        if arguments.command == "fuzz":
            return _fuzz(arguments)
        return _serve(arguments)
    except CommandError as error:
        print(f"smtpsession: error: {error}", file=sys.stderr)
        return error.status


def _fuzz(arguments: argparse.Namespace) -> int:
    try:
        from smtpsession.cli.fuzz import fuzz
    except ModuleNotFoundError as error:
        text = f"fuzz needs {error.name}: install smtpsession[testing]"
        raise CommandError(text, status=USAGE) from error
    return fuzz(arguments)


def _serve(arguments: argparse.Namespace) -> int:
    config = _config(arguments)
    handler, users = _handler(arguments, config), None
    if arguments.auth_file is not None:
        users = load_users(arguments.auth_file)
        handler = with_users(users, handler)
    _check_authentication(arguments, config, handler)
    run = ServiceRun(
        handler=handler,
        config=config,
        users=users,
        listen=arguments.listen,
        port_file=arguments.port_file,
        grace=arguments.grace,
    )
    form, verbose = arguments.log_format, arguments.verbose
    with log_lines(sys.stderr.fileno(), form=form, verbose=verbose):
        return 0 if trio.run(run.run) else FAILURE


def _config(arguments: argparse.Namespace) -> Config:
    config = Config.for_lmtp() if arguments.lmtp else Config()
    if arguments.config is not None:
        config = load_config(arguments.config)
    changes: dict[str, Any] = {"lmtp": True} if arguments.lmtp else {}
    if arguments.hostname is not None:
        changes["hostname"] = arguments.hostname
    if arguments.max_size is not None:
        octets = arguments.max_size or None
        changes["limits"] = attrs.evolve(config.limits, message_octets=octets)
    for option in TRUSTING:
        if getattr(arguments, option) is not None:
            changes[option] = getattr(arguments, option)
    context = _tls(arguments, arguments.hostname or config.hostname)
    if context is not None:
        changes["tls"] = context
    for option in ("implicit_tls", "require_tls", "auth_required"):
        if getattr(arguments, option):
            changes[option] = True
    if changes.keys() & {"implicit_tls", "require_tls"} and not (config.tls or context):
        option = "--implicit-tls" if arguments.implicit_tls else "--require-tls"
        text = f"{option} needs --tls-cert and --tls-key, or --tls-self-signed"
        raise CommandError(text, status=USAGE)
    try:
        config = attrs.evolve(config, **changes)
    except ValueError as error:
        raise CommandError(str(error), status=USAGE) from error
    if config.lmtp and any(_is_port_of_smtp(where) for where in arguments.listen):
        text = f"LMTP must not be served on TCP port {SMTP_PORT}"
        raise CommandError(text, status=USAGE)
    for option, name in TRUSTING.items():
        if getattr(config, option).trusts_everybody:
            print(
                f"smtpsession: warning: {name} is taken from every address, so that"
                " everybody can claim to be any client",
                file=sys.stderr,
            )
    return config


def _is_port_of_smtp(where: ListenAddress) -> bool:
    return isinstance(where, TCPAddress) and where.port == SMTP_PORT


def _check_authentication(
    arguments: argparse.Namespace, config: Config, handler: Handler[Any]
) -> None:
    """Say what would keep everybody from authenticating."""
    if config.auth_required and "on_auth" not in handler.overridden_hooks:
        text = "--auth-required needs --auth-file, or a --handler with an on_auth"
        raise CommandError(text, status=USAGE)
    if config.tls is not None or config.allow_insecure_auth:
        return
    need = "AUTH is offered inside TLS only, which needs --tls-cert and --tls-key"
    if arguments.auth_required:
        raise CommandError(f"--auth-required: {need}", status=USAGE)
    if arguments.auth_file is not None:
        print(f"smtpsession: warning: {need}", file=sys.stderr)


def _tls(arguments: argparse.Namespace, hostname: str) -> ssl.SSLContext | None:
    if arguments.tls_cert is not None:
        return context_from_files(arguments.tls_cert, arguments.tls_key)
    if not arguments.tls_self_signed:
        return None
    context, named = self_signed_context(hostname)
    if not named:
        print(
            f"smtpsession: warning: the certificate is for localhost only,"
            f" {hostname} is no host name",
            file=sys.stderr,
        )
    return context


def _handler(arguments: argparse.Namespace, config: Config) -> Handler[Any]:
    # What a handler needs is imported for that handler only.
    if arguments.handler is not None:
        return load_handler(arguments.handler)
    if arguments.print:
        from smtpsession.handlers.print import PrintHandler

        return PrintHandler()
    from smtpsession.handlers.maildir import MaildirHandler

    try:
        return MaildirHandler(arguments.maildir, hostname=config.hostname)
    except OSError as error:
        raise CommandError(
            f"cannot use the Maildir {arguments.maildir}: {os_error_text(error)}"
        ) from error
