"""One emulator for all tests of a process: it takes a second to start and milliseconds to reset.

Takes nothing, gives an emulator in which nothing was ever made, and the plugin connected to it.
"""

import functools
from typing import Any

from cpi.clouds.aws.connect import connect_cloud
from cpi.clouds.aws.plugin import PLUGIN
from cpi.clouds.aws.wire import config
from cpi.clouds.aws.wire.api import Api
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from tests.support.aws import back
from tests.support.aws.emulator import Emulator


@functools.cache
def _emulator() -> Emulator:
    return Emulator()


def fresh_emulator() -> Emulator:
    """The process's emulator, empty."""
    emulator = _emulator()
    emulator.reset()
    return emulator


def same_emulator() -> Emulator:
    """The process's emulator, as it is."""
    return _emulator()


def connect(emulator: Emulator, environment: str, **settings: Any) -> ConnectedCloud:
    """The plugin as an environment of that name has it; with usual settings, it uses clients that are there."""
    written = emulator.settings(**settings)
    if settings:
        return PLUGIN.connect(ConnectSettings(environment=environment, state_dir="", properties=written))
    return connect_cloud(config.read_config(written), environment, api=usual_api())


def held_images(emulator: Emulator) -> tuple[str, ...]:
    """Images, snapshots, disks and launch templates, by moto's word."""
    kinds = ("image", "snapshot", "volume", "launch-template")
    return tuple(f"{one.kind} {one.id}" for one in emulator.inventory() if one.kind in kinds)


def any_image(emulator: Emulator) -> str:
    """An image of a publisher, by its id."""
    return next(str(one.id) for one in back.ec2().amis.values() if one.owner_id != back.ACCOUNT)


@functools.cache
def usual_api() -> Api:
    """Clients of the usual settings: the SDK takes most of a second to make them."""
    return Api(config.read_config(_emulator().settings()))
