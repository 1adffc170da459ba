"""The vault's folder and its key: what is lost or damaged is named, and nothing is made over it."""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from director.edge.secrets.vault_dir import VaultDir
from director.errors import StateError
from director.model.environments.desired import VariableSpec

PASSWORD = VariableSpec(name="/home/app/password", type="password")


@pytest.fixture
def vault(tmp_path: Path) -> VaultDir:
    made = _open(tmp_path)
    made.make_secret(PASSWORD)
    made.put_secret("/home/other/x", "kept")
    return made


def test_looking_makes_nothing(tmp_path: Path) -> None:
    vault = _open(tmp_path)
    assert (vault.list_secrets("/"), vault.secret_versions(["/a"]), vault.damaged_files()) == ((), {}, ())
    vault.forget_secrets("/")
    assert _code(lambda: vault.get_secret("/a")) == "secret-missing"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_key_beside_secrets_is_named_and_never_made_anew(tmp_path: Path, vault: VaultDir) -> None:
    (tmp_path / "vault.key").unlink()
    again = _open(tmp_path)
    assert again.list_secrets("/home/app/") == (PASSWORD.name,)
    for attempt in (lambda: again.get_secret(PASSWORD.name), lambda: again.put_secret("/home/new", "x")):
        assert _code(attempt) == "vault-key-missing"
    assert not (tmp_path / "vault.key").exists()


def test_an_empty_key_beside_no_secret_is_made_whole(tmp_path: Path) -> None:
    (tmp_path / "vault.key").touch()
    vault = _open(tmp_path)
    vault.make_secret(PASSWORD)
    assert len((tmp_path / "vault.key").read_bytes()) == 32
    assert vault.get_secret(PASSWORD.name)


@pytest.mark.parametrize("content", [b"", b"k" * 31, b"k" * 33])
def test_a_key_of_another_length_beside_secrets_is_broken(tmp_path: Path, vault: VaultDir, content: bytes) -> None:
    (tmp_path / "vault.key").write_bytes(content)
    assert _code(lambda: vault.get_secret(PASSWORD.name)) == "vault-key-broken"
    assert _code(lambda: vault.put_secret("/home/new", "x")) == "vault-key-broken"
    assert (tmp_path / "vault.key").read_bytes() == content


def test_another_key_opens_nothing(tmp_path: Path, vault: VaultDir) -> None:
    (tmp_path / "vault.key").write_bytes(os.urandom(32))
    assert _code(lambda: vault.get_secret(PASSWORD.name)) == "secret-sealed"


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:30])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _changed(**fields: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))

    return change


@pytest.mark.parametrize(
    "damage",
    [_cut, _empty, _folder, _changed(nonce="AAAA"), _changed(nonce="!!"), _changed(name="/home/other/x")],
    ids=["cut", "empty", "folder", "nonce", "base64", "swapped"],
)
def test_a_damaged_file_is_named_and_in_nobody_elses_way(
    vault: VaultDir, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = next(path for path in (tmp_path / "vault").glob("*.json") if PASSWORD.name in path.read_text())
    damage(path)
    with pytest.raises(StateError) as raised:
        vault.get_secret(PASSWORD.name)
    assert (raised.value.code, str(path) in raised.value.why) == ("secret-damaged", True)
    assert vault.get_secret("/home/other/x") == "kept"
    assert "/home/other/x" in vault.list_secrets("/")
    vault.forget_secrets("/home/other/")
    assert vault.list_secrets("/home/other/y") == ()


def test_a_file_that_cannot_be_read_is_not_said_to_be_damaged(vault: VaultDir, tmp_path: Path) -> None:
    """What is hidden from output is what is listed: leaving it out would show it."""
    path = next(path for path in (tmp_path / "vault").glob("*.json") if PASSWORD.name in path.read_text())
    path.unlink()
    path.symlink_to(path)
    unreadable = (lambda: vault.get_secret(PASSWORD.name), lambda: vault.list_secrets("/"), vault.damaged_files)
    assert [_code(attempt) for attempt in unreadable] == ["secret-unreadable"] * 3


def test_a_key_that_cannot_be_read_is_not_said_to_be_no_key(vault: VaultDir, tmp_path: Path) -> None:
    (tmp_path / "vault.key").unlink()
    (tmp_path / "vault.key").symlink_to("vault.key")
    assert _code(lambda: _open(tmp_path).get_secret(PASSWORD.name)) == "vault-key-unreadable"


def test_a_file_in_anothers_place_does_not_open(tmp_path: Path, vault: VaultDir) -> None:
    one, other = sorted((tmp_path / "vault").glob("*.json"))
    one.write_bytes(other.read_bytes())
    reported = [_code(partial(vault.get_secret, name)) for name in ("/home/other/x", PASSWORD.name)]
    assert sorted(reported) == ["", "secret-damaged"]


def _open(folder: Path) -> VaultDir:
    return VaultDir(folder / "vault", folder / "vault.key")


def _code(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except StateError as error:
        return error.code
    return ""
