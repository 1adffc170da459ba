"""An environment in networks of the operator's own on AWS: nothing of a landing zone is made, and nothing is left."""

from pathlib import Path

import pytest

from tests.integration.public_configs import test_on_aws
from tests.support import public_cloud_configs
from tests.support.aws import back, shared
from tests.support.command import Compleat
from tests.support.planted_files import ENVIRONMENT

CONFIG = next((one for one in test_on_aws.CONFIGS if one.name == "aws/bosh-deployment.yml"), None)
pytestmark = pytest.mark.skipif(CONFIG is None, reason="the folder of public cloud configs is not beside the project")


def test_without_a_jumpbox_up_makes_a_stemcell_at_most_and_down_leaves_the_operators_things(tmp_path: Path) -> None:
    assert CONFIG is not None
    emulator = shared.fresh_emulator()
    test_on_aws.plant(CONFIG)
    before = {one.id for one in emulator.inventory()}, len(back.subnets()), len(back.security_groups())
    settings = emulator.settings(default_security_groups=["bosh"], bucket=False)
    manifest = public_cloud_configs.write_environment(tmp_path, CONFIG, "aws", settings)
    compleat = Compleat(home=tmp_path, environment=ENVIRONMENT)
    ahead = compleat.run("plan", str(manifest), "--json").ended()
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "index.yml").write_text("name: small\ndeployments: [{manifest: none.yml}]\n")
    (bundle / "none.yml").write_text(manifest.read_text().replace("instances: 1", "instances: 0"))
    compleat.run("up", "-n", "--bundle", str(bundle)).ended()
    made = {one.kind for one in emulator.inventory() if one.id not in before[0]}
    assert made <= {"launch-template"}
    assert "create_vm" in ahead.out
    compleat.run("down", "-n").ended()
    assert ({one.id for one in emulator.inventory()}, len(back.subnets()), len(back.security_groups())) == before
