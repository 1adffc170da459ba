"""The clock on the jumpbox: the very script, by the login that the plugin gives, against the stand-in."""

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cpi.clouds.azure.roles import end_clock
from cpi.contract.cloud import ConnectSettings, EndClock
from cpi.contract.errors import CloudError
from cpi.contract.values import VmCid
from cpi.kit import tags
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.azure import compute
from tests.support.azure.faults import Act, Rule
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.store import SUBSCRIPTION, Held
from tests.support.azure.tls import Certificates
from tests.support.command import ROOT

SCRIPT = ROOT / "manifests/jumpbox/release/jobs/end-clock-azure/templates/end_clock.py"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/compleat-{ENVIRONMENT}"
LOOK_ALIKE = f"{GROUP}-2"
HOUR_S = 3600.0
FOREIGN: Mapping[str, Mapping[str, str]] = {
    "look-alike": tags.tags_of(end_clock.owner_of(f"{ENVIRONMENT}-2")),
    "unmarked": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """An environment with a jumpbox, whose clock has its login."""

    azure: StandIn
    subject: Subject
    clock: EndClock
    vm: VmCid
    settings: dict[str, Any] = field(default_factory=dict)

    def look(self) -> str:
        """Once, as the script looks."""
        script = _script()
        found: str = script.look(script.Azure(self.settings), self.settings)
        return found

    def deletions(self) -> list[str]:
        """Calls that delete anything."""
        return [call.words for call in self.azure.log.calls() if call.request.method == "DELETE"]

    def inside(self) -> list[str]:
        """Ids of the group and of all in it."""
        return [one for one in self._ids() if f"{one}/".lower().startswith(f"{GROUP}/".lower())]

    def outside(self) -> list[str]:
        """All others."""
        inside = self.inside()
        return [one for one in self._ids() if one not in inside]

    def plant(self, path: str, kind: str, marks: Mapping[str, str]) -> None:
        """A resource that the environment did not make."""
        body = {"id": path, "name": path.rpartition("/")[2], "type": kind, "location": "westeurope", "tags": {**marks}}
        self.azure.place.store.put(Held(id=path, body={**body, "properties": {"provisioningState": "Succeeded"}}))

    def _ids(self) -> list[str]:
        return [str(one["id"]) for one in self.azure.place.store.inventory()]

    def call(self, method: str, path: str) -> int:
        """The status of a call by the jumpbox's login."""
        script = _script()
        azure = script.Azure(self.settings)
        try:
            azure._call(method, azure._url(path))
        except OSError as error:
            return int(getattr(error, "code", 0))
        return 200


@pytest.fixture(name="bed")
def _bed(tmp_path: Path, certificates: Certificates) -> Iterator[Bed]:
    with azure_stand_in(tmp_path, certificates=certificates) as azure:
        azure.place.region.providers["Microsoft.ManagedIdentity"] = "Registered"
        connecting = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=azure.settings())
        subject = prepare(find_plugin("azure").connect(connecting))
        clock = subject.connected.end_clock
        assert clock is not None
        clock.require_rights()
        vm = subject.connected.cloud.create_vm(subject.vm_request("a1")).cid
        clock.set_end(time.time() + HOUR_S)
        clock.give_login(vm)
        bed = Bed(azure=azure, subject=subject, clock=clock, vm=vm, settings=dict(clock.job_properties()))
        bed.plant(LOOK_ALIKE, "Microsoft.Resources/resourceGroups", tags.tags_of(end_clock.owner_of(ENVIRONMENT)))
        yield bed


def test_the_login_can_do_nothing_but_end_the_environment_and_that_only_when_it_is_to_end(bed: Bed) -> None:
    vm = f"{GROUP}/providers/{compute.VM}/{bed.vm}"
    assert [bed.call("GET", path) for path in (GROUP, f"{GROUP}/resources", vm)] == [200, 200, 200]
    subscription = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
    assert [bed.call("GET", path) for path in (LOOK_ALIKE, subscription)] == [403] * 2
    changes = [("DELETE", vm), ("PUT", GROUP), ("PATCH", GROUP), ("PUT", f"{vm}2"), ("DELETE", LOOK_ALIKE)]
    changes.append(("POST", f"{GROUP}/providers/Microsoft.Storage/storageAccounts/any/listKeys"))
    assert [bed.call(*change) for change in changes] == [403] * len(changes)
    bed.azure.log.clear()
    bed.clock.give_login(bed.vm)
    assert bed.look().startswith("the environment ends at ")
    assert _script().check(bed.settings) == 0
    bed.clock.set_end(time.time() - 300.0)
    assert "10 minutes later" in bed.look()
    bed.clock.set_end(time.time() - 700.0)
    for name, marks in FOREIGN.items():
        path = f"{GROUP}/providers/{compute.DISK}/{name}"
        bed.plant(path, compute.DISK, marks)
        with pytest.raises(Exception, match=name):
            bed.look()
        with pytest.raises(SystemExit, match=name):
            _script().check(bed.settings)
        bed.azure.place.store.drop(path)
    group = bed.azure.place.store.need(GROUP).body
    own, group["tags"] = group["tags"], {**group["tags"], "compleat-environment": "another"}
    with pytest.raises(Exception, match="does not belong"):
        bed.look()
    group["tags"] = own
    assert bed.deletions() == []
    bed.clock.revoke()
    bed.clock.revoke()
    assert bed.call("GET", GROUP) == 403
    bed.clock.give_login(bed.vm)
    assert bed.look() == "no end is set"


def test_killed_before_and_after_its_call_the_next_start_ends_it_once_and_look_alikes_stay(
    bed: Bed, tmp_path: Path
) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(bed.settings))
    bed.clock.set_end(time.time() - 700.0)
    kept = bed.outside()
    logged = []
    for act in (Act.RESET, Act.LOST, None):
        if act is not None:
            bed.azure.faults.add(Rule(method="DELETE", path=r"/resourceGroups/[^/]+$", act=act, times=1))
        process = subprocess.Popen([sys.executable, "-I", str(SCRIPT), str(file)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        logged.append(process.stdout.readline().partition(" ")[2])
        process.kill()
        process.wait()
        process.stdout.close()
    assert [line[:10] for line in logged] == ["not known:"] * 3, logged
    assert "404" in logged[2]
    assert bed.deletions() == [f"DELETE {GROUP}"]
    assert bed.outside() == kept
    assert bed.inside() == []
    bed.clock.set_end(time.time())
    bed.clock.revoke()


def test_down_takes_the_login_away(bed: Bed) -> None:
    connected, landing = bed.subject.connected, bed.subject.landing
    bed.azure.place.region.providers["Microsoft.ManagedIdentity"] = "NotRegistered"
    bed.clock.give_login(bed.vm)
    connected.cloud.delete_vm(bed.vm)
    connected.cloud.delete_stemcell(bed.subject.stemcell)
    for found in reversed(landing.find_landing_resources(ENVIRONMENT)):
        landing.delete_landing_resource(found.cid)
    assert bed.inside() == []
    assert [one.rpartition("/")[0].rpartition("/")[2] for one in bed.outside()] == ["roleDefinitions", "resourceGroups"]


def test_it_is_refused_before_anything_is_made(tmp_path: Path, certificates: Certificates) -> None:
    def own_group(azure: StandIn) -> dict[str, Any]:
        return azure.settings(resource_group_name="kept")

    def forbidden(azure: StandIn) -> dict[str, Any]:
        azure.place.region.not_actions = ["Microsoft.Authorization/*/Write"]
        return azure.settings()

    cases: dict[str, Callable[[StandIn], dict[str, Any]]] = {
        "end-clock-unavailable": own_group,
        "end-clock-denied": forbidden,
    }
    for code, prepared in cases.items():
        with azure_stand_in(tmp_path, certificates=certificates) as azure:
            settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=prepared(azure))
            clock = find_plugin("azure").connect(settings).end_clock
            assert clock is not None
            with pytest.raises(CloudError) as raised:
                clock.require_rights()
            assert raised.value.code == code
            assert azure.place.store.inventory() == ()


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("end_clock_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
