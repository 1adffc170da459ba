"""director.edge.machine.exclusive_work."""

import subprocess
import sys
import threading
from pathlib import Path

from director.edge.machine.exclusive_work import ExclusiveWork

COUNT = """
import pathlib, sys
from director.edge.machine.exclusive_work import ExclusiveWork
counter = pathlib.Path(sys.argv[2])
for _ in range(50):
    with ExclusiveWork(pathlib.Path(sys.argv[1])).working_on("k"):
        counter.write_text(str(int(counter.read_text()) + 1))
"""


def test_processes_take_turns(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    command = [sys.executable, "-c", COUNT, str(tmp_path / "exclusive"), str(counter)]
    workers = [subprocess.Popen(command) for _ in range(4)]
    assert [worker.wait() for worker in workers] == [0] * 4
    assert counter.read_text() == "200"


def test_threads_take_turns(tmp_path: Path) -> None:
    exclusive, seen = ExclusiveWork(tmp_path), [0]

    def add() -> None:
        for _ in range(50):
            with exclusive.working_on("k"):
                before = seen[0]
                (tmp_path / "pause").write_text("x")
                seen[0] = before + 1

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [200]


def test_a_workspace_is_empty_and_gone_afterwards(tmp_path: Path) -> None:
    exclusive = ExclusiveWork(tmp_path)
    with exclusive.working_on("k") as workspace:
        assert list(workspace.iterdir()) == []
        (workspace / "left").write_text("x")
    assert not workspace.exists()
    workspace.mkdir()
    (workspace / "by a killed one").write_text("x")
    with exclusive.working_on("k") as again:
        assert again == workspace
        assert list(again.iterdir()) == []


def test_other_keys_do_not_wait(tmp_path: Path) -> None:
    exclusive = ExclusiveWork(tmp_path)
    with exclusive.holding(["a", "b"]), exclusive.holding(["c"]), exclusive.working_on("d"):
        pass
