"""The command line of ``smtpsession fuzz`` as argparse knows it."""

from __future__ import annotations

import argparse
import re
from typing import Any

from smtpsession.cli.argument_values import listen_address, seconds

#: Where a password is looked for that the command line does not hold.
PASSWORD_VARIABLE = "SMTPSESSION_FUZZ_PASSWORD"
DEFAULT_FOLDER = "smtpsession-fuzz"


def add_fuzz(commands: Any) -> None:
    """Add the command to the others."""
    fuzz = commands.add_parser(
        "fuzz",
        help="look for broken rules in any SMTP or LMTP server",
        description="Talk to a server in every way that a client may, and in many that"
        " it may not, and hold each reply against the RFCs. What is wrong is shown"
        " once, with the shortest dialogue that shows it. Needs smtpsession[testing].",
        epilog="Exit status: 0 when no rule is broken, 1 when one is, 2 when the server"
        " could not be fuzzed. Mail that the server accepts is really delivered: let"
        " --recipient be a mailbox that nobody reads.",
        allow_abbrev=False,
    )
    fuzz.add_argument(
        "target",
        metavar="HOST:PORT|unix:PATH",
        type=listen_address,
        nargs="?",
        help="the server",
    )
    _add_server(fuzz)
    _add_search(fuzz)
    _add_results(fuzz)


def _add_server(fuzz: argparse.ArgumentParser) -> None:
    group = fuzz.add_argument_group("the server")
    group.add_argument("--lmtp", action="store_true", help="it speaks LMTP")
    tls = group.add_mutually_exclusive_group()
    tls.add_argument(
        "--starttls", action="store_true", help="begin every session with STARTTLS"
    )
    tls.add_argument(
        "--implicit-tls", action="store_true", help="TLS from the first octet on"
    )
    group.add_argument(
        "--user",
        metavar="NAME",
        type=_user,
        help="authenticate as this user, in most sessions",
    )
    group.add_argument(
        "--password",
        metavar="WORD",
        help="the user's password, which others on this machine may see here"
        f" (default: ${PASSWORD_VARIABLE}, which they do not)",
    )
    group.add_argument(
        "--sender",
        metavar="ADDRESS",
        type=_address,
        help="who sends; empty for the null sender (default: a@a.example)",
    )
    group.add_argument(
        "--recipient",
        metavar="ADDRESS",
        type=_address,
        action="append",
        default=[],
        help="somebody for whom it takes mail; may be given several times"
        " (default: postmaster, and what can be guessed)",
    )
    group.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_patience,
        default=5.0,
        help="how long a reply may take (default: 5)",
    )
    group.add_argument(
        "--i-own-this-server",
        action="store_true",
        help="without this, only servers on this machine are talked to",
    )


def _add_search(fuzz: argparse.ArgumentParser) -> None:
    group = fuzz.add_argument_group("the search")
    group.add_argument(
        "--seconds",
        metavar="N",
        type=seconds,
        default=60.0,
        help="how long to look (default: 60)",
    )
    group.add_argument(
        "--seed",
        metavar="N",
        type=_seed,
        help="begin with these plans, as an earlier report has named them",
    )
    group.add_argument(
        "--only",
        metavar="RULE",
        action="append",
        default=[],
        help="report this rule only; may be given several times",
    )
    group.add_argument(
        "-x",
        "--exit-first",
        action="store_true",
        help="stop at the first broken rule",
    )
    group.add_argument(
        "--list-rules", action="store_true", help="print all rules and exit"
    )
    group.add_argument(
        "--replay",
        metavar="FILE",
        help="repeat what a file holds instead of looking",
    )


def _add_results(fuzz: argparse.ArgumentParser) -> None:
    group = fuzz.add_argument_group("the results")
    group.add_argument("--json", metavar="FILE", help="write them as JSON, too")
    group.add_argument("--junit", metavar="FILE", help="write them as JUnit XML, too")
    group.add_argument(
        "--save",
        metavar="DIR",
        default=DEFAULT_FOLDER,
        help="where a file goes for each rule that is broken (default: ./%(default)s)",
    )


def _seed(text: str) -> int:
    if not re.fullmatch("[0-9]{1,18}", text):
        raise argparse.ArgumentTypeError(f"must be a number, got {text!r}")
    return int(text)


def _patience(text: str) -> float:
    # Without any, each server would owe replies.
    patience = seconds(text)
    if not patience:
        raise argparse.ArgumentTypeError("must be more than no time")
    return patience


def _user(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def _address(text: str) -> str:
    if not text.isprintable() or set(text) & set("<>"):
        raise argparse.ArgumentTypeError(
            f"must be an address such as a@a.example, got {text!r}"
        )
    return text
