"""What every Configs promises."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from director.model.configs import ConfigType, KeptConfigs, StoredConfig
from director.model.ids import EnvironmentName
from director.ports.configs import Configs
from tests.contract.state_store.stores import STORES

HERE = EnvironmentName("here")
FIRST = StoredConfig(
    environment=HERE, type=ConfigType.CLOUD, name="default", content="azs: []\n", who="ann@host (pid 1)", at=3.5
)


@pytest.fixture(params=STORES)
def configs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Configs]:
    opened = STORES[request.param](tmp_path)
    yield opened.configs
    opened.close()


def test_versions_are_listed_whole_the_oldest_first_and_those_of_the_environment_alone(configs: Configs) -> None:
    assert configs.list_configs(HERE) == ()
    first = configs.save_config(FIRST, replaces=0)
    there = configs.save_config(replace(FIRST, environment=EnvironmentName("there")), replaces=0)
    assert first == replace(FIRST, number=1)
    second = configs.save_config(replace(FIRST, content="azs: [1]\n"), replaces=first.number)
    assert configs.list_configs(HERE) == (first, second)
    assert configs.list_environments() == ("here", "there")
    assert there
    configs.delete_configs([there])
    assert configs.list_environments() == ("here",)


def test_a_version_that_was_compared_with_another_than_the_current_is_not_stored(configs: Configs) -> None:
    first = configs.save_config(FIRST, replaces=0)
    assert first
    assert configs.save_config(replace(FIRST, content="b: 1\n"), replaces=0) is None
    assert configs.save_config(replace(FIRST, type=ConfigType.CPI), replaces=0)
    assert configs.save_config(replace(FIRST, name="other"), replaces=first.number) is None
    assert configs.list_configs(HERE)[0] == first


def test_without_the_newest_version_the_one_before_it_is_current_and_numbers_are_not_given_again(
    configs: Configs,
) -> None:
    first = configs.save_config(FIRST, replaces=0)
    assert first
    second = configs.save_config(replace(FIRST, content="b: 1\n"), replaces=first.number)
    assert second
    configs.delete_configs([second])
    configs.delete_configs([second])
    assert KeptConfigs(configs.list_configs(HERE)).current == (first,)
    third = configs.save_config(FIRST, replaces=first.number)
    assert third
    assert third.number == second.number + 1
