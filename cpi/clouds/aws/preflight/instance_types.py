"""Instance types as EC2 describes them: what they have, where they are offered, how many of them run; each asked once.

Takes names of types, gives facts for the kit's judge.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from cpi.clouds.aws.wire.api import Api, filters
from cpi.kit.judge import Size


class InstanceTypes:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._answers: dict[str, Mapping[str, Any]] = {}

    def sizes(self, kinds: Collection[str]) -> dict[str, Size]:
        """Those of the types that the region has."""
        offered = self._zones(kinds)
        return {kind: _size(answer, offered.get(kind, set())) for kind, answer in self._about(kinds).items()}

    def vcpus(self, kinds: Collection[str]) -> dict[str, int]:
        """Of those that the region has."""
        return {kind: int(answer["VCpuInfo"]["DefaultVCpus"]) for kind, answer in self._about(kinds).items()}

    @cached_property
    def names(self) -> frozenset[str]:
        """All types of the region, to tell the nearest to one that it does not have."""
        answer = self._api.list_all("DescribeInstanceTypeOfferings", "InstanceTypeOfferings", LocationType="region")
        return frozenset(str(one["InstanceType"]) for one in answer)

    def running(self, leaving: Collection[str]) -> Counter[tuple[str, bool]]:
        """How many instances run, by type and whether they are spot, without those that leave."""
        wanted = filters({"instance-state-name": ("pending", "running")})
        found: Counter[tuple[str, bool]] = Counter()
        for reservation in self._api.list_all("DescribeInstances", "Reservations", Filters=wanted, MaxResults=1000):
            for one in reservation["Instances"]:
                if one["InstanceId"] not in leaving:
                    found[str(one["InstanceType"]), one.get("InstanceLifecycle") == "spot"] += 1
        return found

    def _about(self, kinds: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        wanted = set(kinds)
        if more := sorted(wanted - self._answers.keys()):
            asked = filters({"instance-type": tuple(more)})
            for one in self._api.list_all("DescribeInstanceTypes", "InstanceTypes", Filters=asked):
                self._answers[str(one["InstanceType"])] = one
        return {kind: answer for kind, answer in self._answers.items() if kind in wanted}

    def _zones(self, kinds: Collection[str]) -> dict[str, set[str]]:
        offers: dict[str, set[str]] = {}
        answer = self._api.list_all(
            "DescribeInstanceTypeOfferings",
            "InstanceTypeOfferings",
            LocationType="availability-zone",
            Filters=filters({"instance-type": tuple(sorted(kinds))}),
        )
        for one in answer:
            offers.setdefault(str(one["InstanceType"]), set()).add(str(one["Location"]))
        return offers


def _size(answer: Mapping[str, Any], offered: set[str]) -> Size:
    return Size(
        zones=frozenset(offered),
        most_interfaces=answer.get("NetworkInfo", {}).get("MaximumNetworkInterfaces"),
        architectures=tuple(str(one) for one in answer.get("ProcessorInfo", {}).get("SupportedArchitectures", ())),
    )
