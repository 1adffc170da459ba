"""A release directory has a name that a file's name and a URL can hold."""

import pytest

from director.errors import InputError
from director.model.releases.release_files import ReleaseTree, TextFile
from director.releases import releases


@pytest.mark.parametrize("key", ["name", "final_name"])
@pytest.mark.parametrize("name", ["../x", "a/b", "a b", "a?b", ".", "x" * 300])
def test_a_name_that_no_file_or_url_takes_is_refused(key: str, name: str) -> None:
    text = TextFile(content=f"{key}: '{name}'\n".encode())
    with pytest.raises(InputError) as caught:
        releases.read_release_tree(ReleaseTree(origin="rel", texts={"config/final.yml": text}))
    assert (caught.value.code, caught.value.where) == ("release-name-invalid", "rel/config/final.yml:1:1")


@pytest.mark.parametrize("key", ["name", "final_name"])
def test_a_name_of_letters_digits_and_signs_is_taken(key: str) -> None:
    text = TextFile(content=f"{key}: a-1_b+c.d\n".encode())
    assert releases.read_release_tree(ReleaseTree(origin="rel", texts={"config/final.yml": text})).name == "a-1_b+c.d"
