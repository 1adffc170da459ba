"""The blobstore and the vault on a disk that is full."""

import subprocess
import sys
from pathlib import Path

PUT_TWO_MIB = """
import io, pathlib, sys
from director.edge.blobs.blobs_dir import BlobsDir
from director.errors import StateError
store = BlobsDir(pathlib.Path(sys.argv[1]))
small = store.put_blob(io.BytesIO(b"small"))
try:
    store.put_blob(io.BytesIO(bytes(range(256)) * 8192))
except StateError as error:
    print(error.code, store.has_blob(small), len(list(pathlib.Path(sys.argv[1], "partial").iterdir())))
else:
    print("it fitted")
"""
MAKE_A_SECRET = """
import os, pathlib, sys
from director.edge.secrets.vault_dir import VaultDir
from director.errors import StateError
from director.model.environments.desired import VariableSpec
home = pathlib.Path(sys.argv[1])
filler = home / "filler"
vault = VaultDir(home / "vault", home / "vault.key")
try:
    with filler.open("wb", buffering=0) as stream:
        while stream.write(bytes(4096)):
            pass
except OSError:
    pass
said = []
for room in range(6):
    try:
        vault.make_secret(VariableSpec(name="/x", type="password"))
    except StateError as error:
        said.append(error.code)
    if not said or said[-1] != "disk-full":
        break
    os.truncate(filler, filler.stat().st_size - 4096)
print(set(said), len(vault.get_secret("/x")), sorted(each.name for each in home.iterdir()))
"""


def test_a_full_disk_is_told_and_nothing_half_written_stays(tmp_path: Path) -> None:
    script = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" -c "$3" "$1"'
    command = ["unshare", "-rm", "sh", "-c", script, "sh", str(tmp_path), sys.executable, PUT_TWO_MIB]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("disk-full True 0\n", 0), done.stderr


def test_a_file_size_limit_counts_as_a_full_disk(tmp_path: Path) -> None:
    command = ["sh", "-c", 'ulimit -f 1024; exec "$1" -c "$2" "$3"', "sh", sys.executable, PUT_TWO_MIB, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("disk-full True 0\n", 0), done.stderr


def test_a_vault_on_a_full_disk_has_no_half_key_and_goes_on_with_room(tmp_path: Path) -> None:
    script = 'mount -t tmpfs -o size=64k none "$1" && exec "$2" -c "$3" "$1"'
    command = ["unshare", "-rm", "sh", "-c", script, "sh", str(tmp_path), sys.executable, MAKE_A_SECRET]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "{'disk-full'} 20 ['filler', 'vault', 'vault.key']\n", done.stderr


OPEN_A_STATE = """
import pathlib, sys
from director.edge.state.sql_database import Database
from director.edge.secrets.vault_dir import VaultDir
from director.errors import StateError
home = pathlib.Path(sys.argv[1])
try:
    Database(home / "state.db", VaultDir(home / "vault", home / "vault.key").key)
except StateError as error:
    print(error.code, "sqlalche" in error.why, "KiB" in error.why, (home / "state.db").exists())
"""


def test_a_state_for_which_there_is_no_room_is_a_full_disk_and_not_damaged(tmp_path: Path) -> None:
    script = 'mount -t tmpfs -o size=24k none "$1" && exec "$2" -c "$3" "$1"'
    command = ["unshare", "-rm", "sh", "-c", script, "sh", str(tmp_path), sys.executable, OPEN_A_STATE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "disk-full False True False\n", done.stderr


FILL_WHILE_A_STATE_IS_MADE = """
import pathlib, subprocess, sys
from director.edge.state.sql_database import Database
from director.edge.secrets.vault_key import VaultKey
from director.errors import StateError
home = pathlib.Path(sys.argv[1])

def look():
    try:
        database = Database(home / "state.db", VaultKey(home / "vault.key", vault=home / "vault"))
        with database.transaction() as connection:
            return connection.execute("PRAGMA integrity_check").fetchone()[0]
    except StateError as error:
        return error.code

for room in (64, 80, 128, 144, 160, 176, 192):
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}k", "none", str(home)], check=True)
    first = look()
    subprocess.run(["mount", "-o", "remount,size=4m", str(home)], check=True)
    print(room, first, look())
    subprocess.run(["umount", "-l", str(home)], check=True)
"""


def test_a_state_that_a_full_disk_kept_from_being_made_is_made_whole_once_there_is_room(tmp_path: Path) -> None:
    command = ["unshare", "-rm", sys.executable, "-c", FILL_WHILE_A_STATE_IS_MADE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    reported = [line.split() for line in done.stdout.splitlines()]
    assert {after for _, _, after in reported} == {"ok"}, done.stderr
    assert {first for _, first, _ in reported} == {"disk-full", "ok"}, done.stdout
