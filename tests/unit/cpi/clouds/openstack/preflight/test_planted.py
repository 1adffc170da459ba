"""Planted faults that no recording has: each is found, alone, and a plan without one draws no finding."""

from pathlib import Path

import pytest

from tests.unit.cpi.clouds.openstack.preflight.planted import PLANTED, REMARKS, Stand, coming


def test_a_plan_without_a_fault_draws_no_finding(tmp_path: Path) -> None:
    assert Stand(folder=tmp_path).findings() == ()


def test_a_free_address_of_a_network_to_come_draws_no_finding(tmp_path: Path) -> None:
    stand = Stand(folder=tmp_path)
    coming(stand, "10.7.0.9")
    assert stand.findings() == ()


@pytest.mark.parametrize("fault", [*PLANTED, *REMARKS])
def test_a_planted_fault_is_found_and_no_other(fault: str, tmp_path: Path) -> None:
    stand = Stand(folder=tmp_path)
    {**PLANTED, **REMARKS}[fault](stand)
    found = stand.findings()
    assert {(one.code, one.is_fatal) for one in found} == {(fault.partition(":")[0], fault in PLANTED)}
    assert all(one.what and one.why and one.fix for one in found)
