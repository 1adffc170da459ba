"""The environment's tags in everything that a real OpenStack (Zed) was sent and took; the same is sent today."""

from pathlib import Path
from typing import Any

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config
from tests.support.openstack import story, tape

TAPE = Path(__file__).parent / "openstack-tags.jsonl.gz"
TAGS = {"cost_center": "4711", "owner": "platform team", "city": "Köln"}
TEXTS = ["cost_center=4711", "owner=platform team", "city=Köln"]


def test_the_plugin_sends_them_as_it_did() -> None:
    with tape.playing(tape.load(TAPE)) as player:
        story.report(connect_cloud(_settings(player.here), story.ENVIRONMENT, tags=TAGS))
        assert player.exchanges == []


def test_all_that_was_made_there_has_them() -> None:
    made = [one for one in tape.load(TAPE) if _is_making(one)]
    with_metadata = [_body(one)["metadata"] for one in made if "/8774/" in one["asked"] or "/8776/" in one["asked"]]
    assert [reported for reported in with_metadata if not reported.items() >= TAGS.items()] == []
    images = [_body(one)["tags"] for one in made if "/9292/" in one["asked"]]
    networks = {_id(one) for one in made if "/9696/" in one["asked"]}
    tagged = {
        one["asked"].split("/")[-2]: one["body"]["tags"] for one in tape.load(TAPE) if one["asked"].endswith("/tags")
    }
    assert (len(with_metadata), images, tagged) == (2, [TEXTS], dict.fromkeys(networks, TEXTS))
    assert len(networks) == 7


def _is_making(one: dict[str, Any]) -> bool:
    is_created = one["asked"].startswith("POST") and one["status"] in (200, 201, 202)
    return is_created and not one["asked"].endswith(("/auth/tokens", "/action", "/security-group-rules"))


def _body(one: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = one["body"]
    return (
        next((each for each in body.values() if isinstance(each, dict)), body) if "/9292/" not in one["asked"] else body
    )


def _id(one: dict[str, Any]) -> str:
    return str(next(iter(one["answer"].values()))["id"])


def _settings(here: str) -> config.OpenStackConfig:
    written = {"auth_url": f"{here}/5000/v3", "username": "ostest", "api_key": "geheim", "project": "ostest"}
    return config.read_config({**written, "region": "RegionOne", "image": "bookworm-tiny"})
