"""The loads: what Postfix's smtp-source sends in one round."""

import subprocess

from attrs import evolve, frozen

from benchmarks.programs import search_environment

ROUND_SECONDS = 120.0
ADDRESSES = (
    *("-M", "client.example.com"),
    *("-f", "sender@example.com"),
    *("-t", "recipient@example.com"),
)


class LoadError(Exception):
    """A round did not end well: a refusal, a lost connection or no end in time."""


@frozen(kw_only=True)
class Load:
    """Messages of one shape, sent over a number of sessions at a time.

    Attributes:
        name: How the load is called on the command line and in the results.
        title: The load in words.
        messages: Messages in one round, all sessions together.
        sessions: Sessions open at the same time.
        octets: Size of a message's text in octets.
        recipients: RCPT commands for each message.
        reused: Whether a session carries many messages or only one.
    """

    name: str
    title: str
    messages: int
    sessions: int
    octets: int = 1024
    recipients: int = 1
    reused: bool = True

    def adjusted(self, scale: float, sessions: int | None) -> "Load":
        """Return the load with `scale` times the messages, at least one a session.

        A number of sessions takes the place of the load's own, unless it is None.
        """
        sessions = sessions or self.sessions
        messages = max(sessions, round(self.messages * scale))
        return evolve(self, messages=messages, sessions=sessions)

    def command(self, port: int) -> list[str]:
        """Return the smtp-source command that sends one round to a loopback port."""
        keep_open = ["-d"] if self.reused else []
        return [
            "smtp-source",
            *keep_open,
            *("-s", str(self.sessions)),
            *("-m", str(self.messages)),
            *("-l", str(self.octets)),
            *("-r", str(self.recipients)),
            *ADDRESSES,
            f"127.0.0.1:{port}",
        ]


LOADS = {
    load.name: load
    for load in (
        Load(
            name="new",
            title="new connection each, 1 KB",
            messages=2000,
            sessions=20,
            reused=False,
        ),
        Load(
            name="reused",
            title="connection reused, 1 KB",
            messages=5000,
            sessions=10,
        ),
        Load(
            name="recipients",
            title="50 recipients, 1 KB, reused",
            messages=400,
            sessions=10,
            recipients=50,
        ),
        Load(
            name="large",
            title="10 MB messages, reused",
            messages=16,
            sessions=2,
            octets=10 * 1024 * 1024,
        ),
    )
}


def send_round(load: Load, port: int) -> None:
    """Send one round and wait for its end.

    smtp-source stops at the first reply that is not positive, so a round that
    ends well was accepted in full.

    Raises:
        LoadError: The round failed or took longer than `ROUND_SECONDS`.
    """
    try:
        subprocess.run(
            load.command(port),
            check=True,
            capture_output=True,
            text=True,
            timeout=ROUND_SECONDS,
            env=search_environment(),
        )
    except subprocess.TimeoutExpired:
        raise LoadError(f"no end within {ROUND_SECONDS:.0f} seconds") from None
    except subprocess.CalledProcessError as error:
        raise LoadError(error.stderr.strip() or f"exit {error.returncode}") from None
