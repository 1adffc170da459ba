"""An outcome fills in what the plan left open; it never changes what it said. Pure.

Takes an action and its outcome, gives nothing or raises.
"""

from collections.abc import Mapping

from cpi.values import JsonValue, NetworkSettings
from director.errors import Bug
from director.model import work as works
from director.model.entries import Outcome
from director.model.plan import Action


def check_outcome(action: Action, outcome: Outcome) -> None:
    """Raises Bug, code `outcome-differs`, when the cloud gave another thing than was planned."""
    match action.work:
        case works.CreateVm(request=request):
            told = addresses_told(outcome)
            for network in request.networks:
                _check_network(action, network, told)
        case works.CreateLandingResource(resource=resource):
            _check_same(action, "name", planned=resource.name, told=outcome.facts.get("name"))
            _check_same(action, "kind", planned=resource.kind, told=outcome.facts.get("kind"))
        case works.ResizeDisk(size_mib=size_mib):
            _check_same(action, "size_mib", planned=size_mib, told=outcome.facts.get("size_mib"))
        case _:
            return


def addresses_told(outcome: Outcome) -> Mapping[str, Mapping[str, JsonValue]]:
    """The networks of a created VM by name, as the outcome's facts have them."""
    networks = outcome.facts.get("networks")
    found = networks if isinstance(networks, list | tuple) else ()
    return {str(network["name"]): network for network in found if isinstance(network, Mapping)}


def _check_network(action: Action, planned: NetworkSettings, told: Mapping[str, Mapping[str, JsonValue]]) -> None:
    if planned.name not in told:
        raise _differs(action, f"network {planned.name}", planned="there", told="missing")
    ip = told[planned.name].get("ip")
    if planned.ip:
        _check_same(action, f"address on {planned.name}", planned=planned.ip, told=ip)
    elif not ip:
        raise _differs(action, f"address on {planned.name}", planned="some address", told="none")


def _check_same(action: Action, what: str, *, planned: JsonValue, told: JsonValue) -> None:
    if planned != told:
        raise _differs(action, what, planned=planned, told=told)


def _differs(action: Action, what: str, *, planned: object, told: object) -> Bug:
    return Bug(
        "outcome-differs",
        f"{action.subject}: the cloud gave another {what} than planned.",
        why=f"Planned was {planned}, the cloud says {told}.",
        fix="Report it with the cloud's name; run the command again to put it right.",
    )
