"""Exim sends us its mail in chunks, by BDAT (RFC 3030), over SMTP and over LMTP.

Exim prints its dialogue when it is told to, which is how a test knows that the mail
came by BDAT.
It sends a short message as one last chunk, behind it QUIT in the same octets, and a
long one as two chunks.
It never sends an empty chunk or BODY=BINARYMIME, and on its way in it makes line ends
of bare CR and LF, so that what these do is not shown here.
Eight-bit octets go out undeclared.

Debian's package of Exim cannot be installed next to Postfix's: install.sh unpacks it.
It runs once for each message, to its end, on a configuration of the test's own, which
it lets only root choose.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from attrs import field, frozen

from smtpsession import Config, Reject
from tests.peers.client_process import assert_accepted, run_client
from tests.peers.mails import dots, eight_bit, large
from tests.peers.reachable_folder import reachable_folder
from tests.peers.recording_server import (
    Delivery,
    Doorkeeper,
    Recorder,
    accept,
    recording_server,
)
from tests.peers.stored_message import assert_same_octets, below_received

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

USER = "Debian-exim"
SENDER = "alice@example.com"
RECIPIENT = "bob@example.org"
DEFERRED = "carol@example.org"
UNKNOWN = "dave@example.org"
# With these fields Exim has only its Received field to add.
FIELDS = (
    b"From: alice@example.com\r\n"
    b"Date: Fri, 01 Nov 2024 09:00:00 +0000\r\n"
    b"Message-Id: <1@example.com>\r\n\r\n"
)
LARGE_OCTETS = 5 * 1024 * 1024
MESSAGES: dict[str, Callable[[], bytes]] = {
    "small": lambda: FIELDS + b"The only line.\r\n",
    "large": lambda: FIELDS + large()[-LARGE_OCTETS:],
    "dots and eight bits": lambda: FIELDS + dots() + eight_bit(),
}

# PORT and PROTOCOL come from the command line, FOLDER is replaced.
CONFIGURATION = """\
exim_path = PROGRAM
spool_directory = FOLDER/spool
log_file_path = FOLDER/log/%slog
primary_hostname = exim.example
trusted_users = root
never_users =
keep_environment =
add_environment =
begin routers
to_us:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = by_bdat
begin transports
by_bdat:
  driver = smtp
  port = PORT
  protocol = PROTOCOL
  allow_localhost
  hosts_try_chunking = *
"""
CHUNK = re.compile(r"SMTP.> BDAT (\d+)( LAST)?$", re.MULTILINE)
REPLY = re.compile(r"SMTP<< (\d{3})[ -]")


@frozen(kw_only=True)
class Dialogue:
    """What Exim says that it said and heard, the first session of several.

    Args:
        chunks: octets of each BDAT, and whether it was the last one.
        replies: codes of all replies, in their order.
        words: everything.
    """

    chunks: list[tuple[int, bool]]
    replies: list[str]
    words: str = field(repr=False)


@frozen
class Exim:
    """The program and the folder with all its files."""

    program: str
    folder: Path

    def send(
        self, content: bytes, recipients: list[str], *, port: int, protocol: str
    ) -> Dialogue:
        """Have one message accepted from here and delivered to our port at once."""
        command = [self.program, "-C", str(self.folder / "exim.conf")]
        command += [f"-DPORT={port}", f"-DPROTOCOL={protocol}"]
        command += ["-v", "-odf", "-oi", "-f", SENDER, *recipients]
        lines = content.replace(b"\r\n", b"\n")
        client = run_client(command, standard_input=lines)
        assert_accepted(client)
        words = client.stdout.decode("latin-1")
        first, _, _ = words.partition("SMTP(close)>>")
        return Dialogue(
            chunks=[(int(each[1]), bool(each[2])) for each in CHUNK.finditer(first)],
            replies=REPLY.findall(first),
            words=words,
        )


@pytest.fixture
def exim(require_peer: Callable[[str], str], root: None) -> Iterator[Exim]:
    """Return Exim with an empty queue."""
    program = require_peer("exim")
    with reachable_folder() as folder:
        text = CONFIGURATION.replace("FOLDER", str(folder))
        (folder / "exim.conf").write_text(text.replace("PROGRAM", program))
        for name in ("spool", "log"):
            (folder / name).mkdir()
            shutil.chown(folder / name, USER, USER)
        yield Exim(program, folder)


@pytest.mark.parametrize("name", MESSAGES)
def test_exim_delivers_chunks_octet_for_octet(exim: Exim, name: str) -> None:
    """What Exim sends by BDAT is what the handler reads, whatever is in it."""
    content = MESSAGES[name]()
    recorder = Recorder(accept)
    with recording_server(recorder, Config(reverse_lookup=False)) as port:
        said = exim.send(content, [RECIPIENT], port=port, protocol="smtp")
        [delivery] = recorder.wait_for(1)
    assert [is_last for _, is_last in said.chunks] == (
        [False, True] if name == "large" else [True]
    )
    assert sum(octets for octets, _ in said.chunks) == len(delivery.content)
    assert (delivery.sender, delivery.recipients) == (SENDER, [RECIPIENT])
    assert_same_octets(below_received(delivery.content, 1), content)


@pytest.mark.parametrize(
    ("protocol", "replies"),
    [
        ("smtp", ["220", "250", "250", "550", "554", "221"]),
        # RFC 2033 4.3: no recipient, no reply to the last chunk.
        ("lmtp", ["220", "250", "250", "550", "221"]),
    ],
)
def test_a_chunk_without_recipients_is_dropped(
    exim: Exim, protocol: str, replies: list[str]
) -> None:
    """QUIT behind the chunk is answered as such, and the bounce comes by BDAT, too."""
    recorder = Doorkeeper(accept, UNKNOWN)
    config = Config(lmtp=protocol == "lmtp", reverse_lookup=False)
    with recording_server(recorder, config) as port:
        content = FIELDS + b"QUIT\r\n"
        said = exim.send(content, [UNKNOWN], port=port, protocol=protocol)
        [bounce] = recorder.wait_for(1)
    assert [is_last for _, is_last in said.chunks] == [True]
    assert said.replies == replies
    assert (bounce.sender, bounce.recipients) == ("", [SENDER])
    assert b"550 5.1.1 nobody of that name" in bounce.content


def test_each_recipient_of_chunks_gets_its_own_answer(exim: Exim) -> None:
    """LMTP with BDAT: one reply for the first chunk, one a recipient for the last."""

    def answer(delivery: Delivery) -> list[Reject | None]:
        full = Reject(450, "try again", enhanced="4.2.2")
        return [full if each == DEFERRED else None for each in delivery.recipients]

    recorder = Doorkeeper(answer, UNKNOWN)
    content = MESSAGES["large"]()
    recipients = [RECIPIENT, DEFERRED, UNKNOWN]
    with recording_server(recorder, Config.for_lmtp()) as port:
        said = exim.send(content, recipients, port=port, protocol="lmtp")
        # Without a rule for retrying, Exim gives the deferred one up at once.
        delivery, bounce = recorder.wait_for(2)
    assert [is_last for _, is_last in said.chunks] == [False, True]
    # Greeting and hello; MAIL and three RCPT; the chunks; QUIT.
    assert [*said.replies[:2], said.replies[-1]] == ["220", "250", "221"]
    assert said.replies[2:-4] == ["250", "250", "250", "550"]
    assert said.replies[-4:-1] == ["250", "250", "450"]
    assert f"=> {RECIPIENT} " in said.words
    assert re.search(f"== {DEFERRED} .* 450 4\\.2\\.2 try again", said.words)
    assert re.search(f"\\*\\* {UNKNOWN} .* 550 5\\.1\\.1 nobody", said.words)
    assert delivery.recipients == [RECIPIENT, DEFERRED]
    assert_same_octets(below_received(delivery.content, 1), content)
    assert (bounce.sender, bounce.recipients) == ("", [SENDER])
