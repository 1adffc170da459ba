"""What commands about uploaded releases are given: records of the home, no environment's file and no cloud.

Takes nothing, gives a frozen value.
"""

from cpi.contract.value_classes import dataclass
from director.app.sessions.settings import Settings
from director.ports.clock import Clock
from director.ports.journal import Journal
from director.ports.plans import Plans
from director.ports.release_records import ReleaseRecords
from director.ports.release_uploads import ReleaseUploads
from director.ports.releases import ReleaseSource
from director.ports.state_store import StateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHome:
    settings: Settings
    store: StateStore
    journal: Journal
    plans: Plans
    records: ReleaseRecords
    releases: ReleaseSource
    uploads: ReleaseUploads
    clock: Clock
