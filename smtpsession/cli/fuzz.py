"""The command ``smtpsession fuzz``."""

from __future__ import annotations

import argparse
import os
import secrets as randomness
import sys
from contextlib import suppress
from pathlib import Path

from smtpsession.cli.command_error import USAGE, CommandError, os_error_text
from smtpsession.cli.fuzz_arguments import PASSWORD_VARIABLE
from smtpsession.cli.fuzz_progress import ProgressLine
from smtpsession.cli.listen_address import TCPAddress, UnixAddress
from smtpsession.testing.fuzz import replay_file
from smtpsession.testing.fuzz.findings import Finding
from smtpsession.testing.fuzz.offer import CannotFuzzError, Offer, Wishes, explore
from smtpsession.testing.fuzz.report import Report, list_rules
from smtpsession.testing.fuzz.rules import RULE_BOOK
from smtpsession.testing.fuzz.runner import Runner, UnreachableError
from smtpsession.testing.fuzz.search import Search
from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.fuzz.target import Target

#: Exit status where a rule is broken.
BROKEN = 1


def fuzz(arguments: argparse.Namespace) -> int:
    """Fuzz a server, and print what was found.

    Returns:
        The exit status: 0 when no rule is broken, 1 when one is.

    Raises:
        CommandError: the server could not be fuzzed (status 2).
    """
    if arguments.list_rules:
        print(list_rules())
        return 0
    try:
        if arguments.replay is not None:
            return _replay(arguments)
        return _search(arguments)
    except OSError as error:
        where = error.filename or "cannot write what was found"
        text = f"{where}: {os_error_text(error)}"
        raise CommandError(text, status=USAGE) from error


def _search(arguments: argparse.Namespace) -> int:
    unknown = [rule for rule in arguments.only if rule not in RULE_BOOK]
    if unknown:
        text = f"--only: no rule is called {unknown[0]!r}; see --list-rules"
        raise CommandError(text, status=USAGE)
    target, secrets = _target(arguments), _secrets(arguments)
    offer = _explore(target, _wishes(arguments), secrets)
    if not offer.recipients:
        print(
            "smtpsession: warning: it takes mail for nobody that could be guessed, so"
            " that hardly more than commands is tried; see --recipient",
            file=sys.stderr,
        )
    seed = arguments.seed
    if seed is None:
        seed = randomness.randbelow(1_000_000_000)
    search = _new_search(arguments, target, secrets)
    line = ProgressLine(sys.stderr, arguments.seconds)
    with suppress(KeyboardInterrupt):
        search.run(
            offer,
            arguments.seconds,
            seed,
            most=1 if arguments.exit_first else None,
            watch=line,
        )
    line.clear()
    found = search.progress.findings
    files: list[str | None] = [None] * len(found)
    try:
        for place, finding in enumerate(found):
            files[place] = _saved(arguments, finding)
    finally:
        # What was found is not lost with a file.
        report = Report(str(target), seed, search.progress, tuple(files), secrets)
        print(report.to_text())
    _write_reports(arguments, report)
    return BROKEN if found else 0


def _replay(arguments: argparse.Namespace) -> int:
    try:
        replay = replay_file.read(Path(arguments.replay))
    except ValueError as error:
        raise CommandError(str(error), status=USAGE) from error
    arguments.lmtp |= replay.lmtp
    arguments.implicit_tls |= replay.implicit_tls
    if replay.needs_user and arguments.user is None:
        raise CommandError("--replay: this file needs --user", status=USAGE)
    target, secrets = _target(arguments), _secrets(arguments)
    search = _new_search(arguments, target, secrets)
    try:
        finding = search.replay(replay.plan, replay.rule)
    except UnreachableError as error:
        text = f"cannot connect to {target}: {error}"
        raise CommandError(text, status=USAGE) from error
    if finding is None:
        print(f"no rule broken: {replay.rule} does not come again")
        return 0
    report = Report(str(target), None, search.progress, (arguments.replay,), secrets)
    print(report.to_text())
    _write_reports(arguments, report)
    return BROKEN


def _target(arguments: argparse.Namespace) -> Target:
    host: str
    port: int | None
    match arguments.target:
        case TCPAddress():
            host, port = arguments.target.host, arguments.target.port
        case UnixAddress():
            host, port = arguments.target.path, None
        case _:
            raise CommandError("fuzz needs HOST:PORT or unix:PATH", status=USAGE)
    target = Target(
        host, port, lmtp=arguments.lmtp, implicit_tls=arguments.implicit_tls
    )
    try:
        is_here = arguments.i_own_this_server or target.is_on_this_machine()
    except OSError as error:
        text = f"cannot connect to {target}: {os_error_text(error)}"
        raise CommandError(text, status=USAGE) from error
    if not is_here:
        raise CommandError(
            f"{target} is not on this machine; what is done to it would be an attack"
            " on somebody else's server: if it is yours, say --i-own-this-server",
            status=USAGE,
        )
    return target


def _secrets(arguments: argparse.Namespace) -> Secrets | None:
    if arguments.user is None:
        if arguments.password is not None:
            raise CommandError("--password needs --user", status=USAGE)
        return None
    password = arguments.password or os.environ.get(PASSWORD_VARIABLE, "")
    if not password:
        text = f"--user needs --password, or {PASSWORD_VARIABLE}"
        raise CommandError(text, status=USAGE)
    try:
        return Secrets(arguments.user, password)
    except ValueError as error:
        raise CommandError(str(error), status=USAGE) from error


def _wishes(arguments: argparse.Namespace) -> Wishes:
    return Wishes(
        starttls=arguments.starttls,
        sender=arguments.sender,
        recipients=tuple(arguments.recipient),
        reply_seconds=arguments.timeout,
    )


def _explore(target: Target, wishes: Wishes, secrets: Secrets | None) -> Offer:
    try:
        return explore(target, wishes, secrets)
    except CannotFuzzError as error:
        raise CommandError(f"cannot fuzz {target}: {error}", status=USAGE) from error


def _new_search(
    arguments: argparse.Namespace, target: Target, secrets: Secrets | None
) -> Search:
    return Search(
        Runner(target, secrets=secrets),
        reply_seconds=arguments.timeout,
        only=arguments.only,
    )


def _saved(arguments: argparse.Namespace, finding: Finding) -> str:
    path = replay_file.write(
        Path(arguments.save),
        finding,
        lmtp=arguments.lmtp,
        implicit_tls=arguments.implicit_tls,
    )
    return str(path)


def _write_reports(arguments: argparse.Namespace, report: Report) -> None:
    if arguments.json is not None:
        Path(arguments.json).write_text(report.to_json() + "\n", encoding="utf-8")
    if arguments.junit is not None:
        Path(arguments.junit).write_text(report.to_junit() + "\n", encoding="utf-8")
