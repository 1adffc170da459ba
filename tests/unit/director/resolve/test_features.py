"""Switches of DNS: what they choose, and when two contradict each other."""

from dataclasses import replace

import pytest

from director.errors import InputError
from director.model.environments.deployment_dns import DnsFeatures
from director.model.written.manifest import Features
from director.resolve.front import resolve_desired
from tests.unit.director.resolve.case_files import CASES, read_request


def _dns(**switches: bool) -> DnsFeatures:
    request = read_request(CASES / "whole")
    document = request.manifest.document.model_copy(update={"features": Features(**switches)})
    return resolve_desired(replace(request, manifest=replace(request.manifest, document=document))).dns


@pytest.mark.parametrize(
    ("switches", "features"),
    [
        ({}, DnsFeatures()),
        ({"use_dns_addresses": True}, DnsFeatures(is_by_name=True)),
        ({"use_short_dns_addresses": True}, DnsFeatures(is_short=True)),
        ({"use_link_dns_names": True}, DnsFeatures(is_by_name=True, is_short=True, is_by_link=True)),
    ],
)
def test_a_feature_chooses_names(switches: dict[str, bool], features: DnsFeatures) -> None:
    assert _dns(**switches) == features


def test_names_of_links_exclude_addresses_and_long_names() -> None:
    for name in ("use_dns_addresses", "use_short_dns_addresses"):
        with pytest.raises(InputError) as caught:
            _dns(use_link_dns_names=True, **{name: False})
        assert (caught.value.code, name in caught.value.what) == ("features-contradict", True)
