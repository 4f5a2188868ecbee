"""The command line as argparse knows it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

import attrs

from smtpsession.cli.argument_values import (
    count,
    listen_address,
    mode,
    network,
    rounds,
    seconds,
)
from smtpsession.cli.command_error import USAGE
from smtpsession.cli.fuzz_arguments import add_fuzz
from smtpsession.cli.listen_address import TCPAddress, UnixAddress

#: Where it listens, and where mail goes, when the command line does not say.
DEFAULT_LISTEN = TCPAddress("127.0.0.1", 2525)
DEFAULT_MAILDIR = "Maildir"


#: Options that name networks, and what they ask of whom.
_TRUSTING = {
    "--proxy-protocol": "expect a PROXY protocol header from proxies",
    "--xclient": "let clients say by XCLIENT whom they speak for, if they are",
    "--xforward": "let clients say by XFORWARD where mail came from, if they are",
}


class _Parser(argparse.ArgumentParser):
    """Reports an error as one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"smtpsession: error: {message} (see {self.prog} --help)\n")


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        import importlib.metadata

        try:
            version = importlib.metadata.version("smtpsession")
        except importlib.metadata.PackageNotFoundError:
            version = "(not installed)"
        print(f"smtpsession {version}")
        parser.exit()


def parse_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Parse the command line.

    Args:
        words: what stands behind the command's name; nothing means ``serve``.

    Raises:
        SystemExit: the words are wrong (status 2), or asked for help or the version.
    """
    parser = _Parser(
        prog="smtpsession",
        description="An SMTP server. Without arguments it serves on"
        f" {DEFAULT_LISTEN} and stores each message in ./{DEFAULT_MAILDIR}.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="print the version and exit"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    serve = commands.add_parser(
        "serve",
        help="receive mail until SIGTERM or SIGINT",
        description="Receive mail. SIGTERM or SIGINT lets open mail transactions"
        " finish; a second one ends them at once. SIGHUP has the files for TLS read"
        " again, and the users.",
        allow_abbrev=False,
    )
    _add_where_mail_goes(serve)
    _add_where_it_comes_from(serve)
    _add_tls(serve)
    _add_authentication(serve)
    _add_running(serve)
    _add_hash_password(commands)
    add_fuzz(commands)
    arguments = parser.parse_args(words or ["serve"])
    if arguments.command == "serve":
        _check_together(serve, arguments)
    return arguments


def _add_where_mail_goes(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("where mail goes").add_mutually_exclusive_group()
    group.add_argument(
        "--maildir",
        metavar="DIR",
        default=DEFAULT_MAILDIR,
        help="store each message durably in a Maildir (default: ./%(default)s)",
    )
    group.add_argument(
        "--print", action="store_true", help="print each message to standard output"
    )
    group.add_argument(
        "--handler",
        metavar="MODULE:CLASS",
        help="give each event to a Handler of one's own; a class is instantiated",
    )


def _add_where_it_comes_from(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("where mail comes from")
    group.add_argument(
        "--listen",
        metavar="HOST:PORT|unix:PATH",
        type=listen_address,
        action="append",
        help="listen there; may be given several times; port 0 takes a free one"
        f" (default: {DEFAULT_LISTEN})",
    )
    group.add_argument(
        "--port-file",
        metavar="FILE",
        help="write the bound TCP ports there, one a line, once all listen",
    )
    group.add_argument(
        "--lmtp",
        action="store_true",
        help="speak LMTP with a mail server nearby; never on TCP port 25",
    )
    group.add_argument(
        "--socket-mode",
        metavar="MODE",
        type=mode,
        help="permissions of the Unix sockets, in octal (default: 600)",
    )
    for option, what in _TRUSTING.items():
        group.add_argument(
            option,
            metavar="NET",
            type=network,
            action="append",
            nargs="?",
            const="",
            help=f"{what} in this network, such as 10.0.0.0/8;"
            ' "unix" is for a Unix socket; may be given several times',
        )
    group.add_argument(
        "--hostname", metavar="NAME", help="the name that the server calls itself"
    )
    group.add_argument(
        "--max-size",
        metavar="N",
        type=count,
        help="largest message in octets; 0 is no limit (default: 26214400)",
    )


def _add_tls(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("TLS")
    group.add_argument("--tls-cert", metavar="FILE", help="certificate chain, PEM")
    group.add_argument("--tls-key", metavar="FILE", help="its private key, PEM")
    group.add_argument(
        "--tls-self-signed",
        action="store_true",
        help="make a certificate for this run, for tests; needs smtpsession[tls-dev]",
    )
    group.add_argument(
        "--implicit-tls",
        action="store_true",
        help="TLS from the first octet on instead of STARTTLS",
    )
    group.add_argument(
        "--require-tls", action="store_true", help="no mail before STARTTLS"
    )


def _add_authentication(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("authentication")
    group.add_argument(
        "--auth-file",
        metavar="FILE",
        help="authenticate users by a file of lines NAME:SECRET, which nobody else may"
        " be able to read; see the command hash-password",
    )
    group.add_argument(
        "--auth-required", action="store_true", help="no mail before AUTH"
    )


def _add_hash_password(commands: Any) -> None:
    hash_password = commands.add_parser(
        "hash-password",
        help="make a secret for --auth-file of a password",
        description="Print what to store instead of a password: keys for SCRAM-SHA-256,"
        " which do for PLAIN and LOGIN too. The password is asked for, or read as a"
        " line of standard input.",
        allow_abbrev=False,
    )
    hash_password.add_argument(
        "--iterations",
        metavar="N",
        type=rounds,
        default=4_096,
        help="rounds of PBKDF2; the same for all users (default: %(default)s)",
    )


def _add_running(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("running")
    group.add_argument(
        "--config",
        metavar="MODULE:NAME",
        help="a Config of one's own; the other options go before it",
    )
    group.add_argument(
        "--grace",
        metavar="SECONDS",
        type=seconds,
        default=30.0,
        help="how long open mail transactions may finish at the end (default: 30)",
    )
    group.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="one line for people, or one JSON object (default: text)",
    )
    group.add_argument(
        "-v", "--verbose", action="store_true", help="log at level DEBUG"
    )


def _check_together(
    serve: argparse.ArgumentParser, arguments: argparse.Namespace
) -> None:
    has_certificate = arguments.tls_cert is not None
    if has_certificate != (arguments.tls_key is not None):
        given, missing = ("cert", "key") if has_certificate else ("key", "cert")
        serve.error(f"--tls-{given} needs --tls-{missing}")
    if has_certificate and arguments.tls_self_signed:
        serve.error("--tls-self-signed makes a certificate: leave --tls-cert out")
    if arguments.listen is None:
        arguments.listen = [DEFAULT_LISTEN]
    permissions = arguments.socket_mode
    if permissions is not None:
        sockets = [w for w in arguments.listen if isinstance(w, UnixAddress)]
        if not sockets:
            serve.error("--socket-mode needs --listen unix:PATH")
        arguments.listen = [
            attrs.evolve(where, mode=permissions) if where in sockets else where
            for where in arguments.listen
        ]
