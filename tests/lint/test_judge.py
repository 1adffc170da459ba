"""A plan is judged in one text for all clouds.

What a preflight can report is read from the code: every function that it leads to.
"""

from collections import defaultdict
from collections.abc import Mapping

import pytest

from tests.support import preflight_codes
from tests.support.error_codes import Raised
from tests.support.sources import Source

CLOUDS = ("aws", "azure", "external", "local", "memory", "openstack")


@pytest.fixture(scope="module")
def reported(sources: tuple[Source, ...]) -> Mapping[str, tuple[Raised, ...]]:
    """By cloud."""
    return {cloud: preflight_codes.reported(sources, cloud) for cloud in CLOUDS}


def test_no_cloud_has_words_of_its_own_for_what_two_clouds_report(
    reported: Mapping[str, tuple[Raised, ...]],
) -> None:
    words: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for cloud, places in reported.items():
        for place in places:
            if place.place.startswith("cpi/clouds/"):
                words[place.code][cloud].add(place.what)
    apart = {
        code: sorted(by_cloud)
        for code, by_cloud in words.items()
        if len(by_cloud) > 1 and len(set().union(*by_cloud.values())) > 1
    }
    assert apart == {}
