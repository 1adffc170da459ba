"""Every cloud that passes the suite.

Takes a directory, gives a cloud with one network and one stemcell.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.rules import Rules
from cpi.contract.cloud import ConnectSettings
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support import disk_images
from tests.support.aws import security_groups as aws_groups
from tests.support.aws import shared as aws
from tests.support.azure import compute
from tests.support.azure import security_groups as azure_groups
from tests.support.azure.azurite import REASON
from tests.support.azure.stand_in import azure_stand_in, held_images


def _in_memory(_folder: Path) -> Subject:
    return replace(prepare(connect_cloud(MemoryCloud(Rules(has_storage=True)))), cloud_image="default")


def _on_aws(_folder: Path) -> Subject:
    emulator = aws.fresh_emulator()
    return replace(
        prepare(aws.connect(emulator, ENVIRONMENT)),
        vm_properties={"instance_type": "t3.micro"},
        landed_network="main-z1",
        image=disk_images.write_raw,
        inbound=lambda: aws_groups.read_inbound(emulator.region),
        held=lambda: aws.held_images(emulator),
        cloud_image=aws.any_image(emulator),
    )


@contextmanager
def _on_azure(folder: Path) -> Iterator[Subject]:
    """The plugin against the stand-in, over TLS."""
    with azure_stand_in(folder) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir=str(folder), properties=azure.settings())
        subject = prepare(find_plugin("azure").connect(settings))
        subject = replace(
            subject,
            image=disk_images.write_vhd,
            inbound=lambda: azure_groups.read_inbound(azure.place.store),
            held=lambda: held_images(azure),
            generalize=lambda vm: compute.generalize_vm(azure.place, vm),
        )
        if azure.place.blobs is None:
            subject = replace(subject, unstored=REASON, connected=replace(subject.connected, storage=None))
        yield subject


CLOUDS: Mapping[str, Callable[[Path], Subject]] = {"aws": _on_aws, "memory": _in_memory}
OPENED: Mapping[str, Callable[[Path], AbstractContextManager[Subject]]] = {"azure": _on_azure}
"""Those that have servers to end."""
