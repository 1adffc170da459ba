"""Links between clouds are reported; those within one are not."""

from dataclasses import replace

from director.model.environments.desired import Az, Desired, Link, LinkedInstance, LinkSource
from director.model.report import CrossCloudLink
from director.resolve import cross_cloud_links
from tests.support import wants

AZS = (Az(name="z1", cloud="here"), Az(name="z2", cloud="there"), Az(name="z3", cloud="there"))


def _desired(*, web: tuple[str, ...], db: tuple[str, ...]) -> Desired:
    link = Link(name="db", type="database", source=LinkSource(group="db", job="store"))
    written = Link(name="log", type="log", source=LinkSource(instances=(LinkedInstance(address="192.0.2.1"),)))
    consumer = replace(wants.group("web", 1, replace(wants.job("server"), links=(link, written))), azs=web)
    provider = replace(wants.group("db", 1, wants.job("store")), azs=db)
    return replace(wants.desired(provider, consumer), azs=AZS)


def _crossing(here: str, there: str) -> CrossCloudLink:
    return CrossCloudLink(consumer="web/server", link="db", provider="db/store", from_cloud=here, to_cloud=there)


def test_a_link_from_one_cloud_to_another_is_a_crossing() -> None:
    assert cross_cloud_links.links_across_clouds(_desired(web=("z1",), db=("z3",))) == (_crossing("here", "there"),)


def test_a_group_on_both_clouds_crosses_in_both_ways() -> None:
    found = cross_cloud_links.links_across_clouds(_desired(web=("z1", "z2", "z3"), db=("z1", "z2")))
    assert found == (_crossing("here", "there"), _crossing("there", "here"))


def test_a_link_within_a_cloud_is_none() -> None:
    assert cross_cloud_links.links_across_clouds(_desired(web=("z2",), db=("z2", "z3"))) == ()


def test_with_one_cloud_there_is_none() -> None:
    assert (
        cross_cloud_links.links_across_clouds(
            replace(_desired(web=("z1",), db=("z2",)), azs=(Az(name="z1"), Az(name="z2")))
        )
        == ()
    )
