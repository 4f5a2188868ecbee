"""Texts and statuses of what the command reports."""

from smtpsession.cli.command_error import FAILURE, USAGE, CommandError, os_error_text


def test_an_error_has_a_text_and_a_status() -> None:
    assert (str(CommandError("no")), CommandError("no").status) == ("no", FAILURE)
    assert CommandError("no", status=USAGE).status == 2


def test_an_error_of_the_system_loses_its_number() -> None:
    assert os_error_text(FileNotFoundError(2, "No such file", "x")) == "No such file"
    assert os_error_text(OSError("several")) == "several"
