"""Public manifests, read in place: each plans as its authors published it, or is refused for its own mistake.

The folder ../shared/corpus has them; without it there is nothing to read, and these tests are skipped.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerKey, SshAccess, StemcellCid
from director import errors
from director.errors import InputError
from director.model.documents import Source
from director.model.environments.desired import Desired, StemcellOffer
from director.model.environments.environment import StemcellThere
from director.model.environments.observed import Observed
from director.model.environments.state import DeploymentState
from director.model.ids import EnvironmentName, RunId
from director.model.tasks.plan import Plan
from director.plan import front
from director.plan.request import PlanRequest
from director.resolve.front import ResolveRequest, resolve_desired
from director.text.front import Reading, read_cloud_config, read_documents
from director.text.variables.bind import KnownNames
from tests.support import corpus
from tests.support.corpus import PublicManifest

pytestmark = pytest.mark.skipif(not corpus.CORPUS.is_dir(), reason="the folder ../shared/corpus is absent")

MANIFESTS = {manifest.name: manifest for manifest in corpus.read_manifests()}
REFUSED = {
    "cloudfoundry+app-autoscaler-release/templates/app-autoscaler.yml": {"link-deployment-missing"},  # cf
    "alphagov+paas-bootstrap/manifests/concourse-manifest/concourse-base.yml": {"bad-static-ip"},  # wants spruce
    "cloud-gov+deploy-prometheus/bosh/manifest-single.yml": {"unknown-link"},  # its release has no such link any more
    "cloudfoundry+bosh-bootloader/storage/fixtures/upped/bosh-deployment/bosh.yml": {"create-env-manifest"},
    "cloudfoundry+bosh-bootloader/storage/fixtures/upped/jumpbox-deployment/jumpbox.yml": {"create-env-manifest"},
    "cloudfoundry+loggregator-agent-release/manifests/loggregator-agent.yml": {
        "link-deployment-missing"
    },  # loggregator
    "concourse+concourse-bosh-deployment/lite/concourse.yml": {"create-env-manifest"},
}
"""What is wrong with the document itself, or with an environment that has no other deployment."""


def test_there_are_manifests_and_each_exception_is_one_of_them() -> None:
    assert len(MANIFESTS) > 40
    assert not REFUSED.keys() - MANIFESTS.keys()


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_public_manifest_plans_or_is_refused_for_its_own_mistake(name: str) -> None:
    assert _refusals(MANIFESTS[name]) == REFUSED.get(name, set())


CLOUD_CONFIGS = {reading.source.name: reading for reading in corpus.cloud_config_readings()}


@pytest.mark.parametrize("name", CLOUD_CONFIGS)
def test_a_public_cloud_config_is_read_and_its_mistakes_are_remarks(name: str) -> None:
    document = read_cloud_config(CLOUD_CONFIGS[name])
    assert document.document.vm_types
    is_misindented = name.startswith("cloud-configs/azure/bbl")  # its VM types have properties beside their names
    assert [remark.code for remark in document.remarks] == (["key-ignored"] * 2 if is_misindented else [])


def _refusals(manifest: PublicManifest) -> set[str]:
    try:
        plan = _plan(_resolve(manifest))
        wanted = sum(int(group["instances"]) for group in manifest.filled()["instance_groups"] if _is_running(group))
        assert sum(action.work.kind == "finish_instance" for action in plan.actions) == wanted
    except InputError as error:
        return {problem.code for problem in errors.each_problem(error)}
    return set()


def _is_running(group: Mapping[str, Any]) -> bool:
    return group.get("lifecycle") != "errand"


def _plan(desired: Desired) -> Plan:
    there = tuple(
        StemcellThere(
            cid=StemcellCid("stemcell"),
            owner=OwnerKey(environment="corpus", deployment=ENVIRONMENT_ITSELF, action="stemcell"),
            os=group.stemcell.os,
            version=group.stemcell.version,
            architecture=group.stemcell.architecture,
        )
        for group in desired.groups
    )
    state = DeploymentState(environment=desired.environment, deployment=desired.deployment)
    request = PlanRequest(run=RunId("r1"), ssh=SshAccess(user="vcap", public_key="key"), stemcells=there)
    return front.make_plan(desired, Observed(state=state, seen_at=0.0), request)


def _resolve(manifest: PublicManifest) -> Desired:
    known = KnownNames(values=manifest.values())
    source = Source(name=manifest.name, content=manifest.path.read_bytes())
    config = Source(name="cloud-config.yml", content=corpus.cloud_config_for(manifest).encode())
    documents = read_documents(Reading(source=source, known=known), Reading(source=config))
    return resolve_desired(
        ResolveRequest(
            environment=EnvironmentName("corpus"),
            manifest=documents.manifest,
            cloud_config=documents.cloud_config,
            releases=corpus.stub_releases(manifest),
            stemcells=tuple(
                StemcellOffer(
                    os=str(each.get("os") or each["name"]), version=str(each["version"]), architecture="x86_64"
                )
                for each in manifest.filled().get("stemcells", ())
            ),
        )
    )
