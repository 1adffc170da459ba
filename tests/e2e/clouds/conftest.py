"""One platform for each emulated cloud, up; every test of a module looks at it or changes it and leaves it whole."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import pytest

from tests.e2e.clouds import on_aws, on_azure
from tests.e2e.clouds import place as places
from tests.e2e.clouds.place import Place
from tests.support.bodies import ground
from tests.support.command import Compleat, Ran

PLACES: Mapping[str, Callable[[], AbstractContextManager[Place]]] = {
    "aws": on_aws.opened,
    "azure": on_azure.opened,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """`first` is how its `up` ended, `before` what the cloud held before it."""

    compleat: Compleat
    place: Place
    first: Ran
    before: tuple[str, ...]


@pytest.fixture(scope="module", params=PLACES)
def platform(request: pytest.FixtureRequest, new_compleat: Callable[[], Compleat]) -> Iterator[Platform]:
    if ground.missing():
        pytest.skip(ground.missing())
    compleat = replace(new_compleat(), is_warm=True)
    with PLACES[request.param]() as place:
        places.write_environment(compleat, place)
        before = tuple(place.held())
        try:
            first = compleat.run("up", "-n", "--json", timeout_s=300)
            yield Platform(compleat=compleat, place=place, first=first, before=before)
        finally:
            compleat.run("down", "-n")
