"""What a refusal of sizes, limits, addresses and disks is about, as documents have it."""

import pytest

from cpi.contract.errors import CloudError
from cpi.contract.values import Finding
from cpi.kit import judge
from cpi.kit.judge import Limit, Place, Size, VmFacts


def _of_sizes(size: Size | None, **facts: object) -> Finding:
    vm = VmFacts(name="web-0", size="m5.huge", **facts)  # type: ignore[arg-type]
    (found,) = judge.sizes([vm], Place(name="Region r", sizes={"m5.huge": size} if size else {}))
    return found


@pytest.mark.parametrize(
    ("size", "facts"),
    [
        (None, {}),
        (Size(restricted="NotAvailableForSubscription"), {}),
        (Size(zones=frozenset({"b"})), {"zones": frozenset({"a"})}),
        (Size(most_disks=1), {"disks": 2}),
        (Size(most_interfaces=1), {"interfaces": 2}),
        (Size(architectures=("arm64",)), {"architecture": "x86_64", "image": "Image 'i'"}),
    ],
)
def test_a_refused_size_names_the_size_and_then_the_vm(size: Size | None, facts: dict[str, object]) -> None:
    assert _of_sizes(size, **facts).written_names == ("m5.huge", "web-0")


def test_a_limit_that_is_passed_names_what_counts_under_it() -> None:
    load = Limit(name="n", label="l", unit="u", used=1, limit=1, asked=1, fix="F.", written_names=("m5.huge", "web-0"))
    (found,) = judge.limit(load, region="r")
    assert found.written_names == ("m5.huge", "web-0")


def test_the_error_of_a_call_is_about_what_its_finding_is_about() -> None:
    found = Finding(code="c", what="w", why="y", fix="f", property_path="a.b", written_names=("one",))
    with pytest.raises(CloudError) as raised:
        judge.require([found])
    assert Finding.of(raised.value) == found
