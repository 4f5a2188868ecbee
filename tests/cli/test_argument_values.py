"""Which texts are values of options, and what is said of others."""

import argparse
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.cli.argument_values import (
    count,
    listen_address,
    mode,
    network,
    rounds,
    seconds,
)
from smtpsession.cli.listen_address import TCPAddress, UnixAddress

Reads = Callable[[str], Any]
ALL: tuple[Reads, ...] = (count, listen_address, mode, network, rounds, seconds)


@pytest.mark.parametrize(
    ("reads", "text", "value"),
    [
        (listen_address, "[::1]:0", TCPAddress("::1", 0)),
        (listen_address, "unix:/run/smtp", UnixAddress("/run/smtp")),
        (mode, "660", 0o660),
        (mode, "0660", 0o660),
        (mode, "0", 0),
        (network, "10.0.0.0/8", "10.0.0.0/8"),
        (network, "unix", "unix"),
        (count, "0", 0),
        (count, "001000", 1000),
        (count, "9" * 18, 10**18 - 1),
        (rounds, "4096", 4096),
        (rounds, "600000", 600_000),
        (seconds, "0", 0.0),
        (seconds, "30", 30.0),
        (seconds, "0.5", 0.5),
        (seconds, ".5", 0.5),
        (seconds, "5.", 5.0),
    ],
)
def test_a_value_is_read(reads: Reads, text: str, value: object) -> None:
    assert reads(text) == value


@pytest.mark.parametrize(
    ("reads", "texts", "said"),
    [
        (listen_address, ["2525", ""], "must be HOST:PORT, [IPV6]:PORT or unix:PATH"),
        (mode, ["", "rw", "1777", "8", "-1", "0o660"], "must be permissions in octal"),
        (network, [""], "needs the network of those who are trusted"),
        (
            count,
            ["", "-1", "1k", "²", "१", "1_0", " 1", "9" * 19],
            "must be a number of",
        ),
        (rounds, ["", "4095", "-5000", "x", "9" * 5000], "must be a number from 4096"),
        (
            seconds,
            [
                *("", ".", "soon", "-1", "inf", "nan", "1e3", "1_0", " 1", "٣"),
                "9" * 400,
            ],
            "must be a number of seconds",
        ),
    ],
)
def test_what_is_no_value_is_said(reads: Reads, texts: list[str], said: str) -> None:
    for text in texts:
        with pytest.raises(argparse.ArgumentTypeError) as raised:
            reads(text)
        assert str(raised.value).startswith(said)
        assert repr(text)[:40] in str(raised.value) or reads is network


@given(st.sampled_from(ALL), st.text())
def test_each_text_is_a_value_or_is_refused(reads: Reads, text: str) -> None:
    try:
        reads(text)
        said = ""
    except argparse.ArgumentTypeError as error:
        said = str(error)
    # On one line, whatever it was.
    assert "\n" not in said
