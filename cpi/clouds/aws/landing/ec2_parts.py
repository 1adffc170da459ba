"""How any part of a landing zone that EC2 keeps is found by its tags, made with them, and deleted.

Takes EC2's words for a kind of resource, gives a Part of cpi.kit.landing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from cpi.clouds.aws.landing import in_use
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import Api, filters
from cpi.contract.errors import CloudError, ConflictError, NotFoundError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingResource, OwnerKey, OwnerQuery
from cpi.kit import tags as owner_tags
from cpi.kit.landing import Part, PartFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Ec2Words:
    """EC2's words for a kind: calls with the key of each answer ("": the answer itself), its id, its type for tags."""

    lists: tuple[str, str]
    makes: tuple[str, str]
    deletes: str
    id: str
    tagged: str
    filters: str = "Filters"


class Ec2Part(Part):
    """A cloud's part over EC2; EC2 may take a while to show what it made."""

    cloud = "AWS"
    shows_late = True
    words: ClassVar[Ec2Words]
    gone: ClassVar[frozenset[str]] = frozenset()
    """States in which EC2 still lists what is no more."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        """What the call that makes it says beside the tags."""
        raise NotImplementedError

    def explain(self, error: ConflictError, id_: str) -> CloudError:
        """Why EC2 does not delete it, where it is used."""
        return error

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        query = OwnerQuery(environment=environment, deployment=ENVIRONMENT_ITSELF)
        wanted = {**resource_tags.query_filters(query, self.kind), **({f"tag:{names.NAME_TAG}": name} if name else {})}
        operation, key = self.words.lists
        for answer in self._api.list_all(operation, key, **{self.words.filters: filters(wanted)}):
            tags = resource_tags.read_tags(answer.get("Tags", ()))
            owner = owner_tags.read_owner(tags)
            if owner is not None and state_of(answer) not in self.gone:
                yield PartFound(id=answer[self.words.id], name=tags.get(names.NAME_TAG, ""), owner=owner, answer=answer)

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        label = resource_tags.Label(owner=owner, kind=resource.kind, name=resource.name)
        operation, key = self.words.makes
        answer = self._api.change(
            "ec2",
            operation,
            **self.asked(resource, owner),
            TagSpecifications=resource_tags.specify(label, self.words.tagged),
        )
        reported = answer[key] if key else answer
        return PartFound(id=reported[self.words.id], name=resource.name, owner=owner, answer=reported)

    def delete(self, id_: str) -> None:
        try:
            self.remove(id_)
        except NotFoundError:
            return
        except ConflictError as error:
            raise (self.explain(error, id_) if in_use.is_about_use(error) else error) from error

    def remove(self, id_: str) -> None:
        """The calls that delete it. Raises NotFoundError when it is gone."""
        self._api.change("ec2", self.words.deletes, **{self.words.id: id_})

    def look(self, id_: str) -> Mapping[str, Any]:
        """As EC2 tells it now. Raises NotFoundError."""
        operation, key = self.words.lists
        found: Mapping[str, Any] = self._api.read("ec2", operation, **{f"{self.words.id}s": [id_]})[key][0]
        return found

    def id_of(self, name: str, owner: OwnerKey) -> str:
        """The id of the one with our name. Raises TransientError, code not-visible-yet."""
        return self.need(name, owner.environment).id


def state_of(answer: Mapping[str, Any]) -> str:
    """EC2 writes it in small letters in some answers and with a capital in others."""
    return str(answer.get("State", "")).lower()


def token_of(resource: LandingResource, owner: OwnerKey) -> str:
    """The ClientToken of the call that makes it."""
    return names.part_token(owner, kind=resource.kind, name=resource.name)


def texts(value: object) -> list[str]:
    """A list of texts from a resource's properties."""
    return [str(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str) else []
