"""The OpenStack plugin against what a real OpenStack (Zed) answered once: the same questions, the same conclusions."""

from pathlib import Path

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config
from tests.support.openstack import story, tape

TAPE, SAID = (Path(__file__).parent / name for name in ("openstack.jsonl.gz", "openstack.txt"))


def test_the_plugin_asks_as_it_did_and_concludes_the_same() -> None:
    with tape.playing(tape.load(TAPE)) as player:
        connected = connect_cloud(_settings(player.here), story.ENVIRONMENT)
        assert story.report(connected) == SAID.read_text().splitlines()
        assert player.exchanges == []


def test_the_tape_holds_neither_token_nor_password() -> None:
    reported = "".join(map(str, tape.load(TAPE)))
    assert "openstack-test" not in reported
    assert "gAAAA" not in reported


def _settings(here: str) -> config.OpenStackConfig:
    written = {"auth_url": f"{here}/5000/v3", "username": "ostest", "api_key": "geheim", "project": "ostest"}
    return config.read_config({**written, "region": "RegionOne", "image": "bookworm-tiny"})
