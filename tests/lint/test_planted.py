"""Every code that a preflight can report has a planted fault: something that is wrong on purpose, and is found."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support import planted as memory
from tests.support import preflight_codes
from tests.support.aws import planted as aws
from tests.support.azure import planted as azure
from tests.support.kit.planted import codes_of
from tests.support.openstack import planted as openstack
from tests.support.sources import Source
from tests.unit.cpi.clouds.openstack.preflight import planted as openstack_canned

_ROOT = Path(__file__).parents[2]

TABLES: Mapping[str, frozenset[str]] = {
    "aws": frozenset({*aws.FAULTS, *aws.SHUT, *aws.REMARKS}),
    "azure": frozenset({*azure.FAULTS, *azure.SHUT, *azure.REMARKS}),
    "openstack": frozenset(
        {*openstack.ALONE, *openstack.PLANTED, *openstack_canned.PLANTED, *openstack_canned.REMARKS}
    ),
    "memory": frozenset(fault.finding for fault in memory.FAULTS),
}
"""What is planted by cloud, by its code and after a colon which of several with that code."""

BY_A_TEST_OF_ITS_OWN: Mapping[str, Mapping[str, str]] = {
    "aws": {
        "credentials-expiring": "tests/integration/aws/test_preflight.py",
        "dns-name-taken": "tests/integration/aws/test_dns_names.py",
        "quota-left": "tests/integration/aws/test_preflight.py",
    },
    "azure": {
        "quota-left": "tests/integration/azure/test_preflight.py",
        "principal-file-unusable": "tests/integration/azure/test_create_principal.py",
    },
    "openstack": {
        "credentials-expiring": "tests/support/openstack/planted.py",
        "permissions-doubtful": "tests/support/openstack/planted.py",
        "quota-left": "tests/unit/cpi/clouds/openstack/test_landing_zone.py",
    },
    "memory": {"quota-left": "tests/unit/director/app/test_plan_before_up.py"},
}
"""Codes that a test plants by itself, and its file."""

_SHARED = "the kit's judge reports it for clouds that state the fact; this one states none"
NOT_REPORTED: Mapping[str, Mapping[str, str]] = {
    "aws": {
        "landing-incomplete": "raised by creations alone: they share the name of a method with a check",
        "list-endless": "a server without end, which no plan has: 200 pages of records",
        "not-visible-yet": "raised by creations alone: they share the name of a method with a check",
    },
    "azure": {"volume-iops-missing": _SHARED, "prefix-without-address": "VMs are given no blocks here"},
    "openstack": {
        "prefix-without-address": "VMs are given no blocks here",
        "ipv6-without-ipv4": "an interface without IPv4 is possible here",
        "credentials-expired": "Keystone refuses the sign-in then: credentials-refused",
    },
    "memory": {
        "account-warned": _SHARED,
        "too-many-interfaces": _SHARED,
        "unknown-disk": "raised by calls alone: they share the name of a method with a check",
        "unknown-vm": "raised by calls alone: they share the name of a method with a check",
    },
}
"""Codes that the reading of the sources finds and no preflight of the cloud reports, each with the reason."""


def _unplanted(sources: tuple[Source, ...], cloud: str) -> set[str]:
    codes = {one.code for one in preflight_codes.reported(sources, cloud)}
    planted = codes_of(TABLES[cloud])
    return codes - planted - BY_A_TEST_OF_ITS_OWN[cloud].keys() - NOT_REPORTED[cloud].keys()


@pytest.mark.parametrize("cloud", TABLES)
def test_each_code_of_a_preflight_has_a_planted_fault(sources: tuple[Source, ...], cloud: str) -> None:
    assert _unplanted(sources, cloud) == set(), "plant it in the cloud's table"


@pytest.mark.parametrize("cloud", TABLES)
def test_no_exception_is_left_over(sources: tuple[Source, ...], cloud: str) -> None:
    codes = {one.code for one in preflight_codes.reported(sources, cloud)}
    planted = codes_of(TABLES[cloud])
    excepted = BY_A_TEST_OF_ITS_OWN[cloud].keys() | NOT_REPORTED[cloud].keys()
    assert (excepted - codes, excepted & planted) == (set(), set())


def test_a_test_of_its_own_names_its_code() -> None:
    found = [
        (code, file)
        for by_code in BY_A_TEST_OF_ITS_OWN.values()
        for code, file in by_code.items()
        if f'"{code}"' not in (_ROOT / file).read_text()
    ]
    assert found == []
