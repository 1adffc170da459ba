"""Update settings of the deployment and of its groups.

Takes them as written, gives UpdatePolicy values. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/deployment_plan/update_config.rb, numerical_value_calculator.rb.
"""

import re

from cpi.contract.value_classes import dataclass
from director.model.environments.desired import Count, UpdatePolicy, WatchTime
from director.model.spans import Path
from director.model.written.manifest import DeploymentUpdate, GroupUpdate
from director.resolve.findings import Findings
from director.resolve.request import ResolveRequest

_NO_UPDATE = GroupUpdate()
_SWAP = "create-swap-delete"


def resolve_update(request: ResolveRequest, group: int | None, found: Findings) -> UpdatePolicy:
    """The policy of the group with that index (None: the deployment's), its own settings over the deployment's.

    A `max_in_flight` of 0 is 1, as in BOSH. Reports: bad-count, bad-watch-time. Remark: vm-strategy-unused.
    """
    written = request.manifest.document
    own = written.instance_groups[group].update if group is not None else _NO_UPDATE
    return _Chosen(request=request, group=group, own=own, update=written.update, found=found).policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    request: ResolveRequest
    group: int | None
    own: GroupUpdate
    update: DeploymentUpdate
    found: Findings

    def policy(self) -> UpdatePolicy:
        own, update = self.own, self.update
        is_serial = own.serial if own.serial is not None else update.serial
        order = own.initial_deploy_az_update_strategy or update.initial_deploy_az_update_strategy
        return UpdatePolicy(
            canaries=self._count("canaries", own.canaries, update.canaries, least=0),
            max_in_flight=self._count("max_in_flight", own.max_in_flight, update.max_in_flight, least=1),
            canary_watch=self._watch("canary_watch_time", own.canary_watch_time, update.canary_watch_time),
            update_watch=self._watch("update_watch_time", own.update_watch_time, update.update_watch_time),
            is_serial=is_serial is not False,
            is_initially_parallel=order == "parallel",
            is_swapping=self._is_swapping(),
        )

    def _is_mine(self, own: object) -> bool:
        """Whether to report: an inherited problem was reported with the deployment."""
        return self.group is None or own is not None

    def _where(self, key: str) -> str:
        path: Path = ("update", key) if self.group is None else ("instance_groups", self.group, "update", key)
        return self.request.manifest.where(*path)

    def _count(self, key: str, own: str | int | None, inherited: str | int, *, least: int) -> Count:
        text = str(inherited if own is None else own)
        match = re.fullmatch(r"(\d+)(%?)", text)
        if match and match[2]:
            return Count(number=int(match[1]), is_percent=True)
        if match:
            return Count(number=max(least, int(match[1])))
        if self._is_mine(own):
            self.found.report(
                "bad-count",
                f"`{key}` is '{text}', which is not a number of instances.",
                why="Expected a whole number, or a percentage like 20%.",
                fix="Correct it.",
                where=self._where(key),
            )
        return Count(number=1)

    def _watch(self, key: str, own: str | int | None, inherited: str | int) -> WatchTime:
        text = str(inherited if own is None else own)
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", text)
        if match and int(match[1]) <= int(match[2] or match[1]):
            return WatchTime(min_ms=int(match[1]), max_ms=int(match[2] or match[1]))
        if self._is_mine(own):
            self.found.report(
                "bad-watch-time",
                f"`{key}` is '{text}', which is not a time.",
                why="Expected a number of milliseconds, or a minimum and maximum like 1000-30000.",
                fix="Correct it.",
                where=self._where(key),
            )
        return WatchTime(min_ms=0, max_ms=0)

    def _is_swapping(self) -> bool:
        """As in BOSH, not where an address must pass from the old VM to the new one."""
        if (self.own.vm_strategy or self.update.vm_strategy) != _SWAP or self.group is None:
            return False
        group = self.request.manifest.document.instance_groups[self.group]
        kinds = {each.name: each.type for each in self.request.cloud_config.document.networks}
        fixed = next((use.name for use in group.networks if use.static_ips or kinds.get(use.name) == "vip"), None)
        if fixed is not None and group.instances:
            is_own = self.own.vm_strategy is not None
            self.found.remark(
                "vm-strategy-unused",
                f"VMs of instance group '{group.name}' are deleted before they are created again: addresses on network "
                f"'{fixed}' must pass from one VM to the next.",
                where=self._where("vm_strategy") if is_own else self.request.manifest.where("update", "vm_strategy"),
            )
        return fixed is None
