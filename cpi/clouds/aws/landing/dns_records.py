"""DNS names of public addresses: an A record in a hosted zone, and a TXT record beside it that says whose it is.

Takes resources and owners, changes Route 53. Both records are made and deleted in one batch, so neither is there alone;
a name that has records without our mark is somebody else's and never touched.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.landing.security_groups import ElasticAddresses
from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.errors import CloudError, ConflictError, NotFoundError, TransientError
from cpi.contract.values import ENVIRONMENT_ITSELF, Finding, LandingResource, OwnerKey
from cpi.kit import judge
from cpi.kit.landing import Part, PartFound

CloudAnswer = Mapping[str, Any]

_TTL_S = 60
_PAGES = 200
_MARK = re.compile(r'"compleat (.*)"')


class Records(Part):
    """The records of one hosted zone; without a zone there are none, and no call is made."""

    cloud = "AWS"
    kind = layout.RECORD

    def __init__(self, api: Api, config: AwsConfig, environment: str) -> None:
        self._api = api
        self._config = config
        self._environment = environment
        self._addresses = ElasticAddresses(api)
        self._names = {layout.record_name(public): name for public, name in config.dns_names.items()}

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        """Raises ConflictError, code dns-name-taken, where the records of that name are somebody else's."""
        if name:
            yield from self._named(name)
            return
        for answer in self._all() if self._config.hosted_zone_id else ():
            owner = _owner_of(answer)
            if owner is not None and owner.environment == environment:
                yield PartFound(id=_plain(answer["Name"]), name=_label_of(answer), owner=owner)

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        name = str(resource.properties["name"])
        wanted = self._wanted(resource, owner)
        self._change("CREATE", wanted, name=name)
        return PartFound(id=name, name=resource.name, owner=owner, answer={"records": wanted})

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        """After: it leads to the address that the environment has now."""
        wanted = self._wanted(resource, found.owner)
        if found.answer["records"] != wanted:
            self._change("UPSERT", wanted, name=found.id)

    def delete(self, id_: str) -> None:
        """Both records. Raises ConflictError, code dns-name-taken, for somebody else's."""
        there = self._sets(id_) if self._config.hosted_zone_id else []
        self._require_own(id_, there)
        if there:
            self._change("DELETE", there, name=id_)

    def judge(self) -> Iterator[Finding]:
        """What is wrong with the names that are wanted: a zone that is not theirs, records that are not ours."""
        if not self._config.dns_names:
            return
        zone = self._zone_name()
        for name in self._config.dns_names.values():
            if not f".{name}".endswith(f".{zone}"):
                yield _foreign(name, zone)
                continue
            yield from judge.each([name], lambda one: self._require_own(one, self._sets(one)))

    def _named(self, label: str) -> Iterator[PartFound]:
        name = self._names.get(label, "")
        there = self._sets(name) if name else []
        owner = self._require_own(name, there)
        if owner is not None:
            yield PartFound(id=name, name=label, owner=owner, answer={"records": there})

    def _wanted(self, resource: LandingResource, owner: OwnerKey) -> list[CloudAnswer]:
        name = str(resource.properties["name"])
        address = self._addresses.need(str(resource.properties["address"]), owner.environment)
        return [_a(name, str(address.answer["PublicIp"])), _txt(name, owner, label=resource.name)]

    def _require_own(self, name: str, records: list[CloudAnswer]) -> OwnerKey | None:
        """Whose they are; None without any. Raises ConflictError, code dns-name-taken."""
        holder = _owner_in(records)
        if records and (holder is None or holder.environment != self._environment):
            raise _taken(name, holder)
        return holder

    def _change(self, action: str, records: list[CloudAnswer], *, name: str) -> None:
        changes = [{"Action": action, "ResourceRecordSet": dict(record)} for record in records]
        try:
            self._api.change(
                "route53",
                "ChangeResourceRecordSets",
                HostedZoneId=self._config.hosted_zone_id,
                ChangeBatch={"Comment": "compleat", "Changes": changes},
            )
        except CloudError as error:
            if sdk.code_of(error) != "InvalidChangeBatch":
                raise
            # Somebody changed the name meanwhile, perhaps we, by a call whose answer was lost: look again.
            raise TransientError(
                "dns-name-changed", f"The records of {name} changed during the call.", why=error.why, fix="Nothing."
            ) from error

    def _sets(self, name: str) -> list[CloudAnswer]:
        """The A, AAAA, CNAME and TXT records of a name, A first."""
        answer = self._page(StartRecordName=f"{name}.")["ResourceRecordSets"]
        mine = [_bare(one) for one in answer if _plain(one["Name"]) == name and one["Type"] in _TYPES]
        return sorted(mine, key=lambda one: str(one["Type"]))

    def _all(self) -> Iterator[CloudAnswer]:
        start: dict[str, Any] = {}
        for _ in range(_PAGES):
            page = self._page(**start)
            yield from page["ResourceRecordSets"]
            if not page.get("IsTruncated"):
                return
            start = {"StartRecordName": page["NextRecordName"], "StartRecordType": page["NextRecordType"]}
        raise CloudError("list-endless", f"The hosted zone has more than {_PAGES} pages of records.")

    def _zone_name(self) -> str:
        return _plain(self._ask("GetHostedZone", Id=self._config.hosted_zone_id)["HostedZone"]["Name"])

    def _page(self, **start: Any) -> CloudAnswer:
        return self._ask("ListResourceRecordSets", HostedZoneId=self._config.hosted_zone_id, **start)

    def _ask(self, operation: str, **parameters: Any) -> CloudAnswer:
        try:
            return self._api.read("route53", operation, **parameters)
        except NotFoundError as error:
            raise NotFoundError(
                "unknown-hosted-zone",
                f"This AWS account has no hosted zone '{self._config.hosted_zone_id}'.",
                why=error.why,
                fix="Correct hosted_zone_id in the environment's file: `aws route53 list-hosted-zones`.",
            ) from error


_TYPES = frozenset({"A", "AAAA", "CNAME", "TXT"})


def _a(name: str, address: str) -> CloudAnswer:
    return {"Name": f"{name}.", "Type": "A", "TTL": _TTL_S, "ResourceRecords": [{"Value": address}]}


def _txt(name: str, owner: OwnerKey, *, label: str) -> CloudAnswer:
    words = urlencode({"environment": owner.environment, "action": owner.action, "name": label})
    return {"Name": f"{name}.", "Type": "TXT", "TTL": _TTL_S, "ResourceRecords": [{"Value": f'"compleat {words}"'}]}


def _bare(answer: CloudAnswer) -> CloudAnswer:
    """As a change takes it."""
    return {key: answer[key] for key in ("Name", "Type", "TTL", "ResourceRecords") if key in answer}


def _mark_of(answer: CloudAnswer) -> dict[str, list[str]]:
    values = [str(one["Value"]) for one in answer.get("ResourceRecords", ())] if answer["Type"] == "TXT" else []
    marks = [found[1] for value in values if (found := _MARK.fullmatch(value))]
    return parse_qs(marks[0]) if marks else {}


def _owner_of(answer: CloudAnswer) -> OwnerKey | None:
    mark = _mark_of(answer)
    if not mark.keys() >= {"environment", "action"}:
        return None
    return OwnerKey(environment=mark["environment"][0], deployment=ENVIRONMENT_ITSELF, action=mark["action"][0])


def _label_of(answer: CloudAnswer) -> str:
    return _mark_of(answer).get("name", [""])[0]


def _owner_in(records: list[CloudAnswer]) -> OwnerKey | None:
    """Whose a name's records are; None: none of compleat's."""
    return next((owner for owner in map(_owner_of, records) if owner is not None), None)


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def _taken(name: str, holder: OwnerKey | None) -> ConflictError:
    whose = (
        f"They belong to environment '{holder.environment}'."
        if holder
        else "They do not have compleat's marker record."
    )
    return ConflictError(
        "dns-name-taken",
        f"The name {name} already has records, and they do not belong to this environment.",
        why=whose,
        fix="Choose another name in dns_names, or delete the records.",
    )


def _foreign(name: str, zone: str) -> Finding:
    return Finding(
        code="dns-name-outside-zone",
        what=f"The name {name} is not in the hosted zone.",
        why=f"hosted_zone_id is the zone of {zone}.",
        fix=f"Use a name that ends in .{zone}, or another hosted_zone_id.",
    )
