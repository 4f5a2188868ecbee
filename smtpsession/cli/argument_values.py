"""Values of the command line's options, from their texts."""

from __future__ import annotations

import argparse
import re

from smtpsession.cli.listen_address import ListenAddress

_NUMBER = re.compile("[0-9]{1,18}")
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9}")


def listen_address(text: str) -> ListenAddress:
    """Read an address to listen on, or to connect to.

    Raises:
        argparse.ArgumentTypeError: it is something else.
    """
    try:
        return ListenAddress.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def mode(text: str) -> int:
    """Read permissions in octal.

    Raises:
        argparse.ArgumentTypeError: it is something else.
    """
    if not (text and set(text) <= set("01234567") and int(text, 8) <= 0o777):
        raise argparse.ArgumentTypeError(
            f"must be permissions in octal such as 660, got {text!r}"
        )
    return int(text, 8)


def network(text: str) -> str:
    """Take a network that is not left out.

    Raises:
        argparse.ArgumentTypeError: it is something else.
    """
    if not text:
        raise argparse.ArgumentTypeError(
            "needs the network of those who are trusted, such as 10.0.0.0/8 or"
            " 127.0.0.1: whoever is in it can claim any client address"
        )
    return text


def count(text: str) -> int:
    """Read a number of octets.

    Raises:
        argparse.ArgumentTypeError: it is something else.
    """
    if not _NUMBER.fullmatch(text):
        raise argparse.ArgumentTypeError(f"must be a number of octets, got {text!r}")
    return int(text)


def rounds(text: str) -> int:
    """Read a number of rounds of PBKDF2.

    Raises:
        argparse.ArgumentTypeError: it is something else.
    """
    if not _NUMBER.fullmatch(text) or int(text) < 4_096:
        raise argparse.ArgumentTypeError(f"must be a number from 4096, got {text!r}")
    return int(text)


def seconds(text: str) -> float:
    """Read a number of seconds.

    Raises:
        argparse.ArgumentTypeError: it is something else.
    """
    if not _SECONDS.fullmatch(text):
        raise argparse.ArgumentTypeError(f"must be a number of seconds, got {text!r}")
    return float(text)
