"""How many examples a test of generated ones takes, as a share of what the run takes (tests/unit/conftest.py).

Takes a share, gives the decorator.
"""

from hypothesis import settings


def share(of_all: float) -> settings:
    """For tests whose examples are costly (below 1) or whose texts are many (above 1)."""
    assert settings.default is not None
    return settings(max_examples=round(settings.default.max_examples * of_all))
