"""The emulator, empty, and an environment that has landed on it."""

from dataclasses import replace

import pytest

from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.aws import shared
from tests.support.aws.emulator import Emulator


@pytest.fixture
def emulator() -> Emulator:
    """Nothing was ever made there."""
    return shared.fresh_emulator()


@pytest.fixture
def landed(emulator: Emulator) -> Subject:
    """An environment with one network in three zones, an address for the jumpbox and a stemcell."""
    subject = prepare(shared.connect(emulator, ENVIRONMENT))
    emulator.front.log.clear()
    return replace(subject, vm_properties={"instance_type": "t3.micro"}, landed_network="main-z1")
