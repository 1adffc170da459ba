"""What is recorded of a disk's size where the cloud has whole GiB."""

import pytest

from director.model.environments import disk_sizes


@pytest.mark.parametrize(
    ("reported", "requested", "recorded"),
    [
        (2048, 1500, 1500),
        (2048, 2048, 2048),
        (2048, 1024, 2048),
        (1024, 2048, 1024),
        (1600, 1500, 1600),
    ],
)
def test_the_requested_size_is_recorded_where_the_cloud_rounded_it_up(
    reported: int, requested: int, recorded: int
) -> None:
    assert disk_sizes.recorded_mib(reported, requested) == recorded
