"""What a path of the resource manager names."""

import pytest

from cpi.clouds.azure.wire import arm_paths

GROUP = "/subscriptions/s/resourceGroups/g"


@pytest.mark.parametrize(
    ("path", "kind", "names", "is_in_group"),
    [
        (GROUP, "resourcegroups", ("g",), False),
        (f"{GROUP}/resources", "resourcegroups/resources", ("g",), False),
        (f"{GROUP}/providers/Microsoft.Compute/disks", "microsoft.compute/disks", ("g",), True),
        (f"{GROUP}/providers/Microsoft.Compute/disks/d", "microsoft.compute/disks", ("g", "d"), True),
        (
            f"{GROUP}/providers/Microsoft.Network/virtualNetworks/n/subnets/x",
            "microsoft.network/virtualnetworks/subnets",
            ("g", "n", "x"),
            True,
        ),
        (
            f"{GROUP}/providers/Microsoft.Compute/virtualMachines/v/restart",
            "microsoft.compute/virtualmachines/restart",
            ("g", "v"),
            True,
        ),
        ("/subscriptions/s/providers/Microsoft.Compute/skus", "microsoft.compute/skus", (), False),
        (
            "/subscriptions/s/providers/Microsoft.Compute/locations/l/usages",
            "microsoft.compute/locations/usages",
            ("l",),
            False,
        ),
        ("/subscriptions/s/providers/Microsoft.Compute", "providers", ("Microsoft.Compute",), False),
        ("/subscriptions/s/providers/Microsoft.Compute/register", "providers/register", ("Microsoft.Compute",), False),
    ],
)
def test_a_path_names_a_kind_and_the_names_on_the_way(
    path: str, kind: str, names: tuple[str, ...], is_in_group: bool
) -> None:
    found = arm_paths.ArmTarget(subscription="s", kind=kind, names=names, is_in_group=is_in_group)
    assert arm_paths.read_target(path) == found


@pytest.mark.parametrize("path", ["/subscriptions/s", "/subscriptions/s/locations", "/v1.0/applications", "/", ""])
def test_a_path_without_a_resource_names_nothing(path: str) -> None:
    assert arm_paths.read_target(path) is None
