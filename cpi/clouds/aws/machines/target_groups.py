"""Target groups of load balancers that cloud properties name: a VM is registered in them, and deregistered before it
ends.

Takes names, changes Elastic Load Balancing. Each name is looked up once.
"""

import contextlib
from collections.abc import Iterator, Sequence

from cpi.clouds.aws.wire.api import Api
from cpi.contract.errors import NotFoundError


class TargetGroups:
    """Safe to use from many threads: two may ask the same once too often, that is all."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._arns: dict[str, str] = {}

    def arns(self, names: Sequence[str]) -> tuple[str, ...]:
        """Raises NotFoundError, code unknown-target-group."""
        return tuple(self._arn(name) for name in names)

    def register(self, instance: str, arns: Sequence[str]) -> None:
        """Registered before is success. Raises TransientError while the instance does not run yet."""
        for arn in arns:
            self._api.change("elbv2", "RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": instance}])

    def deregister(self, instance: str, names: Sequence[str]) -> None:
        """Not registered, or a group that is gone, is success."""
        for name in names:
            with contextlib.suppress(NotFoundError):
                arn = self._arn(name)
                self._api.change("elbv2", "DeregisterTargets", TargetGroupArn=arn, Targets=[{"Id": instance}])

    def refusals(self, names: Sequence[str]) -> Iterator[NotFoundError]:
        """One for each name that is not there."""
        for name in names:
            try:
                self._arn(name)
            except NotFoundError as error:
                yield error

    def _arn(self, name: str) -> str:
        if name not in self._arns:
            try:
                answer = self._api.read("elbv2", "DescribeTargetGroups", Names=[name])["TargetGroups"]
            except NotFoundError as error:
                raise NotFoundError(
                    "unknown-target-group",
                    f"The target group '{name}' does not exist in {self._api.region}.",
                    why=error.why,
                    fix="Create it with the load balancer, or correct lb_target_groups in the cloud config.",
                ).about(name) from error
            self._arns[name] = str(answer[0]["TargetGroupArn"])
        return self._arns[name]
