"""What a deploy plans, from the front door."""

from dataclasses import replace

import pytest

from cpi.contract.values import NetworkKind, VmState
from director.actions.apply import Apply
from director.actions.await_running import AwaitRunning
from director.actions.create_vm import CreateVm
from director.actions.drain import Drain
from director.errors import AgentError, InputError
from director.model.agents.agent_state import AgentState, JobState
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.desired import Desired, DiskSpec, GroupNetwork, IpRange, Link, LinkSource, VariableSpec
from director.model.environments.observed import JUMPBOX_SILENT, NoAnswer, Observed
from director.model.ids import ActionId
from director.model.secret_ref import SecretRef
from director.model.tasks.plan import Action, Plan
from director.plan import front
from director.plan.request import InstanceRequest
from tests.unit.director.plan import scenes

NO_ANSWER = NoAnswer(code="vm-port-closed", why="Connection refused.")


def _deployed(desired: Desired) -> Observed:
    return scenes.after(front.make_plan(desired, scenes.nothing(), scenes.asked()), scenes.nothing())


def _again(desired: Desired, observed: Observed) -> Plan:
    return front.make_plan(desired, observed, scenes.asked("again"))


def _reasons(plan: Plan) -> dict[str, str]:
    return {action.subject: action.reason for action in plan.actions}


def _work(plan: Plan, kind: type) -> list[Action]:
    return [action for action in plan.actions if isinstance(action.work, kind)]


def test_a_fresh_instance_is_made_configured_and_started() -> None:
    plan = front.make_plan(scenes.deployment(scenes.group("web")), scenes.nothing(), scenes.asked())
    assert scenes.reported(plan) == [
        "create_vm/web-0",
        "await_agent/web-0 <- create_vm/web-0",
        "apply/web-0 [web] enters <- await_agent/web-0",
        "start/web-0 [web] <- apply/web-0",
        "await_running/web-0 [web] <- start/web-0",
        "finish_instance/web-0 [web] leaves <- await_running/web-0",
    ]


def test_the_same_in_gives_the_same_out() -> None:
    desired = scenes.deployment(scenes.group("web", 3), scenes.group("db", 2))
    assert front.make_plan(desired, scenes.nothing(), scenes.asked()) == front.make_plan(
        desired, scenes.nothing(), scenes.asked()
    )


def test_an_unchanged_manifest_gives_an_empty_plan() -> None:
    desired = scenes.deployment(scenes.group("web", 3), scenes.group("db", 2))
    plan = _again(desired, _deployed(desired))
    assert (scenes.reported(plan), plan.records, plan.kept) == ([], (), 5)


def test_a_vm_carries_its_owner_key_and_tags_from_birth() -> None:
    desired = replace(scenes.deployment(replace(scenes.group("web"), tags={"team": "a"})), tags={"team": "b", "x": "y"})
    plan = front.make_plan(desired, scenes.nothing(), scenes.asked())
    (action,) = _work(plan, CreateVm)
    assert isinstance(action.work, CreateVm)
    request, instance = action.work.request, plan.records[0].id
    assert (request.owner.environment, request.owner.deployment, request.owner.action) == ("env", "dep", action.id)
    assert request.name == f"web-0-{instance[:8]}"
    assert dict(request.tags) == {
        "team": "a",
        "x": "y",
        "director": "compleat",
        "deployment": "dep",
        "id": instance,
        "job": "web",
        "instance_group": "web",
        "index": "0",
        "name": f"web/{instance}",
        "compleat-instance": instance,
        "compleat-cloud": ONLY_CLOUD,
    }


def test_new_instances_are_written_down_before_the_first_call() -> None:
    plan = front.make_plan(scenes.deployment(scenes.group("web", 2)), scenes.nothing(), scenes.asked())
    assert [(one.name, one.addresses, one.is_bootstrap, one.is_dirty) for one in plan.records] == [
        ("web/0", {}, True, True),
        ("web/1", {}, False, True),
    ]
    assert plan.reserved() == {"default": {"10.0.0.2", "10.0.0.3"}}


def test_every_difference_is_a_reason() -> None:
    desired = scenes.deployment(scenes.group("web"))
    changed = replace(
        scenes.group("web"),
        jobs=(scenes.job("web", properties={"port": 1}), scenes.job("agent")),
        packages=("key-a",),
        cloud_properties={"size": "big"},
        env={"x": 1},
        disk=DiskSpec(size_mib=5),
    )
    plan = _again(scenes.deployment(changed, packages=[scenes.need("a")]), _deployed(desired))
    assert _reasons(plan)["web/0"] == (
        "VM's 'size' changed; env 'x' changed; persistent disk added; package 'a' changed; jobs are now web, agent"
    )


def test_jobs_that_do_not_run_are_a_reason() -> None:
    desired = scenes.deployment(scenes.group("web"))
    observed = _deployed(desired)
    failing = AgentState(job_state=JobState.FAILING, spec={"x": 1})
    plan = _again(desired, replace(observed, agents=dict.fromkeys(observed.agents, failing)))
    assert _reasons(plan) == {"web/0": "its jobs are failing"}


def test_jobs_that_are_starting_by_themselves_are_let_be() -> None:
    desired = scenes.deployment(scenes.group("web"))
    observed = _deployed(desired)
    starting = AgentState(job_state=JobState.STARTING, spec={"x": 1})
    plan = _again(desired, replace(observed, agents=dict.fromkeys(observed.agents, starting)))
    assert plan.is_empty


def test_a_vm_that_is_gone_is_made_again_without_being_asked_to_stop() -> None:
    desired = scenes.deployment(replace(scenes.group("db"), disk=DiskSpec(size_mib=5)))
    observed = replace(_deployed(desired), vms=())
    plan = _again(desired, observed)
    assert (_reasons(plan), scenes.kinds(plan, "db/0")[:4]) == (
        {"db/0": "its VM is missing"},
        ["create_vm", "await_agent", "attach_disk", "mount_disk"],
    )


def test_a_vm_that_is_switched_off_is_deleted_and_made_again() -> None:
    desired = scenes.deployment(scenes.group("web"))
    observed = _deployed(desired)
    off = replace(observed, vms=tuple(replace(vm, state=VmState.STOPPED) for vm in observed.vms))
    plan = _again(desired, off)
    assert _reasons(plan) == {"web/0": "its agent is silent (vm-stopped)"}
    assert scenes.kinds(plan, "web/0")[:3] == ["delete_vm", "create_vm", "await_agent"]


def test_a_silent_agent_stops_a_deploy_unless_asked_to_fix() -> None:
    desired = scenes.deployment(scenes.group("web", 2))
    observed = _deployed(desired)
    silent = replace(observed, agents=dict.fromkeys(observed.agents, NO_ANSWER))
    with pytest.raises(AgentError) as caught:
        _again(desired, silent)
    assert (caught.value.code, caught.value.what) == ("agent-silent", "No answer from the agent of web/0, web/1.")
    fixed = front.make_plan(desired, silent, replace(scenes.asked("fix"), is_fix=True))
    assert scenes.kinds(fixed, "web/1")[:3] == ["delete_vm", "create_vm", "await_agent"]


@pytest.mark.parametrize("state", [VmState.RUNNING, VmState.STOPPED])
def test_a_silent_jumpbox_stops_a_deploy_also_when_asked_to_fix_and_no_vm_behind_it_is_judged(state: VmState) -> None:
    desired = scenes.deployment(scenes.group("web", 2))
    observed = _deployed(desired)
    hidden = replace(
        observed,
        agents=dict.fromkeys(observed.agents, NoAnswer(code=JUMPBOX_SILENT, why="vm-port-closed: Connection refused.")),
        vms=tuple(replace(vm, state=state) for vm in observed.vms),
    )
    for is_fix in (False, True):
        with pytest.raises(AgentError) as caught:
            front.make_plan(desired, hidden, replace(scenes.asked("fix"), is_fix=is_fix))
        assert (caught.value.code, caught.value.what) == ("jumpbox-silent", "The jumpbox does not answer.")
        assert caught.value.why == (
            "vm-port-closed: Connection refused. web/0, web/1 are reached through it; their state is unknown."
        )


def test_a_vm_that_was_never_finished_may_still_boot() -> None:
    desired = scenes.deployment(scenes.group("web"))
    first = front.make_plan(desired, scenes.nothing(), scenes.asked())
    half = scenes.after(first, scenes.nothing(), until="await_agent")
    booting = replace(half, agents={half.state.instances[0].id: NO_ANSWER})
    assert scenes.kinds(_again(desired, booting), "web/0")[:2] == ["await_agent", "apply"]


def test_a_stray_vm_is_deleted_before_its_address_is_used_again() -> None:
    desired = scenes.deployment(scenes.group("web"))
    observed = _deployed(desired)
    lost = replace(observed, state=replace(observed.state, instances=()), agents={})
    plan = _again(desired, lost)
    assert [action.work.kind for action in plan.actions][:2] == ["delete_vm", "create_vm"]
    assert plan.reserved() == {"default": {"10.0.0.3"}}
    ended = scenes.after(plan, lost)
    assert len(ended.vms) == 1


def test_what_a_vm_that_never_came_left_behind_is_deleted_first() -> None:
    desired = scenes.deployment(scenes.group("web"))
    observed = _deployed(desired)
    (vm,) = observed.vms
    unborn = replace(observed, vms=(replace(vm, state=VmState.INCOMPLETE),))
    without_record = replace(unborn, state=replace(observed.state, instances=()), agents={})
    plan = _again(desired, without_record)
    first = plan.actions[0]
    assert (first.work.kind, first.reason) == ("delete_vm", "its creation never completed")
    assert len(scenes.after(plan, without_record).vms) == 1
    assert scenes.kinds(_again(desired, unborn), "web/0")[:2] == ["delete_vm", "create_vm"]


def test_compile_vms_left_over_are_deleted_and_their_names_not_used() -> None:
    desired = scenes.deployment(replace(scenes.group("web"), packages=("key-a",)), packages=[scenes.need("a")])
    first = front.make_plan(desired, scenes.nothing(), scenes.asked())
    half = scenes.after(first, scenes.nothing(), until="compile_package")
    plan = _again(desired, half)
    assert scenes.kinds(plan, "compiler-1") == ["delete_vm"]
    assert scenes.kinds(plan, "compiler-2") == ["create_vm", "await_agent", "delete_vm"]


def test_a_lost_disk_is_told_and_nothing_is_planned() -> None:
    desired = scenes.deployment(replace(scenes.group("db"), disk=DiskSpec(size_mib=5)))
    with pytest.raises(InputError) as caught:
        _again(desired, replace(_deployed(desired), disks=()))
    assert caught.value.code == "disk-missing"


def test_an_unknown_stemcell_is_told_with_those_there_are() -> None:
    desired = scenes.deployment(scenes.group("web"))
    with pytest.raises(InputError) as caught:
        front.make_plan(desired, scenes.nothing(), replace(scenes.asked(), stemcells=()))
    assert (caught.value.code, caught.value.why) == ("stemcell-missing", "It has: none.")


def test_a_secret_made_anew_is_a_change_of_those_who_use_it() -> None:
    web = replace(scenes.group("web"), jobs=(scenes.job("web", properties={"pw": SecretRef(name="/env/dep/pw")}),))
    desired = replace(
        scenes.deployment(web, scenes.group("db")), variables=(VariableSpec(name="/env/dep/pw", type="password"),)
    )
    observed = _deployed(desired)
    assert _again(desired, observed).is_empty
    plan = _again(desired, replace(observed, secret_versions={"/env/dep/pw": 2}))
    assert _reasons(plan) == {"web/0": "configuration of web changed"}


def test_links_carry_the_addresses_of_the_plan_and_change_with_them() -> None:
    link = Link(name="db", type="db", source=LinkSource(group="db", job="db", alias="db"), properties={"port": 5432})
    web = replace(scenes.group("web"), jobs=(replace(scenes.job("web"), links=(link,)),))
    desired = scenes.deployment(scenes.group("db", 1), web)
    plan = front.make_plan(desired, scenes.nothing(), scenes.asked())
    applies = {action.subject: action.work for action in _work(plan, Apply)}
    spec = applies["web/0"]
    assert isinstance(spec, Apply)
    instance = {
        "name": "db",
        "id": plan.records[0].id,
        "index": 0,
        "az": "",
        "address": "10.0.0.2",
        "bootstrap": True,
    }
    assert spec.spec.links == {
        "web": {
            "db": {
                "instances": [instance],
                "properties": {"port": 5432},
                "instance_group": "db",
                "default_network": "default",
                "deployment_name": "dep",
                "domain": "bosh",
                "group_name": "db-db",
                "use_short_dns_addresses": False,
                "use_link_dns_names": False,
            }
        }
    }
    more = replace(desired, groups=(scenes.group("db", 2), web))
    assert _reasons(_again(more, _deployed(desired)))["web/0"] == "configuration of web changed"


def test_what_a_template_sees_of_its_instance() -> None:
    group = replace(scenes.group("web"), azs=("z1",), disk=DiskSpec(size_mib=64))
    plan = front.make_plan(scenes.deployment(group), scenes.nothing(), scenes.asked())
    (action,) = _work(plan, Apply)
    assert isinstance(action.work, Apply)
    assert action.work.spec.spec == {
        "deployment": "dep",
        "name": "web",
        "index": 0,
        "bootstrap": True,
        "id": plan.records[0].id,
        "az": "z1",
        "address": "10.0.0.2",
        "ip": "10.0.0.2",
        "networks": {
            "default": {
                "type": "manual",
                "ip": "10.0.0.2",
                "netmask": "255.255.255.0",
                "gateway": "10.0.0.1",
                "dns": ["10.0.0.2"],
                "default": ["dns", "gateway"],
                "cloud_properties": {},
                "dns_record_name": "0.web.default.dep.bosh",
            }
        },
        "persistent_disk": 64,
        "dns_domain_name": "bosh",
        "job": {"name": "web", "templates": [{"name": "web", "version": "fp-web"}]},
    }


def test_a_dynamic_address_is_no_change_once_it_is_known() -> None:
    networks = [scenes.network("default", kind=NetworkKind.DYNAMIC), scenes.network("manual")]
    desired = replace(
        scenes.deployment(scenes.group("web"), networks=networks),
        compilation=replace(scenes.deployment().compilation, network="manual"),
    )
    assert _again(desired, _deployed(desired)).is_empty


def test_a_static_address_handed_on_waits_for_the_one_who_leaves() -> None:
    static = scenes.subnet("10.0.0.0/24", static=(IpRange(first="10.0.0.9", last="10.0.0.9"),))
    networks = [scenes.network("default", static)]
    fixed = GroupNetwork(name="default", static_ips=("10.0.0.9",), defaults=("dns", "gateway"))
    group = replace(scenes.group("web"), networks=(fixed,), azs=("z1",))
    desired = scenes.deployment(group, networks=networks)
    moved = replace(desired, groups=(replace(group, azs=("z2",)),))
    plan = _again(moved, _deployed(desired))
    create = next(action for action in plan.actions if action.work.kind == "create_vm")
    assert (create.subject, create.after) == ("web/1", (ActionId("again/delete_vm/web-0"),))


def test_a_vip_stays_with_its_instance_and_others_take_what_is_left() -> None:
    networks = [scenes.network(), scenes.network("public", kind=NetworkKind.VIP)]

    def wanted(*vips: str) -> Desired:
        both = (*scenes.GROUP.networks, GroupNetwork(name="public", static_ips=vips))
        return scenes.deployment(replace(scenes.group("web", len(vips)), networks=both), networks=networks)

    observed = _deployed(wanted("203.0.113.5"))
    plan = _again(wanted("203.0.113.4", "203.0.113.5"), observed)
    assert plan.reserved() == {"default": {"10.0.0.3"}, "public": {"203.0.113.4"}}
    assert {action.subject for action in plan.actions} == {"web/1", "DNS records"}


def test_the_narrower_wish_wins() -> None:
    desired = scenes.deployment(scenes.group("web", 2))
    request = scenes.asked("w", {"web": InstanceRequest.RESTART, "web/1": InstanceRequest.STOPPED})
    plan = front.make_plan(desired, _deployed(desired), request)
    assert _reasons(plan) == {"web/0": "restart asked", "web/1": "to be stopped"}


def test_skipped_drain_leaves_out_pre_stop_too() -> None:
    desired = scenes.deployment(scenes.group("web"))
    request = replace(scenes.asked("r", {"web": InstanceRequest.RESTART}), skip_drain=frozenset({"*"}))
    plan = front.make_plan(desired, _deployed(desired), request)
    assert scenes.kinds(plan, "web/0")[:3] == ["stop", "run_script", "apply"]


@pytest.mark.parametrize(
    ("instance_request", "disk_mib", "type_"),
    [
        (InstanceRequest.RESTART, 5, "update"),
        (InstanceRequest.STOPPED, 5, "shutdown"),
        (InstanceRequest.RECREATE, 5, "shutdown"),
        (None, 9, "shutdown"),
    ],
)
def test_a_drain_says_whether_the_jobs_come_back_as_they_are(
    instance_request: InstanceRequest | None, disk_mib: int, type_: str
) -> None:
    desired = scenes.deployment(replace(scenes.group("db"), disk=DiskSpec(size_mib=5)))
    changed = scenes.deployment(replace(scenes.group("db"), disk=DiskSpec(size_mib=disk_mib)))
    request = scenes.asked("r", {"db": instance_request} if instance_request else {})
    (action,) = _work(front.make_plan(changed, _deployed(desired), request), Drain)
    assert isinstance(action.work, Drain)
    assert action.work.type == type_


def test_the_watch_time_of_canaries_is_their_own() -> None:
    desired = scenes.deployment(scenes.group("web", 2))
    plan = front.make_plan(desired, scenes.nothing(), scenes.asked())
    watches = [action.work.watch.min_ms for action in plan.actions if isinstance(action.work, AwaitRunning)]
    assert watches == [1000, 500]


@pytest.mark.parametrize(("instance_request", "count"), [(InstanceRequest.STOPPED, 0), (InstanceRequest.RESTART, 2)])
def test_post_deploy_runs_after_every_change_but_a_stop_that_was_asked_for(
    instance_request: InstanceRequest, count: int
) -> None:
    needy = replace(scenes.group("web"), jobs=(scenes.job("web", scripts=["post-deploy"]),))
    desired = scenes.deployment(needy, replace(scenes.group("db"), jobs=needy.jobs))
    plan = front.make_plan(desired, _deployed(desired), scenes.asked("w", {"db": instance_request}))
    assert len([line for line in scenes.reported(plan) if "post-deploy" in line]) == count
