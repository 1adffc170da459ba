"""Names of environments, which become names of files and folders."""

import pytest

from director.app.sessions.settings import Settings, check_environment
from director.errors import InputError
from director.model.ids import EnvironmentName


@pytest.mark.parametrize("name", ["a", "eu-1.prod_x", "x" * 100])
def test_a_name_that_can_be_a_files_is_taken(name: str) -> None:
    check_environment(Settings(home="/home", environment=EnvironmentName(name)))


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\nb", "a%41", "-x", "x" * 101, "x" * 300])
def test_a_name_that_leads_elsewhere_or_is_too_long_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        check_environment(Settings(home="/home", environment=EnvironmentName(name)))
    assert (caught.value.code, len(caught.value.what) < 200) == ("bad-environment-name", True)
