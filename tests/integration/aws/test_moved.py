"""An environment on AWS whose file or login leads elsewhere: refused with both named, and all of it is found again."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cpi.kit import tags
from tests.support.aws import look_alikes
from tests.support.aws.emulator import Emulator
from tests.support.aws.inventory import Held
from tests.support.command import ROOT, Compleat, Ran, without_times

_LOOK_ALIKES = [*["security-group"] * 150, *["volume"] * 150]
Write = Callable[..., None]
_ACCOUNT = "123456789012"
_ASKING = (
    ("up", "-n"),
    ("plan", "manifests/examples/hello/hello.yml"),
    ("deploy", "-n", "manifests/examples/hello/hello.yml"),
    ("instances",),
    ("doctor",),
    ("down", "-n"),
)
"""Commands that ask the cloud."""


@pytest.fixture
def write(tmp_path: Path, emulator: Emulator) -> Write:
    """Writes the environment's file, as shipped but for the properties given."""

    def write(**changes: Any) -> None:
        shipped = yaml.safe_load((ROOT / "manifests/environments/aws.yml").read_text())
        shipped["name"] = "trial"
        shipped["properties"] = {**shipped["properties"], **emulator.settings(), **changes}
        shipped["cloud_config"] = str(ROOT / "manifests/cloud-configs/aws.yml")
        (tmp_path / "environments").mkdir(exist_ok=True)
        (tmp_path / "environments/trial.yml").write_text(yaml.safe_dump(shipped))

    return write


@pytest.fixture
def landed(tmp_path: Path, emulator: Emulator, write: Write) -> Compleat:
    """`up` as far as the emulator goes, then killed: everything is created, with a jumpbox that accepts no login."""
    look_alikes.plant(emulator, "trial")
    write()
    compleat = Compleat(home=tmp_path, environment="trial", is_warm=True)
    with compleat.started("up", "-n", "--verbose") as up:
        assert up.stderr is not None
        reported = list(itertools.takewhile(lambda line: "create vm done" not in line, up.stderr))
        up.kill()
    assert f"Environment 'trial' on aws: account {_ACCOUNT}, region us-east-1.\n" in without_times("".join(reported))
    assert "instance" in {held.kind for held in emulator.inventory()}
    return compleat


def test_in_another_region_every_command_is_refused_and_back_again_down_finds_all(
    landed: Compleat, emulator: Emulator, write: Write
) -> None:
    held = emulator.inventory()
    write(region="eu-west-1")
    for words in _ASKING:
        _refused(landed.run(*words), "region was us-east-1, is now eu-west-1")
    assert emulator.inventory() == held
    here, former = _leftovers(landed, 0)
    assert (here["identity"]["region"], here["known"]) == ("eu-west-1", 0)
    assert (former["identity"]["region"], former["known"]) == ("us-east-1", _count(held))
    write()
    down = landed.run("down", "-n", "--json").ended().json
    assert (down["left"], down["missing"], down["forgotten"]) == ([], [], True)
    assert down["clouds"][0]["identity"] == {
        "account": _ACCOUNT,
        "region": "us-east-1",
        "endpoint": emulator.settings()["endpoint_url"],
    }
    assert [each.kind for each in emulator.inventory()] == _LOOK_ALIKES
    assert [place["left"] for place in _leftovers(landed, 0)] == [[]]


def test_what_was_forgotten_in_another_region_is_left_over_until_down_there(
    landed: Compleat, emulator: Emulator, write: Write
) -> None:
    held = emulator.inventory()
    write(region="eu-west-1")
    landed.run("down", "-n", "--forget").ended(0)
    here, former = _leftovers(landed, 1)
    assert (here["left"], len(former["left"])) == ([], _count(held))
    assert {one["deleted_by"] for one in former["left"]} == {
        "`compleat down -e trial` once environments/trial.yml has `region: us-east-1`"
    }
    assert emulator.inventory() == held
    shown = landed.run("leftovers").ended(1)
    assert max(map(len, shown.out.splitlines())) <= 80
    assert shown.err.startswith("leftovers-found: ")
    write()
    landed.run("down", "-n").ended(0)
    assert [place["left"] for place in _leftovers(landed, 0)] == [[]]
    assert [each.kind for each in emulator.inventory()] == _LOOK_ALIKES


def _leftovers(compleat: Compleat, code: int) -> list[dict[str, Any]]:
    """The places of the environment, as its file has it now first."""
    return list(compleat.run("leftovers", "--json").ended(code).json["places"])


def _count(held: tuple[Held, ...]) -> int:
    """Resources by the actions that created them: an instance has its volume and its card with it."""
    owners = [tags.read_owner(one.tags) for one in held]
    return len({owner.action for owner in owners if owner is not None and owner.environment == "trial"})


def _refused(ran: Ran, why: str) -> None:
    ran.ended(3)
    assert "environment-moved: " in ran.err
    assert why in ran.err
