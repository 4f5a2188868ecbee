"""Which command lines are understood, and what is said to others."""

import importlib.metadata

import pytest

from smtpsession.cli.arguments import parse_arguments
from smtpsession.cli.listen_address import TCPAddress, UnixAddress


def test_no_words_serve_locally_into_a_maildir() -> None:
    for words in ([], ["serve"]):
        arguments = parse_arguments(words)
        assert arguments.listen == [TCPAddress("127.0.0.1", 2525)]
        assert arguments.maildir == "Maildir"
        assert (arguments.print, arguments.handler) == (False, None)
        assert arguments.grace == 30


def test_several_listeners() -> None:
    arguments = parse_arguments(
        ["serve", "--listen", "[::1]:0", "--listen", "unix:/run/smtp"]
    )
    assert arguments.listen == [TCPAddress("::1", 0), UnixAddress("/run/smtp")]


def test_lmtp() -> None:
    assert not parse_arguments([]).lmtp
    assert parse_arguments(["serve", "--lmtp", "--listen", "unix:/run/lmtp"]).lmtp


def test_numbers() -> None:
    arguments = parse_arguments(["serve", "--max-size", "1000", "--grace", "0.5"])
    assert (arguments.max_size, arguments.grace) == (1000, 0.5)


@pytest.mark.parametrize("option", ["proxy-protocol", "xclient", "xforward"])
def test_several_networks_that_are_trusted(option: str) -> None:
    words = [f"--{option}", "10.0.0.0/8", f"--{option}", "unix"]
    name = option.replace("-", "_")
    assert getattr(parse_arguments(["serve", *words]), name) == ["10.0.0.0/8", "unix"]
    assert getattr(parse_arguments(["serve"]), name) is None


def test_the_mode_is_for_each_unix_socket() -> None:
    words = ["--listen", "unix:a", "--listen", "[::1]:0", "--listen", "unix:b"]
    listen = parse_arguments(["serve", *words, "--socket-mode", "0660"]).listen
    tcp = TCPAddress("::1", 0)
    assert listen == [UnixAddress("a", 0o660), tcp, UnixAddress("b", 0o660)]
    assert parse_arguments(["serve", *words]).listen[0] == UnixAddress("a", 0o600)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--proxy-protocol", "needs the network of those who are trusted, such as"),
        ("--proxy-protocol --print", "--proxy-protocol: needs the network of those"),
        ("--xclient", "--xclient: needs the network of those who are trusted"),
        ("--xforward", "--xforward: needs the network of those who are trusted"),
        ("--socket-mode 660", "--socket-mode needs --listen unix:PATH"),
        ("--listen unix:a --socket-mode 1777", "must be permissions in octal such as"),
        ("--listen 2525", "must be HOST:PORT, [IPV6]:PORT or unix:PATH, got '2525'"),
        ("--tls-cert cert.pem", "--tls-cert needs --tls-key"),
        ("--tls-key key.pem", "--tls-key needs --tls-cert"),
        ("--tls-cert c --tls-key k --tls-self-signed", "leave --tls-cert out"),
        ("--print --maildir x", "not allowed with argument"),
        ("--max-size -1", "must be a number of octets, got '-1'"),
        ("--lmtp yes", "unrecognized arguments: yes"),
        ("--grace soon", "must be a number of seconds, got 'soon'"),
        ("--log-format xml", "invalid choice: 'xml'"),
        ("--mail x", "unrecognized arguments: --mail x"),
    ],
)
def test_wrong_words_are_named_in_one_line(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exits:
        parse_arguments(["serve", *words.split()])
    assert exits.value.code == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("smtpsession: error: ")
    assert said in errors
    assert errors.count("\n") == 1


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exits:
        parse_arguments(["swerve"])
    assert exits.value.code == 2
    assert "'swerve'" in capsys.readouterr().err


@pytest.mark.parametrize("installed", [True, False])
def test_version(
    *,
    installed: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def version(name: str) -> str:
        if not installed:
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.2.3"

    monkeypatch.setattr(importlib.metadata, "version", version)
    with pytest.raises(SystemExit) as exits:
        parse_arguments(["--version"])
    assert exits.value.code == 0
    shown = "1.2.3" if installed else "(not installed)"
    assert capsys.readouterr().out == f"smtpsession {shown}\n"


@pytest.mark.parametrize("words", [["--help"], ["serve", "--help"]])
def test_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exits:
        parse_arguments(words)
    assert exits.value.code == 0
    assert "2525" in capsys.readouterr().out
