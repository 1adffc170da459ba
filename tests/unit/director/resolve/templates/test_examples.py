"""Templates that ship as examples, as each cloud's plugin takes their security groups and other parts."""

from pathlib import Path

import pytest

from cpi.clouds.aws.landing.landing_zone import AwsLanding
from cpi.clouds.azure.landing.landing_zone import AzureLanding
from cpi.clouds.local.landing.landing_zone import LocalLanding
from cpi.clouds.openstack.landing.landing_zone import OpenStackLanding
from cpi.contract.values import LandingSpec
from cpi.kit import judge
from cpi.kit.judge import PartAbilities
from director.app.templates import expanding
from director.app.templates.template_request import TemplateRequest
from director.model.documents import Source
from director.resolve.templates import front
from director.resolve.templates.request import Translation, TranslationRequest
from tests.support.arm_resources import request_of
from tests.support.command import ROOT


def _translate(example: Path) -> Translation:
    source = Source(name=example.name, content=example.read_bytes())
    request = request_of({}, texts=())
    found = expanding.expand_template(
        TemplateRequest(
            template=source, surroundings=request.surroundings, read_link=request.read_link, secret_of=request.secret_of
        )
    )
    resources = expanding.resources_of(found)
    return front.translate(TranslationRequest(name=example.stem, resources=resources, azs=("z1", "z2")))


_ABILITIES = (AwsLanding.abilities, AzureLanding.abilities, LocalLanding.abilities, OpenStackLanding.abilities)


def _judge(name: str, abilities: PartAbilities) -> list[tuple[str, str]]:
    """Codes, and where the template says it."""
    translation = _translate(ROOT / f"templates/examples/{name}.json")
    spec = LandingSpec(
        networks={"default": "10.0.0.0/16"},
        public_names=translation.public_names,
        security_groups=translation.parts.security_groups,
        load_balancers=translation.parts.load_balancers,
    )
    found = (one for one in judge.landing_parts_of(spec, abilities) if one.finding.is_fatal)
    return [(one.finding.code, translation.part_places[one.path].where) for one in found]


@pytest.mark.parametrize("name", ["load-balancer", "network", "small-vm", "web-and-database"])
@pytest.mark.parametrize("abilities", _ABILITIES, ids=lambda one: one.cloud)
def test_every_cloud_takes_the_parts_of_the_examples(name: str, abilities: PartAbilities) -> None:
    assert _judge(name, abilities) == []


def test_a_cloud_without_load_balancers_refuses_one_at_its_place() -> None:
    without = PartAbilities(cloud="A cloud", missing={"load_balancers": "It has none."})
    assert _judge("load-balancer", without) == [("landing-part-refused", "load-balancer.json:110:5")]
