"""Listed addresses that strays hold: the plan deletes the stray, then takes the address."""

from dataclasses import replace

import pytest

from cpi.contract.values import NetworkKind, VmState
from director.actions.create_vm import CreateVm
from director.errors import InputError
from director.model.environments.desired import Desired, GroupNetwork, Network
from director.model.environments.observed import Observed
from director.model.tasks.plan import Plan
from director.plan import front
from tests.unit.director.plan import scenes


@pytest.mark.parametrize("network", ["default", "public"])
def test_a_listed_address_that_a_stray_holds_is_taken_when_the_stray_is_gone(network: str) -> None:
    desired, unborn, ip = _stray_with_a_listed_address(network)
    plan = _again(desired, unborn)
    (delete,), (create,) = (
        [action for action in plan.actions if action.work.kind == kind] for kind in ("delete_vm", "create_vm")
    )
    assert delete.id in create.after
    assert isinstance(create.work, CreateVm)
    assert ip in [net.ip for net in create.work.request.networks]


def test_a_listed_address_that_a_vm_of_another_deployment_holds_is_still_taken() -> None:
    desired, unborn, ip = _stray_with_a_listed_address("public")
    with pytest.raises(InputError) as caught:
        _again(desired, replace(unborn, vms=(), taken={**unborn.taken, "public": frozenset({ip})}))
    assert caught.value.code == "address-taken"


def _again(desired: Desired, observed: Observed) -> Plan:
    return front.make_plan(desired, observed, scenes.asked("again"))


def _stray_with_a_listed_address(network: str) -> tuple[Desired, Observed, str]:
    """A creation of web/0 that was cut short: nothing is recorded, and what it left holds the address."""
    ip = {"default": "10.0.0.10", "public": "203.0.113.5"}[network]
    listed = GroupNetwork(name=network, static_ips=(ip,), defaults=("dns", "gateway") if network == "default" else ())
    plain = GroupNetwork(name="default", defaults=("dns", "gateway"))
    used = (listed,) if network == "default" else (plain, listed)
    desired = scenes.deployment(replace(scenes.group("web"), networks=used))
    vip = Network(name="public", kind=NetworkKind.VIP)
    desired = replace(desired, networks=(*(each for each in desired.networks if each.name != "public"), vip))
    observed = scenes.after(front.make_plan(desired, scenes.nothing(), scenes.asked()), scenes.nothing())
    unborn = tuple(replace(vm, state=VmState.INCOMPLETE) for vm in observed.vms)
    return desired, replace(observed, vms=unborn, state=replace(observed.state, instances=()), agents={}), ip
