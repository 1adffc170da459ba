"""Target groups of load balancers that cloud properties name: a VM is registered in them.

Takes names, changes Elastic Load Balancing. Each name is looked up once. AWS itself removes a terminated instance from
its groups, so deleting a VM needs no call.
"""

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
                told = self._api.read("elbv2", "DescribeTargetGroups", Names=[name])["TargetGroups"]
            except NotFoundError as error:
                raise NotFoundError(
                    "unknown-target-group",
                    f"The target group '{name}' does not exist in {self._api.region}.",
                    why=error.why,
                    fix="Create it with the load balancer, or correct lb_target_groups in the cloud config.",
                ) from error
            self._arns[name] = str(told[0]["TargetGroupArn"])
        return self._arns[name]
