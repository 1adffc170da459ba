"""Links between deployments: shared by the provider's last deploy, consumed by name and deployment."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
import yaml

from director.errors import InputError
from director.model.environments.desired import Desired, Link, LinkedInstance
from director.model.environments.shared_links import ConsumedLink
from director.model.environments.state import DeploymentState, InstanceRecord
from director.model.ids import DeploymentName, EnvironmentName, GroupName, InstanceId
from director.model.secret_ref import SecretRef
from director.resolve.front import resolve_desired
from tests.unit.director.resolve.case_files import CASES
from tests.unit.director.resolve.test_written_keys import request_of


def _manifest() -> Any:
    return yaml.safe_load((CASES / "base" / "manifest.yml").read_text())


def _resolve(manifest: Any, others: Mapping[str, DeploymentState] = MappingProxyType({})) -> Desired:
    config = yaml.safe_load((CASES / "base" / "cloud-config.yml").read_text())
    return resolve_desired(replace(request_of(manifest, config), others=others))


def _sharing(said: object) -> Desired:
    manifest = _manifest()
    database = next(group for group in manifest["instance_groups"] if group["name"] == "db")
    database["jobs"][0] = {**database["jobs"][0], "provides": {"db": said}}
    return _resolve(manifest)


def _provider(said: object) -> DeploymentState:
    return DeploymentState(
        environment=EnvironmentName("place"),
        deployment=DeploymentName("data"),
        links=_sharing(said).links,
        instances=(
            _instance("b", "db", 1, "10.0.0.8"),
            _instance("a", "db", 0, "10.0.0.7"),
            _instance("c", "web", 0, "10.0.0.9"),
        ),
    )


def _instance(instance: str, group: str, index: int, ip: str) -> InstanceRecord:
    return InstanceRecord(
        id=InstanceId(instance), group=GroupName(group), index=index, az="z1", addresses={"default": ip}
    )


def _consume(said: dict[str, Any], state: DeploymentState) -> Desired:
    manifest = _manifest()
    web = next(group for group in manifest["instance_groups"] if group["name"] == "web")
    web["jobs"][0] = {**web["jobs"][0], "consumes": {"store": said}}
    return _resolve(manifest, {"data": state})


def _store(desired: Desired) -> Link:
    group = desired.group("web")
    assert group
    return next(link for link in group.jobs[0].links if link.name == "store")


def test_a_job_shares_a_link_only_if_the_manifest_says_so() -> None:
    assert _sharing({}).links.shared == ()
    (link,) = _sharing({"as": "main", "shared": True}).links.shared
    assert (link.alias, link.type, link.group, link.job, link.default_network) == ("main", "sql", "db", "db", "default")
    assert link.properties == {"port": 5432, "password": SecretRef(name="/place/store/db_password")}


def test_a_link_of_another_deployment_has_its_properties_and_instances() -> None:
    desired = _consume({"from": "main", "deployment": "data"}, _provider({"as": "main", "shared": True}))
    link = _store(desired)
    assert link.properties == {"port": 5432, "password": SecretRef(name="/place/store/db_password")}
    assert link.source.instances == (
        LinkedInstance(address="10.0.0.7", name="db", id="a", index=0, az="z1", is_bootstrap=False),
        LinkedInstance(address="10.0.0.8", name="db", id="b", index=1, az="z1", is_bootstrap=False),
    )
    assert desired.links.consumed == (ConsumedLink(deployment=DeploymentName("data"), alias="main"),)


@pytest.mark.parametrize(
    ("said", "code", "word"),
    [
        ({"from": "main", "deployment": "dta"}, "link-deployment-missing", "Did you mean 'data'?"),
        ({"from": "mian", "deployment": "data"}, "unknown-link", "Did you mean 'main'?"),
        ({"from": "site", "deployment": "data"}, "unknown-link", "shared: true"),
        ({"from": "main", "deployment": "data", "network": "public"}, "link-network-missing", "Name one"),
    ],
)
def test_a_link_that_cannot_be_had_names_what_can(said: dict[str, Any], code: str, word: str) -> None:
    with pytest.raises(InputError) as caught:
        _consume(said, _provider({"as": "main", "shared": True}))
    assert (caught.value.code, word in caught.value.fix) == (code, True)


def test_a_link_of_another_type_is_refused() -> None:
    manifest = _manifest()
    web = next(group for group in manifest["instance_groups"] if group["name"] == "web")
    own = [{"name": "other", "type": "t"}]
    web["jobs"][0] = {**web["jobs"][0], "custom_provider_definitions": own, "provides": {"other": {"shared": True}}}
    state = DeploymentState(
        environment=EnvironmentName("place"),
        deployment=DeploymentName("data"),
        links=_resolve(manifest).links,
    )
    with pytest.raises(InputError) as caught:
        _consume({"from": "other", "deployment": "data"}, state)
    assert caught.value.code == "link-type-differs"
