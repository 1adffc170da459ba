"""Planted faults that no recording has: each is found, alone, and a plan without one draws no finding."""

from pathlib import Path

import pytest

from tests.unit.cpi.clouds.openstack.preflight.planted import PLANTED, REMARKS, Stand


def test_a_plan_without_a_fault_draws_no_finding(tmp_path: Path) -> None:
    assert Stand(folder=tmp_path).findings() == ()


@pytest.mark.parametrize("code", [*PLANTED, *REMARKS])
def test_a_planted_fault_is_found_and_no_other(code: str, tmp_path: Path) -> None:
    stand = Stand(folder=tmp_path)
    {**PLANTED, **REMARKS}[code](stand)
    found = stand.findings()
    assert {(one.code, one.is_fatal) for one in found} == {(code, code in PLANTED)}
    assert all(one.what and one.why and one.fix for one in found)
