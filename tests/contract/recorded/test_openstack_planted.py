"""Preflight against what a real OpenStack (Zed) answered while faults were planted in it: each told, none invented."""

from collections.abc import Mapping
from pathlib import Path

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.values import JsonValue
from tests.support.openstack import planted, story, tape

TAPE = Path(__file__).parent / "openstack-planted.jsonl.gz"


def test_each_planted_fault_is_told_and_none_is_invented() -> None:
    with tape.playing(tape.load(TAPE)) as player:

        def connect(more: Mapping[str, JsonValue]) -> ConnectedCloud:
            written = {"auth_url": f"{player.here}/5000/v3", "username": "ostest", "api_key": "geheim"}
            more = {"project": "ostest", "region": "RegionOne", "image": "bookworm-tiny", **more}
            return connect_cloud(config.read_config(planted.signed_in({**written, **more})), story.ENVIRONMENT)

        assert planted.report(connect, planted.Nothing()) == planted.expected()
        assert player.exchanges == []


def test_the_tape_holds_neither_token_nor_password() -> None:
    reported = "".join(map(str, tape.load(TAPE)))
    assert "openstack-test" not in reported
    assert "gAAAA" not in reported
