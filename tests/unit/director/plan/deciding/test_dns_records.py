"""The records of a plan and its names, looked up as the guest does: every address of a link leads to its instances."""

from dataclasses import replace

import pytest

from director.actions.apply import Apply
from director.actions.publish_dns import PublishDns
from director.guest.dns.records import RecordSet
from director.model import dns_names
from director.model.environments import dns_documents
from director.model.environments.deployment_dns import DnsFeatures, LinkAlias, PublishedDns, StoredDns
from director.model.environments.desired import Desired, Link, LinkedInstance, LinkSource, ProvidedLink
from director.model.environments.instance_spec import InstanceSpec
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName
from director.model.tasks.plan import Plan
from director.plan import front
from director.render.properties import Links
from tests.unit.director.plan import scenes

_LONG = DnsFeatures(is_by_name=True)
_SHORT = DnsFeatures(is_by_name=True, is_short=True)
_BY_LINK = DnsFeatures(is_by_name=True, is_short=True, is_by_link=True)


def _desired(features: DnsFeatures, *, instances: int = 2) -> Desired:
    """Jobs of `web` consume what `my_db` provides."""
    alias = LinkAlias(domain="db.internal", health_filter="all")
    provided = ProvidedLink(name="db", type="sql", alias="store", aliases=(alias,))
    link = Link(name="db", type="sql", source=LinkSource(group="my_db", job="db", alias="store", dns=features))
    web = replace(scenes.group("web"), jobs=(replace(scenes.job("web"), links=(link,)),))
    store = replace(scenes.group("my_db", instances), jobs=(replace(scenes.job("db"), provides=(provided,)),))
    return replace(scenes.deployment(store, web), dns=features)


def _planned(desired: Desired) -> tuple[Plan, dict[str, InstanceSpec]]:
    plan = front.make_plan(desired, scenes.nothing(), scenes.asked())
    specs = {action.subject: action.work.spec for action in plan.actions if isinstance(action.work, Apply)}
    return plan, specs


def _served(plan: Plan) -> RecordSet:
    assert plan.dns
    document = dns_documents.records_document(PublishedDns(version=7, deployments=(plan.dns,)))
    return RecordSet(document, {})


def _found(records: RecordSet, name: str) -> list[str]:
    return sorted(row.ip for found in records.find(name) for row in found.rows)


@pytest.mark.parametrize("features", [_LONG, _SHORT, _BY_LINK])
def test_every_name_that_templates_see_leads_to_its_instance(features: DnsFeatures) -> None:
    plan, specs = _planned(_desired(features))
    records = _served(plan)
    for subject, spec in specs.items():
        assert _found(records, str(spec.spec["address"])) == [spec.spec["ip"]], subject
    links = specs["web/0"].links["web"]
    link = Links(by_name=dict(links), dns=specs["web/0"].dns).link("db")  # type: ignore[arg-type]
    assert [_found(records, str(instance.address)) for instance in link.instances] == [["10.0.0.2"], ["10.0.0.3"]]
    assert _found(records, str(link.address())) == ["10.0.0.2", "10.0.0.3"]
    assert _found(records, str(link.address(azs=["z1"]))) == []
    assert _found(records, "db.internal") == ["10.0.0.2", "10.0.0.3"]


def test_names_have_the_form_that_the_features_choose() -> None:
    _, long = _planned(_desired(_LONG))
    assert long["my_db/0"].spec["address"] == f"{long['my_db/0'].spec['id']}.my-db.default.dep.bosh"
    _, short = _planned(_desired(_BY_LINK))
    own, linked = (
        f".q-g{dns_names.group_number('dep', 'my_db')}.bosh",
        f".q-g{dns_names.link_number('dep', 'store-sql')}.bosh",
    )
    assert str(short["my_db/0"].spec["address"]).endswith(own)
    link = Links(by_name=dict(short["web/0"].links["web"]), dns=short["web/0"].dns).link("db")  # type: ignore[arg-type]
    assert [str(instance.address).endswith(linked) for instance in link.instances] == [True, True]


def test_addresses_are_ips_unless_names_are_wanted() -> None:
    _, specs = _planned(_desired(DnsFeatures()))
    assert specs["web/0"].spec["address"] == specs["web/0"].spec["ip"]
    link = Links(by_name=dict(specs["web/0"].links["web"]), dns=specs["web/0"].dns).link("db")  # type: ignore[arg-type]
    assert [instance.address for instance in link.instances] == ["10.0.0.2", "10.0.0.3"]
    assert link.address(status="healthy") == "q-s3.my-db.default.dep.bosh"


def test_a_link_of_another_deployment_names_its_instances_there() -> None:
    other = LinkSource(
        group="db",
        job="db",
        network="back",
        alias="store",
        deployment=DeploymentName("data"),
        instances=(LinkedInstance(address="10.9.0.1", name="db", id="id-1", index=0, az="z1"),),
        dns=DnsFeatures(is_by_name=True, domain="corp"),
    )
    web = replace(scenes.job("web"), links=(Link(name="db", type="sql", source=other),))
    _, specs = _planned(scenes.deployment(replace(scenes.group("web"), jobs=(web,))))
    link = Links(by_name=dict(specs["web/0"].links["web"]), dns=specs["web/0"].dns).link("db")  # type: ignore[arg-type]
    assert [instance.address for instance in link.instances] == ["id-1.db.back.data.corp"]
    assert link.address() == "q-s0.db.back.data.corp"


def _publishes(plan: Plan) -> bool:
    return any(isinstance(action.work, PublishDns) for action in plan.actions)


def _stored(plan: Plan, *, is_sent: bool = True) -> StoredDns:
    assert plan.dns
    return StoredDns(dns=plan.dns, is_sent=is_sent)


def test_a_first_deploy_sends_records_with_each_instance_and_to_no_one_else() -> None:
    plan, _ = _planned(_desired(_LONG))
    assert not _publishes(plan)
    assert plan.dns
    assert {record.ip for record in plan.dns.records} == {"10.0.0.2", "10.0.0.3", "10.0.0.4"}


def test_other_deployments_are_sent_what_is_new() -> None:
    desired = _desired(_LONG)
    plan = front.make_plan(desired, replace(scenes.nothing(), has_other_vms=True), scenes.asked())
    (publish,) = (action for action in plan.actions if isinstance(action.work, PublishDns))
    waited = {action.work.kind for action in plan.actions if action.id in publish.after}
    assert waited == {"await_agent"}


def test_an_unchanged_deployment_publishes_only_what_was_not_sent() -> None:
    desired = _desired(_LONG)
    first, _ = _planned(desired)
    observed = scenes.after(first, scenes.nothing())
    again = scenes.asked("again")
    assert front.make_plan(desired, observed, again).is_empty
    assert front.make_plan(desired, replace(observed, dns=None), again).is_empty
    interrupted = front.make_plan(desired, replace(observed, dns=_stored(first, is_sent=False)), again)
    assert [action.work.kind for action in interrupted.actions] == ["publish_dns"]


def test_a_removed_instance_leaves_the_records_of_those_that_stay() -> None:
    desired = _desired(DnsFeatures())
    first, _ = _planned(desired)
    observed = replace(scenes.after(first, scenes.nothing()), dns=_stored(first))
    plan = front.make_plan(_desired(DnsFeatures(), instances=1), observed, scenes.asked("again"))
    assert plan.dns
    assert {record.ip for record in plan.dns.records} == {"10.0.0.2", "10.0.0.4"}
    (publish,) = (action for action in plan.actions if isinstance(action.work, PublishDns))
    assert "again/delete_vm/my_db-1" in publish.after


def test_a_deleted_deployment_leaves_the_records_of_others() -> None:
    first, _ = _planned(_desired(_LONG))
    observed = replace(scenes.after(first, scenes.nothing()), has_other_vms=True)
    plan = front.make_teardown_plan(observed, scenes.asked("gone"))
    assert (_publishes(plan), plan.dns and plan.dns.records) == (True, ())
    assert not _publishes(front.make_teardown_plan(replace(observed, has_other_vms=False), scenes.asked("gone")))


def test_a_published_address_is_the_one_that_the_vm_has() -> None:
    first, _ = _planned(_desired(_LONG))
    state: DeploymentState = scenes.after(first, scenes.nothing()).state
    assert first.dns
    without = replace(first.dns, records=tuple(replace(record, ip="") for record in first.dns.records))
    assert dns_documents.with_addresses(without, state) == first.dns
    assert dns_documents.records_document(PublishedDns(version=1, deployments=(without,)))["record_infos"] == []
