"""What an instance's templates see.

Takes nothing, gives a frozen value. Secrets are names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from director.model.environments.desired import Job
from director.model.secret_ref import Property


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSpec:
    """The spec that an instance's templates see, and the part that its agent gets. `spec` is BOSH's template spec.

    `links` maps a job's name to its links by name, addresses filled in, as render's link objects want them:
    {instances: [{name, id, index, az, address, bootstrap}], properties, address, deployment, group}.
    """

    jobs: tuple[Job, ...]
    spec: Mapping[str, Property]
    links: Mapping[str, Mapping[str, Property]] = field(default_factory=dict)
