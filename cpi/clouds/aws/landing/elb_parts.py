"""How any part of a landing zone that Elastic Load Balancing keeps is found by its tags, made with them, and deleted.

Takes ELB's words for a kind of resource, gives a Part of cpi.kit.landing. ELB has no filters: it lists all, and tells
tags apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import Api, filters
from cpi.contract.errors import CloudError, DeniedError, NotFoundError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingResource, OwnerKey, OwnerQuery
from cpi.kit import judge
from cpi.kit import tags as owner_tags
from cpi.kit.landing import Part, PartFound

_SERVICE = "elbv2"
_BATCH = 20
"""The most resources whose tags ELB lists at once."""
_PAGES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ElbWords:
    """ELB's words for a kind: calls with the key of each answer or of what they are about, and its id."""

    lists: tuple[str, str]
    makes: str
    deletes: tuple[str, str]
    id: str


class ElbPart(Part):
    """A cloud's part over ELB."""

    cloud = "AWS"
    shows_late = True
    words: ClassVar[ElbWords]

    def __init__(self, api: Api) -> None:
        self._api = api

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        """What the call that makes it says beside the tags."""
        raise NotImplementedError

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        listed = self._named(environment, name) if name else self._listed(environment)
        tags = self._tags([str(one[self.words.id]) for one in listed])
        for one in listed:
            written = tags.get(str(one[self.words.id]), {})
            owner = owner_tags.read_owner(written)
            is_own = owner is not None and owner.environment == environment
            if owner is not None and is_own and written.get(names.KIND_TAG) == self.kind:
                part = written.get(names.NAME_TAG, "")
                yield PartFound(id=str(one[self.words.id]), name=part, owner=owner, answer=one)
            elif name:
                own, why = names.balancer_name(environment, name), "Its tags are not of this environment."
                raise judge.name_taken(self.kind.replace("_", " "), own, why=why)

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        label = resource_tags.Label(owner=owner, kind=resource.kind, name=resource.name)
        asked = self.asked(resource, owner)
        answer = self.change(self.words.makes, **asked, Tags=resource_tags.write_tags(label))
        made: Mapping[str, Any] = answer[self.words.lists[1]][0]
        return PartFound(id=str(made[self.words.id]), name=resource.name, owner=owner, answer=made)

    def delete(self, id_: str) -> None:
        operation, key = self.words.deletes
        try:
            self.change(operation, **{key: id_})
        except NotFoundError:
            return

    def look(self, id_: str) -> Mapping[str, Any]:
        """As ELB tells it now. Raises NotFoundError."""
        operation, key = self.words.lists
        found: Mapping[str, Any] = self.ask(operation, **{f"{self.words.id}s": [id_]})[key][0]
        return found

    def ask(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Ask ELB something that changes nothing."""
        return self._api.read(_SERVICE, operation, **parameters)

    def change(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Let ELB change something."""
        return self._api.change(_SERVICE, operation, **parameters)

    def _named(self, environment: str, name: str) -> Sequence[Mapping[str, Any]]:
        operation, key = self.words.lists
        try:
            own = names.balancer_name(environment, name)
            found: Sequence[Mapping[str, Any]] = self.ask(operation, Names=[own])[key]
        except NotFoundError:
            return ()
        return found

    def _listed(self, environment: str) -> Sequence[Mapping[str, Any]]:
        """All of the region. Who may not list has made none, unless there is a group that lets probes in."""
        try:
            return list(self._all(*self.words.lists))
        except DeniedError:
            if self._has_probe_groups(environment):
                raise
            return ()

    def _has_probe_groups(self, environment: str) -> bool:
        query = OwnerQuery(environment=environment, deployment=ENVIRONMENT_ITSELF)
        wanted = {**resource_tags.query_filters(query, "security_group"), f"tag:{names.NAME_TAG}": "*-probes"}
        return any(
            True for _ in self._api.list_all("DescribeSecurityGroups", "SecurityGroups", Filters=filters(wanted))
        )

    def _all(self, operation: str, key: str, **parameters: Any) -> Iterator[Mapping[str, Any]]:
        """What ELB lists under `key`, page after page."""
        marker: dict[str, Any] = {}
        for _ in range(_PAGES):
            page = self.ask(operation, **parameters, **marker)
            yield from page.get(key, ())
            if not page.get("NextMarker"):
                return
            marker = {"Marker": page["NextMarker"]}
        raise CloudError("list-endless", f"{operation} returned more than {_PAGES} pages.")

    def _tags(self, arns: Sequence[str]) -> dict[str, dict[str, str]]:
        """The tags of resources, by their ids."""
        found: dict[str, dict[str, str]] = {}
        for at in range(0, len(arns), _BATCH):
            answer = self.ask("DescribeTags", ResourceArns=list(arns[at : at + _BATCH]))
            for one in answer["TagDescriptions"]:
                found[str(one["ResourceArn"])] = resource_tags.read_tags(one.get("Tags", ()))
        return found
