"""Files and folders copied to a machine and from there by SFTP; a machine that reports false folders."""

import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh
import paramiko
import pytest

from director.edge.agents import sftp_copies
from director.edge.agents.ssh_keys import read_private_key
from director.errors import AgentError, InputError
from tests.support.ssh_server import SshServer

KEY = asyncssh.generate_private_key("ssh-ed25519")


@contextmanager
def _files(folder: Path, server: type[asyncssh.SFTPServer] = asyncssh.SFTPServer) -> Iterator[paramiko.SFTPClient]:
    running = SshServer(folder=folder, accepted=[KEY.export_public_key()], files=server).start()
    transport = paramiko.Transport(socket.create_connection(("127.0.0.1", running.port)))
    try:
        transport.start_client(timeout=5)
        transport.auth_publickey("anyone", read_private_key(KEY.export_private_key().decode(), name="test"))
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        yield client
    finally:
        transport.close()
        transport.join(5)
        running.stop()


def _tree(folder: Path) -> dict[str, object]:
    """Each file's text and mode; None for a folder."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else (path.read_text(), path.stat().st_mode & 0o777)
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with what folders have: files with modes, an empty folder, links to a file, a folder, nothing."""
    folder = tmp_path / "source"
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o750)
    (folder / "deep" / "deeper" / "file").write_text("content")
    os.symlink("run", folder / "to-file")
    os.symlink("..", folder / "deep" / "to-folder")
    os.symlink("nowhere", folder / "to-nothing")
    return folder


def test_a_folder_goes_there_and_comes_back_with_what_is_in_it(source: Path, tmp_path: Path) -> None:
    there, back = tmp_path / "there", tmp_path / "back"
    with _files(tmp_path) as files:
        sftp_copies.send(files, local=source, remote=str(there), is_recursive=True)
        sftp_copies.send(files, local=source, remote=str(there), is_recursive=True)  # it is there now
        sftp_copies.fetch(files, remote=str(there), local=back, is_recursive=True)
    sent = {
        "deep": None,
        "deep/deeper": None,
        "deep/deeper/file": ("content", 0o644),
        "empty": None,
        "run": ("#!/bin/sh\n", 0o750),
        "to-file": ("#!/bin/sh\n", 0o750),
    }
    assert _tree(there) == sent | {"source": None} | {f"source/{name}": what for name, what in sent.items()}
    assert list(_tree(back)) == list(_tree(there))


def test_a_folder_needs_the_option_and_a_file_does_not(source: Path, tmp_path: Path) -> None:
    with _files(tmp_path) as files:
        ways: tuple[Callable[[], None], ...] = (
            lambda: sftp_copies.send(files, local=source, remote="/x", is_recursive=False),
            lambda: sftp_copies.fetch(files, remote=str(source), local=tmp_path / "x", is_recursive=False),
        )
        for way in ways:
            with pytest.raises(InputError) as raised:
                way()
            assert (raised.value.code, raised.value.fix) == ("copy-of-folder", "Add -r.")
        sftp_copies.fetch(files, remote=str(source / "run"), local=tmp_path, is_recursive=True)
    assert (tmp_path / "run").read_text() == "#!/bin/sh\n"
    assert not (tmp_path / "x").exists()


class _Lying(asyncssh.SFTPServer):
    """Its folders have a file whose name leads out of them."""

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        attributes = asyncssh.SFTPAttrs(permissions=0o100644)
        yield asyncssh.SFTPName(b"../escaped", b"", attributes)


def test_a_name_that_leads_out_of_its_folder_is_refused(source: Path, tmp_path: Path) -> None:
    with _files(tmp_path, _Lying) as files, pytest.raises(AgentError) as raised:
        sftp_copies.fetch(files, remote=str(source), local=tmp_path / "back", is_recursive=True)
    assert raised.value.code == "copy-refused"
    assert not (tmp_path / "escaped").exists()


class _Endless(asyncssh.SFTPServer):
    """Each of its folders has a folder."""

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        yield asyncssh.SFTPName(b"d", b"", asyncssh.SFTPAttrs(permissions=0o040755))

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        return asyncssh.SFTPAttrs(permissions=0o040755)


def test_folders_without_end_are_refused(tmp_path: Path) -> None:
    with _files(tmp_path, _Endless) as files, pytest.raises(AgentError) as raised:
        sftp_copies.fetch(files, remote="/d", local=tmp_path / "back", is_recursive=True)
    assert "more than 64 deep" in raised.value.why


def test_a_link_in_the_place_of_a_file_is_replaced(source: Path, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("kept")
    back = tmp_path / "back"
    back.mkdir()
    os.symlink(tmp_path / "victim", back / "run")
    with _files(tmp_path) as files:
        sftp_copies.fetch(files, remote=str(source / "run"), local=back / "run", is_recursive=False)
    assert ((tmp_path / "victim").read_text(), (back / "run").is_symlink()) == ("kept", False)
