"""director.edge.blobs_dir on a disk that is full."""

import subprocess
import sys
from pathlib import Path

PUT_TWO_MIB = """
import io, pathlib, sys
from director.edge.blobs_dir import BlobsDir
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


def test_a_full_disk_is_told_and_nothing_half_written_stays(tmp_path: Path) -> None:
    script = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" -c "$3" "$1"'
    command = ["unshare", "-rm", "sh", "-c", script, "sh", str(tmp_path), sys.executable, PUT_TWO_MIB]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("disk-full True 0\n", 0), done.stderr


def test_a_file_size_limit_counts_as_a_full_disk(tmp_path: Path) -> None:
    command = ["sh", "-c", 'ulimit -f 1024; exec "$1" -c "$2" "$3"', "sh", sys.executable, PUT_TWO_MIB, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("disk-full True 0\n", 0), done.stderr
