"""The command line of ``smtpsession fuzz``."""

import pytest

from smtpsession.cli.arguments import parse_arguments
from smtpsession.cli.fuzz_arguments import PASSWORD_VARIABLE
from smtpsession.cli.listen_address import TCPAddress, UnixAddress


def test_a_target_is_enough() -> None:
    arguments = vars(parse_arguments(["fuzz", "localhost:25"]))
    assert 0 < arguments["timeout"] <= 30
    expected = {
        "command": "fuzz",
        "target": TCPAddress("localhost", 25),
        "lmtp": False,
        "starttls": False,
        "implicit_tls": False,
        "user": None,
        "password": None,
        "sender": None,
        "recipient": [],
        "i_own_this_server": False,
        "seconds": 60.0,
        "seed": None,
        "only": [],
        "list_rules": False,
        "replay": None,
        "json": None,
        "junit": None,
        "save": "smtpsession-fuzz",
    }
    assert {name: arguments[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("[::1]:2525", "target", TCPAddress("::1", 2525)),
        ("unix:/run/lmtp", "target", UnixAddress("/run/lmtp")),
        ("--list-rules", "target", None),
        ("--list-rules", "list_rules", True),
        ("--lmtp", "lmtp", True),
        ("--starttls", "starttls", True),
        ("--implicit-tls", "implicit_tls", True),
        ("--user alice", "user", "alice"),
        ("--password hush", "password", "hush"),
        ("--sender=", "sender", ""),
        ("--sender a@b.example", "sender", "a@b.example"),
        ("--recipient a@b --recipient ü@c", "recipient", ["a@b", "ü@c"]),
        ("--timeout 0.5", "timeout", 0.5),
        ("--i-own-this-server", "i_own_this_server", True),
        ("--seconds 5", "seconds", 5.0),
        ("--seed 0", "seed", 0),
        ("--seed 999999999", "seed", 999_999_999),
        ("--only greeting --only hello", "only", ["greeting", "hello"]),
        ("--replay a.json", "replay", "a.json"),
        ("--json a.json", "json", "a.json"),
        ("--junit a.xml", "junit", "a.xml"),
        ("--save found", "save", "found"),
    ],
)
def test_each_option_is_understood(words: str, name: str, value: object) -> None:
    assert getattr(parse_arguments(["fuzz", *words.split()]), name) == value


def test_lists_are_not_shared() -> None:
    words = ["fuzz", "--only", "a", "--recipient", "b"]
    assert parse_arguments(words).only == parse_arguments(words).only == ["a"]
    assert parse_arguments(["fuzz"]).recipient == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("2525", "must be HOST:PORT, [IPV6]:PORT or unix:PATH, got '2525'"),
        ("a:1 b:2", "unrecognized arguments: b:2"),
        ("--starttls --implicit-tls", "not allowed with argument"),
        ("--user=", "--user: must not be empty"),
        ("--sender <a@a.example>", "must be an address such as a@a.example, got '<a@"),
        ("--recipient a\nb", "such as a@a.example, got 'a\\nb'"),
        ("--recipient a\udcff", "such as a@a.example, got 'a\\udcff'"),
        ("--timeout 0", "--timeout: must be more than no time"),
        ("--timeout never", "must be a number of seconds, got 'never'"),
        ("--seconds -1", "must be a number of seconds, got '-1'"),
        ("--seed x", "--seed: must be a number, got 'x'"),
        ("--seed ²", "--seed: must be a number, got '²'"),
        ("--seed=-1", "--seed: must be a number, got '-1'"),
        ("--seed " + "1" * 19, "--seed: must be a number"),
        ("--lis", "unrecognized arguments: --lis"),
    ],
)
def test_wrong_words_are_named_in_one_line(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exits:
        parse_arguments(["fuzz", *words.split(" ")])
    assert exits.value.code == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("smtpsession: error: ")
    assert said in errors
    assert errors.count("\n") == 1


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exits:
        parse_arguments(["fuzz", "--help"])
    assert exits.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"${PASSWORD_VARIABLE}" in text
    assert "./smtpsession-fuzz" in text
    assert "Exit status: 0 when no rule is broken, 1 when one is" in text
    assert "is really delivered" in text
