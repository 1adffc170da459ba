"""What programs read of us: JSON alone on standard output, a schema on every command, and the exit codes."""

from pathlib import Path

import pytest

from director.cli import command_table
from tests.support.command import Compleat

pytestmark = pytest.mark.slow

_MANIFEST = "manifests/platform/platform.yml"

SHOWING = {
    ("up",): "up",
    ("plan", _MANIFEST): "plan",
    ("deploy", "-n", _MANIFEST): "run",
    ("deployments",): "deployments",
    ("cost",): "costs",
    ("leftovers",): "leftovers",
    ("manifest", "-d", "platform"): "manifest",
    ("history", "-d", "platform"): "revisions",
    ("diff", _MANIFEST): "diff",
    ("instances", "--ps"): "instances",
    ("vms", "-d", "platform"): "vms",
    ("environments",): "environments",
    ("locks",): "locks",
    ("disks",): "disks",
    ("snapshots", "-d", "platform"): "snapshots",
    ("cloud-check", "-d", "platform", "--report"): "problems",
    ("bundle", "downloads", "platform"): "downloads",
    ("tasks",): "tasks",
    ("task",): "actions",
    ("events",): "events",
    ("errands", "-d", "platform"): "errands",
    ("run-errand", "-d", "platform", "smoke-tests"): "errand",
    ("variables", "-d", "platform"): "variables",
    ("links",): "links",
    ("extend", "--never"): "end",
    ("releases",): "releases",
    ("stemcells",): "stemcells",
    ("configs",): "configs",
    ("config", "--type", "cloud", "--name", "default"): "config",
    ("cloud-config",): "config",
    ("creds",): "variables",
    ("creds", "console_admin_password"): "secret",
    ("logs", "redis/0"): "logs",
    ("start", "-n", "-d", "platform", "redis/0"): "run",
    ("doctor",): "findings",
    ("update-resurrection", "off"): "resurrection",
    ("template", "validate", "templates/examples/network.json"): "resources",
    ("template", "parameters", "templates/examples/network.json"): "parameters",
    ("template", "outputs", "templates/examples/network.json"): "outputs",
    ("template", "format", "templates/examples/network.json"): "template",
    ("template", "eval", "templates/examples/cases.json"): "cases",
    ("template", "what-if", "templates/examples/small-vm.json"): "changes",
}
"""A command line that works, and the schema of what it says."""

SHOWN_ELSEWHERE = {
    "init": "writes the files of an environment: tests of init on the command line",
    "down": "an environment of its own: below, and wherever one is taken down",
    "delete-deployment": "likewise",
    "backup": "writes a file: tests of backups",
    "restore": "exchanges the home: likewise",
    "adopt": "wants a lost state: likewise",
    "ignore": "changes what deploys do: tests of ignored instances",
    "unignore": "likewise",
    "stop": "stops what other tests look at: tests of updates",
    "restart": "likewise",
    "recreate": "likewise",
    "cck": "cloud-check by its short name",
    "attach-disk": "changes disks: tests of operations",
    "orphan-disk": "likewise",
    "delete-disk": "likewise",
    "take-snapshot": "likewise",
    "delete-snapshot": "likewise",
    "delete-snapshots": "likewise",
    "clean-up": "likewise",
    "delete-vm": "likewise",
    "rotate": "changes secrets: tests of rotation",
    "set-var": "likewise: tests of given variables",
    "delete-var": "likewise",
    "import-vars": "likewise",
    "export-vars": "writes a file: likewise",
    "version": "prints a word",
    "help": "prints text",
    "completion": "prints a script for a shell",
    "cpi": "answers one request of BOSH's protocol, in its JSON: tests of cpi/serve",
    "watch": "serves until Ctrl-C: tests of the page",
    "cancel-task": "wants a task that was cut short: tests of kills",
    "schema": "prints the schema itself, in the form of JSON Schema: tests of json_schemas",
    "interpolate": "prints the document itself, byte for byte",
    "int": "interpolate by its short name",
    "interpolate-with-store": "interpolate, where it makes variables",
    "ssh": "prints what the command on the VM prints",
    "scp": "prints nothing",
    "update-config": "stores a config: tests of configs on the command line",
    "update-cloud-config": "likewise",
    "update-runtime-config": "likewise",
    "update-cpi-config": "likewise",
    "runtime-config": "wants a stored config: likewise",
    "cpi-config": "likewise",
    "diff-config": "likewise",
    "delete-config": "likewise",
    "upload-release": "changes the home: tests of uploads",
    "inspect-release": "wants an uploaded release: likewise",
    "delete-release": "likewise",
    "upload-stemcell": "changes the clouds: tests of uploaded stemcells",
    "delete-stemcell": "likewise",
}


def test_every_command_is_shown_here_or_elsewhere() -> None:
    assert {words[0] for words in SHOWING} | set(SHOWN_ELSEWHERE) == set(command_table.COMMANDS)


@pytest.mark.parametrize("words", SHOWING, ids=" ".join)
def test_a_command_gives_json_alone(platform: Compleat, tmp_path: Path, words: tuple[str, ...]) -> None:
    where = ("--dir", str(tmp_path)) if words[0] == "logs" else ()
    document = platform.run(*words, *where, "--json").ended().json
    assert document["schema"] == f"compleat.{SHOWING[words]}/1"


@pytest.mark.parametrize("command", sorted(SHOWN_ELSEWHERE), ids=str)
def test_the_others_give_json_when_they_refuse(platform: Compleat, command: str) -> None:
    """An unknown option: every command refuses it with the same message before anything is read."""
    assert _error(platform, command, "--no-such-option", code=2) == ["wrong-usage"]


def test_exit_code_1_what_was_tried_failed(platform: Compleat, tmp_path: Path) -> None:
    assert _error(platform, "scp", "redis/0:/no/such/file", str(tmp_path), code=1) != []


def test_exit_code_2_wrong_use(platform: Compleat) -> None:
    assert _error(platform, "no-such-command", code=2) == ["wrong-usage"]


def test_exit_code_3_refused_before_anything_was_created(platform: Compleat, tmp_path: Path) -> None:
    before = platform.run("tasks", "--json").ended().json["tasks"]
    (tmp_path / "wrong.yml").write_text("name: wrong\n")
    assert set(_error(platform, "deploy", "-n", str(tmp_path / "wrong.yml"), code=3)) == {"missing-key"}
    after = platform.run("tasks", "--json").ended().json["tasks"]
    assert isinstance(after, list) and isinstance(after[0], dict)
    assert isinstance(before, list)
    assert (after[0]["state"], after[1:]) == ("error", before[: len(after) - 1])  # the newest tasks alone are listed


def test_exit_code_5_somebody_else_holds_the_lease(platform: Compleat) -> None:
    with platform.started("run-errand", "-d", "platform", "smoke-tests") as first:
        assert first.stderr is not None
        assert any("  Task " in line for line in first.stderr)
        assert _error(platform, "stop", "-n", "-d", "platform", "redis/0", code=5) == ["deployment-locked"]
        assert first.wait(timeout=120) == 0


def _error(compleat: Compleat, *words: str, code: int) -> list[str]:
    document = compleat.run(*words, "--json").ended(code).json
    assert document["schema"] == "compleat.error/1"
    errors = document["errors"]
    assert isinstance(errors, list)
    assert all(set(error) >= {"code", "what", "why", "fix", "where"} for error in errors)
    return [error["code"] for error in errors]
