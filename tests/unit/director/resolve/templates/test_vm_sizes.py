"""VM sizes by the names of templates."""

import pytest

from director.resolve.templates import vm_sizes


@pytest.mark.parametrize(
    ("name", "cores", "gib"),
    [
        ("Standard_B1s", 1, 1),
        ("Standard_B2ms", 2, 8),
        ("Standard_B2ts_v2", 2, 1),
        ("Standard_B4als_v2", 4, 8),
        ("Standard_D2_v2", 2, 7),
        ("Standard_DS3_v2", 4, 14),
        ("Standard_D4s_v5", 4, 16),
        ("standard_d8ads_v5", 8, 32),
        ("Standard_D4ls_v5", 4, 8),
        ("Standard_E8-4ds_v5", 8, 64),
        ("Standard_F4s_v2", 4, 8),
        ("Standard_A2m_v2", 2, 16),
        ("Standard_A1", 1, 1.75),
        ("Basic_A3", 4, 7),
    ],
)
def test_cores_and_memory(name: str, cores: int, gib: int) -> None:
    found = vm_sizes.find_size(name)
    assert found is not None
    assert (found.cores, found.ram_mib) == (cores, gib * 1024)


@pytest.mark.parametrize("name", ["", "Standard_", "B2s", "Standard_B3s", "Standard_NC6", "Standard_D0s_v5", "x" * 999])
def test_others_are_not_known(name: str) -> None:
    assert vm_sizes.find_size(name) is None
