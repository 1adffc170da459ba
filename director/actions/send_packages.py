"""Put packages' blobs on the instance's VM. `packages` maps name to compile key.

Takes nothing, gives a frozen value with its facts.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.cloud_names import CloudName
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPackages(InstanceWork[Result]):
    """Put packages' blobs on the instance's VM. `packages` maps name to compile key.

    `store` is the cloud from whose object storage the VM fetches them; None: they go there by SSH.
    """

    packages: Mapping[str, str]
    store: CloudName | None = None
    kind: Literal["send_packages"] = "send_packages"
    facts: ClassVar = WorkFacts(
        verb="send", noun="packages", doing="sending packages", estimate_s=3.0, is_dirtying=False
    )
