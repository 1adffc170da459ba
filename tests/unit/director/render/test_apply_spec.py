"""What the guest is sent names everything it installs."""

import pytest

from director.errors import Bug
from director.model.ids import Digest
from director.model.rendered import RenderedFile
from director.model.secret_ref import SecretRef
from director.model.state import Applied
from director.model.work import InstanceSpec
from director.render.apply_spec import applied_spec, apply_arguments
from tests.unit.director.render.builders import build_job, build_spec


def test_apply_gets_the_spec_the_packages_and_the_files() -> None:
    applied = Applied(configuration_hash="h", packages={"ruby": "k2", "app": "k1"}, jobs=("web",))
    rendered = {"web": {"monit": RenderedFile(content=b"m"), "bin/run": RenderedFile(content=b"r", is_executable=True)}}
    digests = {"k1": Digest("sha256:1"), "k2": Digest("sha256:2")}
    assert apply_arguments(build_spec(build_job({})), applied, rendered=rendered, digests=digests) == {
        "spec": {
            "deployment": "store",
            "name": "front",
            "index": 2,
            "id": "i-1",
            "az": "z1",
            "bootstrap": False,
            "ip": "10.0.0.9",
            "address": "10.0.0.9",
            "networks": {"default": {"ip": "10.0.0.9", "type": "manual"}},
            "persistent_disk": 0,
            "configuration_hash": "h",
            "jobs": ["web"],
            "packages": [
                {"name": "app", "version": "k1", "digest": "sha256:1"},
                {"name": "ruby", "version": "k2", "digest": "sha256:2"},
            ],
        },
        "files": {
            "web": {
                "bin/run": {"content_base64": "cg==", "is_executable": True},
                "monit": {"content_base64": "bQ==", "is_executable": False},
            }
        },
    }


def test_a_secret_never_becomes_part_of_the_kept_spec() -> None:
    spec = InstanceSpec(jobs=(), spec={"networks": {"a": [SecretRef(name="s")]}})
    with pytest.raises(Bug):
        applied_spec(spec, Applied(configuration_hash="h"), {})
