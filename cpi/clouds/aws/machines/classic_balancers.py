"""Classic load balancers that cloud properties name: a VM is registered in them, and deregistered before it ends.

Takes names, changes Elastic Load Balancing. Each name is looked up once.
"""

from collections.abc import Iterator, Sequence

from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire.api import Api
from cpi.contract.errors import CloudError, NotFoundError
from cpi.kit import judge

_SERVICE = "elb"
_NOT_REGISTERED = "InvalidInstance"


class ClassicBalancers:
    """Safe to use from many threads: two may ask the same once too often, that is all."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: set[str] = set()

    def require(self, name: str) -> None:
        """Raises NotFoundError, code unknown-load-balancer."""
        if name in self._known:
            return
        try:
            self._api.read(_SERVICE, "DescribeLoadBalancers", LoadBalancerNames=[name])
        except NotFoundError as error:
            where, setting = f"Region {self._api.region}", "elbs (classic ones; target groups are lb_target_groups)"
            found = judge.unknown_name("load balancer", name, (), where=where, setting=setting)
            raise judge.missing(found, why=error.why) from error
        self._known.add(name)

    def refusals(self, names: Sequence[str]) -> Iterator[NotFoundError]:
        """One for each name that is not there."""
        for name in names:
            try:
                self.require(name)
            except NotFoundError as error:
                yield error

    def register(self, instance: str, names: Sequence[str]) -> None:
        """Registered before is success. Raises TransientError while the instance does not run yet."""
        for name in names:
            self._api.change(
                _SERVICE,
                "RegisterInstancesWithLoadBalancer",
                LoadBalancerName=name,
                Instances=[{"InstanceId": instance}],
            )

    def deregister(self, instance: str, names: Sequence[str]) -> None:
        """Not registered, or a balancer that is gone, is success."""
        for name in names:
            try:
                self._api.change(
                    _SERVICE,
                    "DeregisterInstancesFromLoadBalancer",
                    LoadBalancerName=name,
                    Instances=[{"InstanceId": instance}],
                )
            except CloudError as error:
                if not isinstance(error, NotFoundError) and sdk.code_of(error) != _NOT_REGISTERED:
                    raise
