"""`cancel-task` of a task that another process works on: on the memory cloud, whose VMs have no agent to wait for."""

import subprocess
import time
from pathlib import Path

from tests.support import verb_texts
from tests.support.command import ROOT, Compleat

_FILE = """\
name: mem
cloud: memory
cloud_config: {root}/manifests/cloud-configs/local.yml
public_names: [jumpbox, console]
networks: {{default: 10.0.0.0/16}}
"""
_LIMIT_S = 240.0


def test_a_task_is_cancelled_from_another_process_and_can_be_continued(tmp_path: Path) -> None:
    compleat = Compleat(home=tmp_path / "home", environment="mem", is_warm=True)
    (compleat.home / "environments").mkdir(mode=0o700, parents=True)
    compleat.home.chmod(0o700)
    (compleat.home / "environments" / "mem.yml").write_text(_FILE.format(root=ROOT))
    with compleat.started("up", "-n", "--verbose") as process:
        _wait_for_the_agent(process)
        cancelled = compleat.run("cancel-task", "1", "-n", "--json").ended()
        asked_at = time.monotonic()
        assert cancelled.json == {"schema": "compleat.task/1", "task": 1, "state": "cancelling"}
        _, err = process.communicate(timeout=_LIMIT_S)
        took_s = time.monotonic() - asked_at
    assert process.returncode == 4
    assert "task-cancelled: 'compleat up --verbose --non-interactive' was cancelled.\n" in err
    assert "ran 'compleat cancel-task 1 --non-interactive --json'; the journal has every action" in err
    assert took_s < 30.0, "2 s are promised on a machine with nothing else to do"
    before = {row["action"]: row["state"] for row in _rows(compleat, "task", "1")}
    assert (before["await_agent"], before["apply"]) == ("begun", "not begun")
    assert [row["state"] for row in _rows(compleat, "tasks")] == ["cancelled"]
    verb_texts.check(compleat.run("cancel-task", "1", "-n").ended(), compleat, "cancel-task")  # its run is closed
    ended = compleat.run("cancel-task", "1", "-n").ended(3)
    assert ended.err.startswith("task-ended: Task 1 has ended: cancelled.")


def _wait_for_the_agent(process: subprocess.Popen[str]) -> None:
    """Read its progress until it waits for the jumpbox, which takes minutes to give up."""
    assert process.stderr is not None
    assert any("await agent" in line for line in process.stderr), "it never waited for an agent"


def _rows(compleat: Compleat, *words: str) -> list[dict[str, str]]:
    data = compleat.run(*words, "--json").ended().json
    rows: list[dict[str, str]] = data["actions" if words[0] == "task" else "tasks"]
    return rows
