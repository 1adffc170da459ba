"""Configs on the command line: each command as text and as JSON, in a home of its own."""

from pathlib import Path

import pytest

from tests.support import verb_texts
from tests.support.command import Compleat
from tests.unit.director.app.config_homes import CLOUD

_FILES = {
    "home/environments/lab.yml": "name: lab\n",
    "cloud.yml": CLOUD,
    "runtime.yml": "tags: {team: ((team))}\n",
    "cpi.yml": "cpis: [{name: near, type: memory}]\n",
    "bad-cpi.yml": "cpis: [{name: near, type: memry}]\n",
}


@pytest.fixture
def lab(tmp_path: Path) -> Compleat:
    for name, text in _FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return Compleat(home=tmp_path / "home", environment="lab", is_warm=True)


def test_a_config_from_its_first_version_to_its_end(lab: Compleat, tmp_path: Path) -> None:
    stored = lab.run("update-cloud-config", "cloud.yml", "-n", cwd=tmp_path).ended()
    assert stored.out == "The cloud config 'default' is stored as version 1.\n"
    again = lab.run("update-config", "--type", "cloud", "--name", "default", "cloud.yml", cwd=tmp_path).ended()
    assert "nothing to do" in again.out
    assert lab.run("cloud-config").ended().out == CLOUD
    assert lab.run("config", "1", "--json").ended().json["config"]["content"] == CLOUD
    (tmp_path / "cloud.yml").write_text(CLOUD.replace("workers: 1", "workers: 2"))
    words = ("diff-config", "--from-id", "1", "--to-content", "cloud.yml")
    assert lab.run(*words, cwd=tmp_path).ended().out == "  compilation:\n-   workers: 1\n+   workers: 2\n"
    diff = lab.run(*words, "--json", cwd=tmp_path).ended().json
    assert diff["diff"] == [["compilation:", None], ["  workers: 1", "removed"], ["  workers: 2", "added"]]
    updated = lab.run("update-cloud-config", "cloud.yml", "-n", "--json", cwd=tmp_path).ended().json
    assert (updated["stored"], updated["config"]["id"], updated["diff"]) == (True, 2, diff["diff"])
    listed = lab.run("configs", "--recent", "5", "--json").ended().json["configs"]
    assert [(row["id"], row["current"]) for row in listed] == [(2, True), (1, False)]
    deleted = lab.run("delete-config", "2", "-n", "--json").ended().json["deleted"]
    assert [row["id"] for row in deleted] == [2]
    assert lab.run("cloud-config").ended().out == CLOUD, "the version before it is current again"
    gone = lab.run("delete-config", "--type", "cloud", "--name", "default", "-n").ended()
    assert gone.out == "Version 1 of the cloud config 'default' deleted.\n"
    assert (
        lab.run("delete-config", "--type", "cloud", "--name", "default", "-n").ended().out == "No configs to delete.\n"
    )


def test_each_type_has_commands_of_its_own(lab: Compleat, tmp_path: Path) -> None:
    lab.run("update-runtime-config", "runtime.yml", "--name", "tags", "-v", "team=ops", "-n", cwd=tmp_path).ended()
    assert lab.run("runtime-config", "--name", "tags").ended().out == "tags:\n  team: ops\n"
    updated = lab.run("update-cpi-config", "cpi.yml", "-n", cwd=tmp_path).ended()
    verb_texts.check(updated, lab, "update-cpi-config")
    verb_texts.check(lab.run("cpi-config").ended(), lab, "cpi-config")
    (tmp_path / "cloud.yml").write_text(CLOUD.replace("{name: z1}]", "{name: z1, cpi: near}]", 1))
    lab.run("update-cloud-config", "cloud.yml", "-n", cwd=tmp_path).ended()


def test_what_a_plugin_refuses_is_named_with_its_place(lab: Compleat, tmp_path: Path) -> None:
    refused = lab.run("update-cpi-config", "bad-cpi.yml", "-n", "--json", cwd=tmp_path).ended(3).json
    assert [(error["code"], error["where"]) for error in refused["errors"]] == [("unknown-cloud", "bad-cpi.yml:1:21")]


def test_a_config_is_not_replaced_without_a_yes(lab: Compleat, tmp_path: Path) -> None:
    refused = lab.run("update-cloud-config", "cloud.yml", cwd=tmp_path).ended(2)
    assert "+ compilation:" in refused.out + refused.err
    assert lab.run("configs").ended().out == "No configs.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("config",),
        ("config", "1", "--name", "a"),
        ("delete-config", "--type", "cloud"),
        ("diff-config", "--from-id", "1"),
    ],
    ids=" ".join,
)
def test_a_command_that_names_no_config_is_wrong_use(lab: Compleat, words: tuple[str, ...]) -> None:
    assert lab.run(*words, "--json").ended(2).json["errors"][0]["code"] == "config-not-named"
