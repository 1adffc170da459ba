"""Links between deployments as rows of a table.

Takes states, gives rows.
"""

from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.values import JsonValue
from director.model.environments.shared_links import SharedLink
from director.model.environments.state import DeploymentState


def link_rows(states: Sequence[DeploymentState], *, of: str | None) -> Iterator[Mapping[str, JsonValue]]:
    """Every shared link with its consumers; only those that deployment `of` shares or consumes, if it is named."""
    for state in states:
        for link in state.links.shared:
            consumers = _consumers(states, state, link)
            if of is None or of in (state.deployment, *consumers):
                yield {
                    "deployment": str(state.deployment),
                    "link": link.alias,
                    "type": link.type,
                    "provider": f"{link.group}/{link.job}",
                    "networks": list(link.networks),
                    "consumers": list(consumers),
                }


def _consumers(states: Sequence[DeploymentState], provider: DeploymentState, link: SharedLink) -> tuple[str, ...]:
    return tuple(
        str(state.deployment)
        for state in states
        if any((each.deployment, each.alias) == (provider.deployment, link.alias) for each in state.links.consumed)
    )
