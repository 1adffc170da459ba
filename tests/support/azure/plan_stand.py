"""An environment in a stand-in's subscription, and the plan that is about to be carried out there.

Takes a stand-in, gives what preflight finds.
"""

from dataclasses import dataclass, replace

from cpi.contract.cloud import ConnectSettings
from cpi.contract.values import Finding, JsonValue, VmRequest
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT
from tests.support.azure.catalogue import Region
from tests.support.azure.stand_in import StandIn
from tests.support.azure.store import SUBSCRIPTION, Held
from tests.support.kit.plan_stands import PlanStand

_READS = {"GET", "HEAD"}
_QUESTIONS = ("/checkNameAvailability",)
"""What is asked by POST and changes nothing."""
ROOT = f"/subscriptions/{SUBSCRIPTION}"
GROUP = f"{ROOT}/resourceGroups/compleat-{ENVIRONMENT}"


@dataclass(slots=True, kw_only=True)
class Stand(PlanStand):
    """An environment, its subscription, and the plan that is about to be carried out."""

    azure: StandIn

    @property
    def region(self) -> Region:
        """What Azure offers and allows."""
        return self.azure.place.region

    def group(self) -> Held:
        """The environment's resource group."""
        return self.azure.place.store.need(GROUP)

    def add_vm(self, last: int, **cloud_properties: JsonValue) -> VmRequest:
        """Another VM in the plan."""
        vm = replace(self.subject.vm_request(f"v{last}", last=last), cloud_properties=cloud_properties)
        self.request = replace(self.request, vms=(*self.request.vms, vm))
        return vm

    def azure_location(self) -> str:
        """Where everything is."""
        return str(self.azure.settings()["location"])

    def sign_in(self, **changes: str) -> None:
        """The environment's credentials, written otherwise."""
        self.settings["credentials"] = {**self.azure.settings()["credentials"], **changes}

    def findings(self) -> tuple[Finding, ...]:
        """What preflight says; it changes nothing."""
        connected = find_plugin("azure").connect(
            ConnectSettings(
                environment=ENVIRONMENT,
                state_dir=str(self.folder),
                properties=self.azure.settings(**self.settings),
            )
        )
        before = len(self.azure.log.calls())
        assert connected.preflight is not None
        found = connected.preflight.preflight(self.request)
        assert writes(self.azure, since=before) == []
        return found


def writes(azure: StandIn, *, since: int = 0) -> list[str]:
    """The calls that asked for a change."""
    calls = [call for call in azure.log.calls()[since:] if call.request.method not in _READS]
    return [call.words for call in calls if not call.request.path.endswith(_QUESTIONS)]
