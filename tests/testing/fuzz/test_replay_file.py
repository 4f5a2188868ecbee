"""Findings on disk."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.fuzz.findings import Finding
from smtpsession.testing.fuzz.plans import HangUp, Plan, Send, StartTLS
from smtpsession.testing.fuzz.replay_file import Replay, file_name, read, write
from smtpsession.testing.fuzz.runner import Said
from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.model_violation import Violation

PLAN = Plan(
    (
        Send(b"EHLO a.example\r\nRSET\r\nvrfy a\r\n"),
        StartTLS(),
        Send(bytes(range(256)), (2, 4), "content", 1),
        HangUp(),
    )
)
STORED = {
    "format": 1,
    "rule": "no reply",
    "lmtp": False,
    "implicit_tls": False,
    "steps": [{"do": "hang up"}],
}


def finding(rule: str = "no reply", sent: bytes = b"", plan: Plan = PLAN) -> Finding:
    said = (Said(0, "client", Secrets("alice", "hush-hush").fill_in(b"{PLAIN}\r\n")),)
    violation = Violation(
        rule=rule, section="RFC 5321 4.2", sent=sent, expected="a reply", seen="none"
    )
    return Finding(violation, plan, said, 7, True)


@pytest.mark.parametrize(
    ("rule", "sent", "name"),
    [
        ("no reply", b"RSET", "no-reply-rset.json"),
        ("no reply", b"EHLO a.example", "no-reply-ehlo.json"),
        ("no reply", b"vrfy a", "no-reply-vrfy.json"),
        ("no reply", b"", "no-reply.json"),
        ("no reply", b".", "no-reply.json"),
        ("no reply", b"\xe9", "no-reply.json"),
        # No file system takes a name of a whole line.
        ("no reply", b"a" * 500, "no-reply.json"),
        ("bare CR/LF, or ../none", b"", "bare-cr-lf-or-none.json"),
        # What the plan does not hold may be a secret.
        ("no reply", b"aHVzaC1odXNo", "no-reply.json"),
        ("segments change", b"the same octets", "segments-change.json"),
    ],
)
def test_the_name_of_a_file_says_what_was_broken(
    rule: str, sent: bytes, name: str
) -> None:
    assert file_name(finding(rule, sent)) == name


@pytest.mark.parametrize("lmtp", [False, True])
@pytest.mark.parametrize("implicit_tls", [False, True])
def test_what_is_written_can_be_read(
    tmp_path: Path, *, lmtp: bool, implicit_tls: bool
) -> None:
    folder = tmp_path / "new" / "folder"
    found = finding(sent=b"RSET")
    path = write(folder, found, lmtp=lmtp, implicit_tls=implicit_tls)
    assert path == folder / "no-reply-rset.json"
    assert read(path) == Replay("no reply", PLAN, lmtp, implicit_tls)
    said = json.loads(path.read_text())
    assert (said["section"], said["seed"]) == ("RFC 5321 4.2", 7)
    # A later one takes its place.
    assert write(folder, found, lmtp=lmtp, implicit_tls=implicit_tls) == path


def test_no_file_holds_a_secret(tmp_path: Path) -> None:
    secrets = Secrets("alice", "hush-hush")
    plan = Plan((Send(b"AUTH PLAIN {PLAIN}\r\n"), Send(b"{PASSWORD}\r\n")))
    sent = secrets.fill_in(b"{PASSWORD}")
    path = write(
        tmp_path, finding(sent=sent, plan=plan), lmtp=False, implicit_tls=False
    )
    text = path.name + path.read_text()
    for name in (*Secrets.NAMES, b"hush-hush"):
        assert secrets.fill_in(name).decode().lower()[:6] not in text.lower()
    assert json.loads(path.read_text())["needs_user"] is True
    assert read(path).needs_user


def test_most_plans_need_no_user() -> None:
    assert not Replay("no reply", PLAN, False, False).needs_user


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        write(tmp_path / "file", finding(), lmtp=False, implicit_tls=False)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "file")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b"\xff", "is no JSON"),
        pytest.param(b"[" * 200_000, "is no JSON", id="deep"),
        pytest.param(b"1" * 10_000, "is no JSON", id="long"),
        (b"[]", "holds no finding"),
        (b"null", "holds no finding"),
        (b"{}", "has the format None, wanted is 1"),
        (b'{"format": 2}', "has the format 2, wanted is 1"),
    ],
)
def test_what_is_no_such_file_is_refused(
    tmp_path: Path, text: bytes, said: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(text)
    with pytest.raises(ValueError) as raised:
        read(path)
    assert str(raised.value).startswith(f"{path} {said}")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rule": None}, "rule must be a str, is None"),
        ({"lmtp": 1}, "lmtp must be a bool, is 1"),
        ({"implicit_tls": "no"}, "implicit_tls must be a bool, is 'no'"),
        ({"steps": None}, "steps must be a list"),
        ({"steps": [{"do": "hang up"}, {"do": "sing"}]}, "step 1 is no step"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    path = tmp_path / "file"
    path.write_text(json.dumps(STORED))
    assert read(path) == Replay("no reply", Plan((HangUp(),)), False, False)
    path.write_text(json.dumps(STORED | changes))
    with pytest.raises(ValueError) as raised:
        read(path)
    assert str(raised.value).startswith(f"{path}: {said}")


@given(octets=st.binary())
def test_all_octets_come_back(tmp_path: Path, octets: bytes) -> None:
    plan = Plan((Send(octets),))
    path = write(tmp_path, finding(plan=plan), lmtp=False, implicit_tls=False)
    assert path.read_bytes().isascii()
    assert read(path).plan == plan
