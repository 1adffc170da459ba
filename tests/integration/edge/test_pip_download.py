"""director.edge.downloads.pip_download, with the real pip and an index that is a folder."""

import hashlib
import io
import sys
import tarfile
import venv
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from director.edge.downloads import pip_download
from director.edge.downloads.pip_download import PipFile, PipSettings
from director.errors import InputError
from director.model.releases.multi_digest import SingleDigest
from director.model.releases.release_files import BlobPin, BlobProvider

ANY = "tiny_thing-1.0-py3-none-any.whl"
ARM = "tiny_thing-1.0-cp39-cp39-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"


def _wheel(index: Path, file: str, content: str = "") -> str:
    """Make a wheel; give its digest."""
    name, version = file.split("-")[:2]
    meta = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(index / file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(f"{name}.py"), content)
        archive.writestr(
            zipfile.ZipInfo(f"{meta}/METADATA"), f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(zipfile.ZipInfo(f"{meta}/WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        archive.writestr(zipfile.ZipInfo(f"{meta}/RECORD"), "")
    return hashlib.sha256((index / file).read_bytes()).hexdigest()


def pin_of(file: str, sha256: str, object_id: str = "") -> BlobPin:
    name, version = file.split("-")[:2]
    return BlobPin(
        path=f"blobs/{file}",
        provider=BlobProvider.PYPI,
        place="",
        object_id=object_id or f"pypi:{name}/{version}/{file}",
        size=0,
        digest=SingleDigest(algorithm="sha256", value=sha256),
        where="rel/config/blobs.yml:3:1",
    )


def _settings(index: Path, **more: str) -> PipSettings:
    environment: Mapping[str, str] = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(index),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index),
        **more,
    }
    return PipSettings(python=sys.executable, environment=environment)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder


def _failure(files: list[PipFile], folder: Path, settings: PipSettings) -> InputError:
    with pytest.raises(InputError) as caught:
        pip_download.pip_download(files, folder, settings)
    assert caught.value.where == "rel/config/blobs.yml:3:1"
    return caught.value


def test_the_very_file_comes_also_when_it_is_for_another_machine(index: Path, folder: Path) -> None:
    pins = {file: pin_of(file, _wheel(index, file, content=file)) for file in (ANY, ARM)}
    file = pip_download.read_pip_file(pins[ARM])
    pip_download.pip_download([file], folder, _settings(index))
    assert (folder / ARM).read_bytes() == (index / ARM).read_bytes()
    assert not (folder / ANY).exists()


def test_several_projects_come_in_one_call(index: Path, folder: Path) -> None:
    names = [ANY, "other_thing-2.0-py2.py3-none-any.whl"]
    files = [pip_download.read_pip_file(pin_of(name, _wheel(index, name))) for name in names]
    assert pip_download.group_files(files) == [files]
    pip_download.pip_download(files, folder, _settings(index))
    assert sorted(path.name for path in folder.glob("*.whl")) == sorted(names)


def test_another_digest_is_a_mismatch_that_tells_both(index: Path, folder: Path) -> None:
    came = _wheel(index, ANY)
    error = _failure([pip_download.read_pip_file(pin_of(ANY, "a" * 64))], folder, _settings(index))
    assert error.code == "blob-digest-mismatch"
    assert error.why == f"Expected sha256:{'a' * 64}, got sha256:{came}. The download was discarded."
    assert not (folder / ANY).exists()


def test_what_the_index_does_not_have_is_told_with_pips_last_lines(index: Path, folder: Path) -> None:
    error = _failure([pip_download.read_pip_file(pin_of(ANY, "a" * 64))], folder, _settings(index))
    assert error.code == "blob-unavailable"
    assert "No matching distribution found for tiny_thing==1.0" in error.why


def test_another_file_of_the_same_version_will_not_do(index: Path, folder: Path) -> None:
    sha256 = _wheel(index, ANY)
    pin = pin_of("tiny_thing-1.0-py2.py3-none-any.whl", sha256)
    error = _failure([pip_download.read_pip_file(pin)], folder, _settings(index))
    assert (error.code, error.why) == ("blob-unavailable", f"pip reported: pip chose other files: {ANY}.")


def test_a_python_without_pip_is_told(index: Path, folder: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    python = str(tmp_path / "bare" / "bin" / "python")
    settings = PipSettings(python=python, environment=_settings(index).environment)
    file = pip_download.read_pip_file(pin_of(ANY, "a" * 64))
    assert _failure([file], folder, settings).code == "pip-absent"


def test_a_python_that_is_not_there_and_a_pip_that_hangs_are_told(index: Path, folder: Path) -> None:
    file = pip_download.read_pip_file(pin_of(ANY, "a" * 64))
    absent = PipSettings(python="/nonexistent/python", environment={})
    slow = PipSettings(python=sys.executable, environment=_settings(index).environment, timeout_s=0.001)
    assert "could not be started" in _failure([file], folder, absent).why
    assert "did not end within" in _failure([file], folder, slow).why


def test_credentials_in_what_pip_says_are_left_out(index: Path, folder: Path) -> None:
    settings = _settings(index, PIP_FIND_LINKS="http://user:word@127.0.0.1:9/", PIP_RETRIES="0")
    error = _failure([pip_download.read_pip_file(pin_of(ANY, "a" * 64))], folder, settings)
    assert "word" not in error.why


def _source_distribution(index: Path, marker: Path) -> str:
    """A source distribution whose own code, when pip runs it, leaves a marker; gives its file's name."""
    backend = f"""
import pathlib
def prepare_metadata_for_build_wheel(folder, settings=None):
    pathlib.Path({str(marker)!r}).touch()
    info = pathlib.Path(folder, "bold-1.0.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: bold\\nVersion: 1.0\\n")
    return info.name
"""
    project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    with tarfile.open(index / "bold-1.0.tar.gz", "w:gz") as archive:
        for name, text in (("pyproject.toml", project), ("backend.py", backend), ("PKG-INFO", "Name: bold\n")):
            info = tarfile.TarInfo(f"bold-1.0/{name}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return "bold-1.0.tar.gz"


def test_code_of_a_source_distribution_is_never_run_before_its_digest_is_known(
    index: Path, folder: Path, tmp_path: Path
) -> None:
    marker = tmp_path / "it-ran"
    file = _source_distribution(index, marker)
    right = hashlib.sha256((index / file).read_bytes()).hexdigest()
    named = f"pypi:bold/1.0/{file}"
    with pytest.raises(InputError) as caught:
        pip_download.pip_download([pip_download.read_pip_file(pin_of(file, "0" * 64, named))], folder, _settings(index))
    assert (caught.value.code, marker.exists()) == ("blob-digest-mismatch", False)
    by_sha1 = SingleDigest(algorithm="sha1", value=hashlib.sha1((index / file).read_bytes()).hexdigest())
    with pytest.raises(InputError) as caught:
        pip_download.read_pip_file(replace(pin_of(file, right, named), digest=by_sha1))
    assert (caught.value.code, marker.exists()) == ("blob-needs-sha256", False)
    pip_download.pip_download([pip_download.read_pip_file(pin_of(file, right, named))], folder, _settings(index))
    assert ((folder / file).exists(), marker.exists()) == (True, True)
