"""Neutron's tags, which it takes only when a resource is there: put on right after its making, or by the next run.

Takes a resource of Neutron, changes its tags.
"""

from collections.abc import Mapping
from typing import Any

from cpi.clouds.openstack.wire import resource_tags
from cpi.clouds.openstack.wire.api import Api

CloudAnswer = Mapping[str, Any]

EXTENSION = "standard-attr-tag"
"""How Neutron calls its ability to keep them."""


def tag(api: Api, path: str, answer: CloudAnswer, *, tags: Mapping[str, str]) -> None:
    """After: it has these beside those of its own. Asks nothing where it has them."""
    there = [str(text) for text in answer.get("tags") or ()]
    if any(text not in there for text in resource_tags.write_texts(tags)):
        api.put("network", f"{path}/tags", {"tags": resource_tags.add_texts(there, tags)})
