"""Empty git submodules of a release directory are one problem that names them all."""

from pathlib import Path

import pytest

from director.edge.releases import release_directory
from director.errors import InputError, Problems
from director.releases import releases

MODULES = """\
[submodule "guardian"]
\tpath = src/guardian
\turl = https://example.org/guardian
[submodule "deep"]
    path = src/org/deep
[submodule "full"]
\tpath = src/full
[submodule "unused"]
\tpath = src/unused
[submodule "docs"]
\tpath = docs/theme
"""


def _problems(root: Path, files: str) -> dict[str, list[str]]:
    written = {
        ".gitmodules": MODULES,
        "config/final.yml": "name: shop\n",
        "packages/app/spec": f"name: app\nfiles: {files}\n",
        "packages/app/packaging": "true\n",
        "src/full/main.go": "package main\n",
    }
    for path, text in written.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for folder in ("guardian", "org/deep", "unused"):
        (root / "src" / folder).mkdir(parents=True)
    try:
        releases.read_release_tree(release_directory.read_tree(root))
    except InputError as error:
        found = error.problems if isinstance(error, Problems) else (error,)
        return {code: [one.what for one in found if one.code == code] for code in {one.code for one in found}}
    return {}


def test_all_of_them_are_one_problem(tmp_path: Path) -> None:
    files = "[guardian/**/*.go, guardian/go.mod, 'org/*/main.go', full/*]"
    assert _problems(tmp_path, files) == {
        "release-submodules-empty": ["Git submodules of the release are not checked out: src/guardian, src/org/deep."]
    }


def test_a_glob_outside_them_is_told_as_before_and_beside_them(tmp_path: Path) -> None:
    reported = _problems(tmp_path, "[guardian/a, full/none, guardians/a]")
    assert reported["package-files-missing"] == ["No file matches 'full/none'.", "No file matches 'guardians/a'."]
    assert len(reported["release-submodules-empty"]) == 1


@pytest.mark.parametrize("files", ["[full/main.go]", "[full/**/*]", "['**/*.go']"])
def test_one_that_no_package_needs_is_no_problem(tmp_path: Path, files: str) -> None:
    assert _problems(tmp_path, files) == {}
