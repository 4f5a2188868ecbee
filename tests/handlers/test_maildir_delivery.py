"""Folders, names and the way of one message into new."""

import os
import re
import stat
import time
from pathlib import Path

import pytest

from smtpsession.handlers.maildir_delivery import (
    ORPHAN_SECONDS,
    Delivery,
    prepare_maildir,
    unique_name,
)

NOBODY = 65534


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    path = tmp_path / "Maildir"
    prepare_maildir(path)
    return path


def names_in(maildir: Path) -> dict[str, list[str]]:
    return {name: os.listdir(maildir / name) for name in ("tmp", "new", "cur")}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_are_made_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "mail" / "of" / "bob"
    prepare_maildir(path)
    assert sorted(os.listdir(path)) == ["cur", "new", "tmp"]
    made = [path, path / "tmp", path / "new", path / "cur"]
    assert [mode(folder) for folder in made] == [0o700] * 4


def test_made_folders_outlive_a_power_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def recorded(file: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{file}"))
        fsync(file)

    monkeypatch.setattr(os, "fsync", recorded)
    maildir = tmp_path / "Maildir"
    prepare_maildir(maildir)
    assert synced == [str(tmp_path), *[str(maildir)] * 3]
    prepare_maildir(maildir)
    assert len(synced) == 4


def test_what_lies_there_already_stays(maildir: Path) -> None:
    (maildir / "new" / "1").write_text("new")
    (maildir / "cur" / "2:2,S").write_text("seen")
    (maildir / "new").chmod(0o750)
    prepare_maildir(maildir)
    assert names_in(maildir) == {"tmp": [], "new": ["1"], "cur": ["2:2,S"]}
    assert mode(maildir / "new") == 0o750


def test_orphans_are_removed_after_36_hours(maildir: Path) -> None:
    tmp = maildir / "tmp"
    long_ago = time.time() - ORPHAN_SECONDS - 60
    for name, accessed, modified in [
        ("dead", long_ago, long_ago),
        ("young", long_ago + 120, long_ago + 120),
        ("still read", long_ago + 120, long_ago),
        ("still written", long_ago, long_ago + 120),
    ]:
        (tmp / name).touch()
        os.utime(tmp / name, (accessed, modified))
    (tmp / "folder").mkdir()
    os.utime(tmp / "folder", (long_ago, long_ago))
    prepare_maildir(maildir)
    left = ["folder", "still read", "still written", "young"]
    assert sorted(os.listdir(tmp)) == left


def test_a_file_in_the_place_of_a_folder_is_an_error(maildir: Path) -> None:
    (maildir / "cur").rmdir()
    (maildir / "cur").touch()
    with pytest.raises(NotADirectoryError, match="cur"):
        prepare_maildir(maildir)


def test_a_folder_that_cannot_be_made_is_an_error() -> None:
    with pytest.raises(OSError, match="No such file"):
        prepare_maildir(Path("/proc/Maildir"))


def test_a_folder_that_cannot_be_written_is_an_error(
    maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(maildir)
    maildir.chmod(0o755)
    (maildir / "new").chmod(0o500)
    (maildir / "tmp").chmod(0o777)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        with pytest.raises(PermissionError, match="Permission denied: 'new'"):
            prepare_maildir(Path())
    finally:
        os.seteuid(user)


def test_unique_names_differ() -> None:
    names = {unique_name("mx.test") for _ in range(1000)}
    assert len(names) == 1000
    pattern = rf"[0-9]+\.M[0-9]{{6}}P{os.getpid()}R[0-9a-f]{{16}}\.mx\.test"
    assert all(re.fullmatch(pattern, name) for name in names)


@pytest.mark.parametrize(
    ("host", "written"),
    [
        ("a/b", r"a\057b"),
        ("a:2,S", r"a\0722\054S"),
        ("ä", r"\344"),
        ("x" * 300, "x" * 128),
    ],
)
def test_a_host_in_a_name_is_safe(host: str, written: str) -> None:
    assert unique_name(host).split(".", 2)[2] == written


def test_a_committed_message_lies_in_new(maildir: Path) -> None:
    delivery = Delivery(maildir, "name")
    delivery.write(b"one")
    delivery.write(bytearray(b"two"))
    assert names_in(maildir) == {"tmp": ["name"], "new": [], "cur": []}
    delivery.commit(b"three")
    assert names_in(maildir) == {"tmp": [], "new": ["name"], "cur": []}
    assert (maildir / "new" / "name").read_bytes() == b"onetwothree"
    assert mode(maildir / "new" / "name") == 0o600


def test_a_discarded_message_leaves_no_file(maildir: Path) -> None:
    delivery = Delivery(maildir, "name")
    delivery.write(b"one")
    delivery.discard()
    assert names_in(maildir) == {"tmp": [], "new": [], "cur": []}


def test_after_abandoning_nothing_is_written(maildir: Path) -> None:
    delivery = Delivery(maildir, "name")
    delivery.abandon()
    delivery.write(b"one")
    delivery.commit(b"two")
    delivery.discard()
    assert names_in(maildir) == {"tmp": [], "new": [], "cur": []}


def test_a_message_abandoned_while_it_is_synced_is_not_published(
    maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = Delivery(maildir, "name")
    monkeypatch.setattr(os, "fsync", lambda _: delivery.abandon())
    delivery.commit(b"one")
    assert names_in(maildir) == {"tmp": ["name"], "new": [], "cur": []}
    delivery.discard()
    assert names_in(maildir) == {"tmp": [], "new": [], "cur": []}


def test_a_file_of_that_name_is_never_overwritten(maildir: Path) -> None:
    (maildir / "tmp" / "name").write_text("somebody else's")
    with pytest.raises(FileExistsError):
        Delivery(maildir, "name").commit(b"mine")
    assert (maildir / "tmp" / "name").read_text() == "somebody else's"


def test_a_message_whose_folder_cannot_be_synced_is_taken_back(
    maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def failing(file: int) -> None:
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(5, "Input/output error")
        fsync(file)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output"):
        Delivery(maildir, "name").commit(b"one")
    assert names_in(maildir) == {"tmp": [], "new": [], "cur": []}


def test_short_writes_are_continued(
    maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:3]))
    Delivery(maildir, "name").commit(b"one two three")
    assert (maildir / "new" / "name").read_bytes() == b"one two three"
