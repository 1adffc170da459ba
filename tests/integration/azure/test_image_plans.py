"""A template with an image on Azure: created with the landing zone, deleted by `down`; not of a VM that runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cpi.contract.errors import ExplainedError
from director import errors
from director.app.landing import landing_zones
from director.app.sessions.session import Session
from director.app.use_cases import down, template_plan
from director.app.use_cases.down import DownRequest
from director.app.use_cases.template_plan import PlannedTemplate
from tests.support import planted_files
from tests.support.arm_resources import Tree, request_of, template, with_image
from tests.support.azure import compute
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.store import SUBSCRIPTION, Held
from tests.support.azure.tls import Certificates
from tests.support.callers import calling

_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/library"
_OTHERS = f"{_GROUP}/providers"
_DISK = f"{_OTHERS}/{compute.DISK}/golden"
_VM = f"{_OTHERS}/{compute.VM}/model"


@pytest.fixture
def azure(tmp_path: Path, certificates: Certificates) -> Iterator[StandIn]:
    with azure_stand_in(tmp_path, certificates=certificates) as opened:
        planted_files.healthy("azure", opened.settings()).write(tmp_path)
        _hold(opened, _GROUP, "Microsoft.Resources/resourceGroups", {"provisioningState": "Succeeded"})
        yield opened


def _hold(azure: StandIn, id_: str, type_: str, properties: Tree) -> None:
    body = {"id": id_, "name": id_.rpartition("/")[2], "type": type_, "location": "westeurope", "tags": {}}
    azure.place.store.put(Held(id=id_, body={**body, "properties": properties}))


def _plan(session: Session, tree: Tree) -> PlannedTemplate:
    return template_plan.plan_template(session, request_of(tree), caller=calling("plan"))


def _images(azure: StandIn) -> list[Tree]:
    return [one.body["properties"] for one in azure.place.store.of_type("Microsoft.Compute/images")]


def test_an_image_is_created_with_the_landing_zone_and_goes_with_it(azure: StandIn, tmp_path: Path) -> None:
    _hold(azure, _DISK, compute.DISK, {"diskSizeGB": 30, "diskState": "Unattached", "provisioningState": "Succeeded"})
    tree = template(with_image({"managedDisk": {"id": _DISK}}, hyperVGeneration="V2"))
    with planted_files.opened(tmp_path) as session:
        planned = _plan(session, tree)
        landed = landing_zones.create_environment(planned.template.session, caller=calling("up"))
        assert landing_zones.environment_plan(planned.template.session, landed).is_empty
        (image,) = _images(azure)
        assert image["hyperVGeneration"] == "V2"
        assert image["storageProfile"]["osDisk"]["managedDisk"] == {"id": _DISK}
        assert down.take_down(session, DownRequest(caller=calling("down")), lambda _: None).left == ()
    assert _images(azure) == []
    assert azure.place.store.find(_DISK) is not None


def test_a_vm_that_is_not_generalized_is_told_at_its_place(azure: StandIn, tmp_path: Path) -> None:
    _hold(azure, _VM, compute.VM, {"hardwareProfile": {"vmSize": "Standard_B1s"}, "storageProfile": {}, "vmId": "v"})
    with planted_files.opened(tmp_path) as session, pytest.raises(ExplainedError) as caught:
        _plan(session, template(with_image({"sourceVirtualMachine": {"id": _VM}})))
    (found,) = errors.each_problem(caught.value)
    assert (found.code, found.why) == ("image-source-unfit", "The VM is not generalized.")
    assert found.where.startswith("t.json:")
