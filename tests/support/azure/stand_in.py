"""All of it together: an Azure of a test's own.

Takes a folder for certificates, gives endpoints, the plugin's settings for them, and everything a test may look at.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.azure import azurite, pages, storage
from tests.support.azure import login as logins
from tests.support.azure.arm import Arm
from tests.support.azure.catalogue import LOCATION
from tests.support.azure.faults import Faults
from tests.support.azure.graph import Graph
from tests.support.azure.login import Login
from tests.support.azure.metadata import Metadata
from tests.support.azure.observer import NoObserver, Observer
from tests.support.azure.place import Place
from tests.support.azure.store import SUBSCRIPTION
from tests.support.azure.tls import Certificates, make_certificates
from tests.support.azure.wire import Log, serving


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """`faults` and `log` are ARM's; the sign-in, Graph and the blobs have their own."""

    place: Place
    login: Login
    graph: Graph
    faults: Faults
    log: Log
    login_faults: Faults
    login_log: Log
    blob_faults: Faults
    blob_log: Log
    azurite: azurite.Blobs | None
    graph_faults: Faults
    graph_log: Log
    ca: str
    arm_url: str
    login_url: str
    graph_url: str
    metadata_url: str

    def settings(self, **changes: Any) -> dict[str, Any]:
        """The plugin's settings that reach this stand-in, as an environment's file would name them."""
        made: dict[str, Any] = {
            "subscription_id": SUBSCRIPTION,
            "tenant_id": logins.TENANT,
            "location": LOCATION,
            "credentials": {"kind": "client_secret", "client_id": logins.CLIENT, "client_secret": logins.SECRET},
            "endpoints": {
                "resource_manager": self.arm_url,
                "authority": self.login_url,
                "scope": f"{self.arm_url}/.default",
                "graph": self.graph_url,
                "graph_scope": f"{self.graph_url}/.default",
                "ca_file": self.ca,
                "metadata": self.metadata_url,
                "discovers_instance": False,
            },
        }
        return made | changes


@contextmanager
def azure_stand_in(
    folder: Path, *, observer: Observer | None = None, certificates: Certificates | None = None
) -> Iterator[StandIn]:
    """Five servers while it is open, and Azurite for each storage account."""
    with_tls = certificates or make_certificates(folder)
    place = Place(observer=observer or NoObserver())
    login = Login()
    graph = Graph(login, place)
    faults, login_faults, graph_faults, blob_faults = Faults(), Faults(), Faults(), Faults()
    log, login_log, graph_log, blob_log = Log(), Log(), Log(), Log()
    arm = Arm(place, login)
    with ExitStack() as stack:
        accounts: azurite.Blobs | None = None
        if azurite.PROGRAM:
            place.blobs = accounts = azurite.Blobs(certificates=with_tls)
            place.store.dropped = lambda held: storage.forget(place, held)
            stack.callback(accounts.close_all)
        place.blob_url = stack.enter_context(serving(with_tls, pages.answer(place), faults=blob_faults, log=blob_log))
        yield StandIn(
            place=place,
            login=login,
            graph=graph,
            faults=faults,
            log=log,
            login_faults=login_faults,
            login_log=login_log,
            blob_faults=blob_faults,
            blob_log=blob_log,
            azurite=accounts,
            graph_faults=graph_faults,
            graph_log=graph_log,
            ca=with_tls.ca,
            arm_url=stack.enter_context(
                serving(with_tls, arm.answer, faults=faults, log=log, ahead_s=lambda: place.region.clock_ahead_s)
            ),
            login_url=stack.enter_context(serving(with_tls, login.answer, faults=login_faults, log=login_log)),
            graph_url=stack.enter_context(serving(with_tls, graph.answer, faults=graph_faults, log=graph_log)),
            metadata_url=stack.enter_context(
                serving(with_tls, Metadata(place, login).answer, faults=Faults(), log=Log())
            ),
        )


def held_images(azure: StandIn) -> tuple[str, ...]:
    """Images, snapshots, disks and availability sets, by the stand-in's word."""
    kinds = ("images", "snapshots", "disks", "availabilitySets")
    return tuple(f"{kind} {name}" for kind in kinds for name in azure.place.store.names(f"Microsoft.Compute/{kind}"))
