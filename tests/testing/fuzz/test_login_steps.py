"""How plans authenticate, rightly and wrongly."""

from __future__ import annotations

from smtpsession.testing.fuzz.login_steps import login_steps
from smtpsession.testing.fuzz.plans import Send


def test_plain_is_one_line() -> None:
    assert login_steps(["LOGIN", "PLAIN"]) == (Send(b"AUTH PLAIN {PLAIN}\r\n"),)
    assert login_steps(["PLAIN"], is_wrong=True) == (
        Send(b"AUTH PLAIN {WRONG-PLAIN}\r\n"),
    )


def test_login_goes_on_inside_auth() -> None:
    assert login_steps(["LOGIN"], session=1) == (
        Send(b"AUTH LOGIN\r\n", session=1),
        Send(b"{USER}\r\n", (), "auth", 1),
        Send(b"{PASSWORD}\r\n", (), "auth", 1),
    )
    assert login_steps(["LOGIN"], is_wrong=True)[-1].octets == b"{WRONG-PASSWORD}\r\n"
