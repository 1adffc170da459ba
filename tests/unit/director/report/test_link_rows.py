"""Links as rows: every shared one with its consumers, or those of one deployment."""

import pytest

from director.model.environments.shared_links import ConsumedLink, DeploymentLinks, SharedLink
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName
from director.report.link_rows import link_rows
from tests.support import wants


def _state(name: str, links: DeploymentLinks) -> DeploymentState:
    return DeploymentState(environment=wants.ENVIRONMENT, deployment=DeploymentName(name), links=links)


def _shared(alias: str) -> SharedLink:
    return SharedLink(alias=alias, type="sql", group="db", job="postgres", networks=("a",), default_network="a")


STATES = (
    _state("app", DeploymentLinks(consumed=(ConsumedLink(deployment=DeploymentName("data"), alias="main"),))),
    _state("data", DeploymentLinks(shared=(_shared("main"), _shared("spare")))),
    _state("idle", DeploymentLinks()),
)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (None, [("main", ["app"]), ("spare", [])]),
        ("data", [("main", ["app"]), ("spare", [])]),
        ("app", [("main", ["app"])]),
        ("idle", []),
    ],
)
def test_shared_links_are_listed_with_their_consumers(of: str | None, expected: object) -> None:
    assert [(row["link"], row["consumers"]) for row in link_rows(STATES, of=of)] == expected
