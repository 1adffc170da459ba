"""What a landing zone opens where the environment's file says nothing."""

import pytest
import yaml

from cpi.clouds.aws.wire.config import AwsConfig
from cpi.clouds.azure.wire.config import AzureConfig
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import CloudError
from cpi.kit import properties
from cpi.kit.public_access import PUBLIC_PORTS, PublicSources
from tests.support.command import ROOT


class _Settings(properties.PropertiesModel):
    public_sources: PublicSources


@pytest.mark.parametrize("config", [AwsConfig, AzureConfig, OpenStackConfig])
def test_every_cloud_opens_the_same_ports_to_the_same_sources(config: type[properties.PropertiesModel]) -> None:
    fields = config.model_fields
    assert (fields["public_ports"].default, fields["public_sources"].default) == (PUBLIC_PORTS, ("0.0.0.0/0",))


def test_what_the_platform_reports_to_its_user_is_open() -> None:
    index = yaml.safe_load((ROOT / "manifests/platform/index.yml").read_text())
    reported = {int(entry["port"]) for entry in index["report"].values()}
    assert {22, *reported} <= set(PUBLIC_PORTS)


def test_a_source_is_a_range() -> None:
    read = {"public_sources": "203.0.113.7"}
    assert properties.read_settings(_Settings, read, cloud="AWS").public_sources == ("203.0.113.7/32",)
    with pytest.raises(CloudError, match="settings are not valid"):
        properties.read_settings(_Settings, {"public_sources": ["everywhere"]}, cloud="AWS")
