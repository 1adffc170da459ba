"""Backups taken while deploys run, restored beside a newer cloud, and a state that is lost: as an operator types it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e import story as stories
from tests.e2e.story import Story
from tests.support import verb_texts
from tests.support.command import Compleat

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def story(new_compleat: Callable[[], Compleat], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One deployment for all tests, each of which leaves it whole."""
    compleat = replace(new_compleat(), is_warm=True)
    release = stories.prepare(compleat, tmp_path_factory.mktemp("backups"))
    shared = Story(compleat=compleat, release=release)
    shared.deploy()
    try:
        yield shared
    finally:
        compleat.run("down", "-n").ended()


def test_backups_taken_while_a_deploy_runs_are_restored_and_continued(story: Story, tmp_path: Path) -> None:
    files: list[str] = []
    with story.compleat.started(*story.words("deploy", word="two")) as process:
        while process.poll() is None:
            files.append(str(tmp_path / f"{len(files)}.tar"))
            document = story.compleat.run("backup", files[-1], "--json").ended().json
            assert document["schema"] == "compleat.backup/1"
    assert len(files) > 3
    for number, file in enumerate(files):
        other = replace(story.compleat, home=tmp_path / str(number))
        restored = other.run("restore", file, "--json").ended().json
        assert (restored["schema"], restored["former"]) == ("compleat.restored/1", "")
        rows = other.run("deployments", "--json").ended().json["deployments"]
        assert {row["name"] for row in rows} >= {"jumpbox", "story"}
        other.run("export-vars", "-d", "story", str(tmp_path / "vars.yml")).ended()
        other.run("tasks").ended()
    story.compleat.run("restore", files[len(files) // 2], "--replace", "-n").ended()
    story.deploy(word="two")
    story.values["word"] = "two"
    assert story.plan() == []


def test_a_backup_beside_newer_vms_harms_nothing_until_they_are_adopted(story: Story, tmp_path: Path) -> None:
    run, file = story.compleat.run, str(tmp_path / "backup.tar")
    run("backup", file).ended()
    story.change("recreate", "web/0")
    newer = story.cids()
    assert run("restore", file, "-n").ended(3).err.startswith("home-not-empty: ")
    restored = run("restore", file, "--replace", "-n").ended()
    verb_texts.check(restored, story.compleat, "restore", tmp_path)
    for words in (story.words("plan"), story.words("deploy"), ("cloud-check", "-d", "story", "--report")):
        refused = run(*words).ended(1)
        assert f"is older than its cloud: web/0 (VM {newer['web/0']})." in refused.err
    verb_texts.check(run(*story.words("adopt")).ended(), story.compleat, "adopt", story.release)
    assert story.plan() == []
    assert story.cids() == newer


def test_a_lost_state_is_rebuilt_by_adopt_and_the_next_plan_is_empty(story: Story) -> None:
    before, home = story.instances(), story.compleat.home
    for path in home.glob("state.db*"):
        path.unlink()
    shutil.rmtree(home / "tasks")
    rows = story.compleat.run(*story.words("adopt"), "--json").ended().json["adopted"]
    assert {row["state"] for row in rows} == {"recorded"}
    assert {row["instance"] for row in rows} == {"jumpbox/0", *before}
    assert story.plan() == []
    assert story.instances() == before
    assert story.compleat.run("up", "-n", "--bundle", str(stories.CASES / "bundle")).ended()
    story.change("restart", "web/0")
    assert story.plan() == []
