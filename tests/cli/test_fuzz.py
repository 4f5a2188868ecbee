"""The command `smtpsession fuzz`, against servers of this process."""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from smtpsession.cli import main
from tests.cli.running import running
from tests.testing.fuzz.planted.faults import FAULTS
from tests.testing.fuzz.planted.server import PlantedServer
from tests.testing.fuzz.scripted_server import Dialogue, ScriptedServer

EARLY = FAULTS["accepts-mail-before-hello"]
RULE = "MAIL before hello"
QUICK = ["--timeout", "5", "--seed", "1"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SMTPSESSION_FUZZ_PASSWORD", raising=False)
    return tmp_path


def fuzz(server: PlantedServer | ScriptedServer, *words: str) -> int:
    return main(["fuzz", f"127.0.0.1:{server.port}", *QUICK, *words])


def test_a_broken_rule_is_shown_stored_and_repeated(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["-x", "--seconds", "20", "--only", RULE]
    with PlantedServer(EARLY) as server:
        assert fuzz(server, *words, "--json", "r.json", "--junit", "r.xml") == 1
        text = capsys.readouterr().out
        [file] = (folder / "smtpsession-fuzz").iterdir()
        assert fuzz(server, "--replay", str(file)) == 1
        again = capsys.readouterr().out
    assert f"1. {RULE} (RFC 5321 4.1.4, SHOULD)\n" in text
    assert "   C: MAIL FROM:<" in text
    assert f"smtpsession fuzz 127.0.0.1:{server.port} --replay " in text
    assert ", seed 1\n" in text
    assert "   C: MAIL FROM:<" in again
    [violation] = json.loads((folder / "r.json").read_text())["violations"]
    assert violation["rule"] == RULE
    assert violation["replay"] == "smtpsession-fuzz/mail-before-hello-mail.json"
    suite = ElementTree.parse(folder / "r.xml").find("testsuite")
    assert suite is not None
    assert suite.get("failures") == "1"
    with PlantedServer() as server:
        assert fuzz(server, "--replay", str(file)) == 0
    assert "no rule broken: MAIL before hello does not come" in capsys.readouterr().out


def test_what_cannot_be_stored_is_shown_all_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "full").write_text("")
    words = ["-x", "--seconds", "20", "--only", RULE, "--save", "full"]
    with PlantedServer(EARLY) as server:
        assert fuzz(server, *words) == 2
    printed = capsys.readouterr()
    assert f"1. {RULE} (RFC 5321 4.1.4, SHOULD)\n" in printed.out
    assert "--replay" not in printed.out
    assert printed.err.endswith("error: full: File exists\n")


def test_a_right_server_with_a_user(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SMTPSESSION_FUZZ_PASSWORD", "secret")
    with PlantedServer(tls=True) as server:
        words = ["--seconds", "1", "--user", "user", "--recipient", "a@planted.example"]
        assert fuzz(server, *words, "--starttls", "--sender", "b@a.example") == 0
        assert "no rule broken: " in capsys.readouterr().out
        assert fuzz(server, "--seconds", "0", "--user", "user", "--password", "x") == 2
    assert capsys.readouterr().err.endswith("it refuses the user: 535\n")
    assert not (folder / "smtpsession-fuzz").exists()


def test_lmtp_with_any_seed(capsys: pytest.CaptureFixture[str]) -> None:
    with PlantedServer(lmtp=True) as server:
        words = ["fuzz", f"127.0.0.1:{server.port}", "--lmtp", "--seconds", "1"]
        assert main(words) == 0
    assert re.search(r", seed \d+\n", capsys.readouterr().out)


def test_implicit_tls_on_a_unix_socket(folder: Path) -> None:
    where = f"unix:{folder}/s"
    words = ["--tls-self-signed", "--implicit-tls", "--hostname", "mx.test"]
    with running("serve", "--listen", where, *words, folder=folder) as process:
        assert process.process.stdout is not None
        assert process.process.stdout.readline() == f"listening on {where}\n"
        assert main(["fuzz", where, "--implicit-tls", "--seconds", "0"]) == 0


def test_who_takes_no_mail_is_fuzzed_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ScriptedServer(refuse_mail) as server:
        fuzz(server, "--seconds", "0")
    assert "warning: it takes mail for nobody" in capsys.readouterr().err


def refuse_mail(dialogue: Dialogue) -> None:
    dialogue.say("220 mx.test\r\n")
    dialogue.answer("250 mx.test", "550 no")
    dialogue.hear()


def test_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", "--list-rules"]) == 0
    assert any(line.startswith(RULE) for line in capsys.readouterr().out.split("\n"))


def unused(folder: Path) -> str:
    (folder / "user.json").write_text(
        json.dumps(
            {
                "format": 1,
                "rule": RULE,
                "lmtp": False,
                "implicit_tls": False,
                "steps": [{"do": "send", "octets": "{PASSWORD}\r\n"}],
            }
        )
    )
    with ScriptedServer(lambda dialogue: None) as server:
        return f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "fuzz needs HOST:PORT or unix:PATH"),
        (["HERE"], "cannot fuzz HERE: cannot connect to HERE: Connection refused"),
        (
            ["unix:none"],
            "cannot fuzz unix:none: cannot connect to unix:none: No such",
        ),
        (["HERE", "--only", "x"], "--only: no rule is called 'x'; see --list-rules"),
        (["HERE", "--password", "x"], "--password needs --user"),
        (["HERE", "--user", "x"], "--user needs --password, or SMTPSESSION_FUZZ_PASS"),
        (["HERE", "--user", "x", "--password", "a\0"], "the password must not be empt"),
        (
            ["192.0.2.1:25"],
            "192.0.2.1:25 is not on this machine; what is done to it",
        ),
        (["a.invalid:25"], "cannot connect to a.invalid:25: "),
        (["HERE", "--replay", "none.json"], "none.json: No such file or directory"),
        (["HERE", "--replay", "user.json"], "--replay: this file needs --user"),
        (
            ["HERE", "--replay", "user.json", "--user", "a", "--password", "b"],
            "cannot connect to HERE: ",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said(
    words: list[str],
    message: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = unused(folder)
    given = [word.replace("HERE", here) for word in words]
    assert main(["fuzz", *given]) == 2
    expected = message.replace("HERE", here)
    assert capsys.readouterr().err.startswith(f"smtpsession: error: {expected}")


def test_a_file_that_is_no_finding(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.json").write_text("[]")
    assert main(["fuzz", "127.0.0.1:25", "--replay", "bad.json"]) == 2
    assert "bad.json" in capsys.readouterr().err


def test_a_server_elsewhere_needs_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    # Nothing is sent: no such server can be reached.
    words = ["255.255.255.255:25", "--i-own-this-server", "--timeout", "0.1"]
    assert main(["fuzz", *words]) == 2
    assert "cannot fuzz 255.255.255.255:25: " in capsys.readouterr().err


def test_without_hypothesis_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in list(sys.modules):
        if name.startswith(("smtpsession.testing.fuzz", "smtpsession.cli.fuzz")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    assert main(["fuzz", "127.0.0.1:25"]) == 2
    assert capsys.readouterr().err == (
        "smtpsession: error: fuzz needs hypothesis: install smtpsession[testing]\n"
    )


def test_an_interrupted_search_reports_what_it_has_found(folder: Path) -> None:
    with PlantedServer(EARLY) as server:
        where = f"127.0.0.1:{server.port}"
        words = ["fuzz", where, *QUICK, "--seconds", "60", "--only", RULE]
        with running(*words, folder=folder) as process:
            process.log_line(holding="broken rules: 1, looking")
            process.send_signal(signal.SIGINT)
            assert process.process.stdout is not None
            text = process.process.stdout.read()
            assert process.wait()[0] == 1
    assert f"1. {RULE}" in text
