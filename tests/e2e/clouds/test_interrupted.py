"""`up` killed in the middle, with real machines: the same command continues, without duplicates or leftovers.

Every call boundary is swept in tests/chaos, in virtual time; here the process really dies.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.clouds.aws.wire import config
from cpi.clouds.aws.wire.api import Api
from cpi.contract.values import JsonValue
from tests.e2e.clouds import on_aws, on_azure
from tests.e2e.clouds import place as places
from tests.e2e.clouds.place import Place
from tests.support import disk_images, killed_commands
from tests.support.bodies import ground
from tests.support.command import ROOT, Compleat

UP = ("up", "-n", "--bundle", str(ROOT / "tests/cases/updates/bundle"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies"),
]


@pytest.mark.parametrize(
    ("opened", "call"),
    [
        (on_aws.opened, "CreateSubnet"),
        (on_aws.opened, "RunInstances"),
        (on_aws.opened, "AssociateAddress"),
        (on_azure.opened, "PUT networkInterfaces"),
        (on_azure.opened, "PUT virtualMachines"),
    ],
)
def test_up_killed_after_a_call_goes_on(
    opened: Callable[[], AbstractContextManager[Place]], call: str, new_compleat: Callable[[], Compleat]
) -> None:
    compleat = replace(new_compleat(), is_warm=True)
    with opened() as place:
        places.write_environment(compleat, place)
        before = tuple(place.held())
        try:
            killed_commands.kill_when(lambda: call in place.calls(), compleat, *UP)
            compleat.run(*UP).ended()
            assert len(place.bodies.standing()) == 1
            assert compleat.run("ssh", "jumpbox", "-c", "id -un").ended().out == "root\n"
        finally:
            compleat.run("down", "-n").ended()
        assert tuple(place.held()) == before
        assert place.bodies.standing() == {}


def test_up_killed_in_the_upload_of_its_own_image_goes_on_and_down_leaves_nothing(
    new_compleat: Callable[[], Compleat], tmp_path: Path
) -> None:
    """With a DNS name, too: what `up` prints, and `down` takes away."""
    compleat, image = replace(new_compleat(), is_warm=True), disk_images.write_raw(tmp_path)
    with on_aws.opened() as opened:
        own = {"path": str(image), "os": "own", "version": "1.2"}
        names: dict[str, JsonValue] = {
            "dns_names": {"jumpbox": "jump.example.org"},
            "hosted_zone_id": _make_zone(opened),
        }
        place = replace(opened, properties={**opened.properties, **names, "stemcell_image": own})
        places.write_environment(compleat, place)
        before = tuple(place.held())
        try:
            killed_commands.kill_when(lambda: "POST /snapshots" in opened.calls(), compleat, *UP)
            ended = compleat.run(*UP).ended()
            kinds = Counter(one.partition(" ")[0] for one in set(place.held()) - set(before))
            assert (kinds["image"], kinds["snapshot"], kinds["dns-record"]) == (1, 1, 2)
            assert "(jump.example.org, reached at " in ended.out
            assert "Stemcell image: 3 of 3 MiB sent." in ended.err
        finally:
            compleat.run("down", "-n").ended()
        assert tuple(place.held()) == before


def _make_zone(place: Place) -> str:
    api = Api(config.read_config(place.properties))
    made = api.change("route53", "CreateHostedZone", Name="example.org", CallerReference="test")
    return str(made["HostedZone"]["Id"]).rpartition("/")[2]
