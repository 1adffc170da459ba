"""Plugins found by name."""

import subprocess
import sys

import pytest

from cpi import plugins
from cpi.contract.errors import NotFoundError

_WITHOUT = """
import sys
sys.modules[{package!r}] = None  # as where it is not installed
from cpi import plugins
from cpi.contract.errors import NotSupportedError
try:
    plugins.find_plugin({name!r})
except NotSupportedError as error:
    print(error.code, error.fix)
"""


@pytest.mark.parametrize(("name", "package"), [("aws", "boto3"), ("azure", "azure.core"), ("openstack", "openstack")])
def test_a_cloud_whose_packages_are_not_there_says_what_to_install(name: str, package: str) -> None:
    code = _WITHOUT.format(name=name, package=package)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split(" ", 1)[0] == "cloud-sdk-missing"
    assert f"pip install 'compleat[{name}]'" in done.stdout


def test_a_name_nobody_knows_is_told_with_the_nearest() -> None:
    with pytest.raises(NotFoundError) as raised:
        plugins.find_plugin("azur")
    assert (raised.value.code, raised.value.fix) == ("unknown-cloud", "Write 'azure'.")


def test_a_cloud_that_bosh_alone_has_is_told_with_its_cpi() -> None:
    with pytest.raises(NotFoundError) as raised:
        plugins.find_plugin("vsphere")
    assert (
        "`cloud: exec:/opt/vsphere-cpi/bin/cpi` in the environment's file, `exec_path` in a CPI config"
        in raised.value.fix
    )
